import { describe, expect, it } from 'vitest'
import { builtIns, intervalFor, writeInterval } from './built-in.ts'
import { chooseValues, toVariable } from './choice.ts'
import { readVariables, type VariableDefinition } from './definition.ts'
import { interpolate, regexDialect } from './interpolate.ts'
import { inRounds } from './order.ts'

function define(json: object): VariableDefinition {
  const [variable] = readVariables({ list: [json] })
  if (variable === undefined) throw new Error('no variable')
  return variable
}

const options = ['a', 'b'].map((value) => ({ text: value.toUpperCase(), value }))

describe('what is chosen', () => {
  const all = { name: 'v', type: 'query', includeAll: true, multi: true }
  const cases: [string, object, string[] | undefined, string[]][] = [
    ['the address before the dashboard', { ...all, current: { value: ['a'] } }, ['b'], ['b']],
    ['the dashboard', { ...all, current: { value: ['a'] } }, undefined, ['a']],
    ['what is gone is not', { ...all, current: { value: ['gone'] } }, undefined, ['$__all']],
    ['the first', { name: 'v', type: 'query', current: { value: 'gone' } }, undefined, ['a']],
    ['one of several', { name: 'v', type: 'query' }, ['b', 'a'], ['b']],
    ['all, as old dashboards write it', { ...all, current: { text: 'All', value: 'All' } }, undefined, ['$__all']],
    ['what somebody typed', { name: 'v', type: 'query' }, ['new'], ['new']],
    ['a text', { name: 'v', type: 'textbox', query: 'default' }, ['typed'], ['typed']],
    ['a constant', { name: 'v', type: 'constant', query: 'k' }, undefined, ['k']],
  ]
  it.each(cases)('%s', (_, json, asked, expected) => {
    expect(chooseValues(define(json), options, asked)).toEqual(expected)
  })

  it('all stands for every option, or for its own text', () => {
    const plain = toVariable(define(all), options, ['$__all'])
    expect([plain.values, plain.texts]).toEqual([['a', 'b'], ['All']])
    const own = toVariable(define({ ...all, allValue: '.+' }), options, ['$__all'])
    expect(interpolate('{x=~"$v"}', new Map([['v', own]]), regexDialect)).toBe('{x=~".+"}')
  })
})

describe('the order', () => {
  it('puts variables behind those that they need, and does not hang on a circle', () => {
    const list = [
      { name: 'pod', type: 'query', query: 'label_values(x{ns="$ns"}, pod)' },
      { name: 'ns', type: 'query', query: 'label_values(x{c="$c"}, ns)', datasource: { uid: '${ds}' } },
      { name: 'c', type: 'custom', query: 'a,b' },
      { name: 'ds', type: 'datasource', query: 'prometheus' },
      { name: 'm', type: 'query', query: '$n' },
      { name: 'n', type: 'query', query: '$m' },
    ]
    const rounds = inRounds(readVariables({ list })).map((round) => round.map(({ name }) => name))
    expect(rounds).toEqual([['c', 'ds'], ['ns'], ['pod'], ['m', 'n']])
  })
})

describe('what every query has', () => {
  it('steps are round, as Grafana rounds them', () => {
    const hour = { fromMs: 0, toMs: 3_600_000 }
    expect([100, 250, 500, 1_000].map((points) => intervalFor(hour, points, 0))).toEqual([30_000, 15_000, 5_000, 5_000])
    expect(intervalFor(hour, 1_000, 15_000)).toBe(15_000)
  })

  it('is there by name', () => {
    const variables = builtIns({ range: { fromMs: 0, toMs: 3_600_000 }, stepMs: 30_000, dashboard: 'D' })
    const text = 'rate(x[$__rate_interval]) + $__interval_ms + x[$__range] + ${__from} $__dashboard'
    expect(interpolate(text, variables, regexDialect)).toBe('rate(x[1m]) + 30000 + x[3600s] + 0 D')
    expect([45_000, 90_000, 7_200_000, 500].map(writeInterval)).toEqual(['45s', '90s', '2h', '500ms'])
  })
})
