import { describe, expect, it } from 'vitest'
import { configOf } from '../fields/config.ts'
import { mapValue, readMappings } from '../fields/mappings.ts'
import type { Field } from '../frame.ts'
import type { Json } from '../json.ts'
import { asKind, mappingRows, writeMappings } from './mappings.ts'
import { firstOptionsOf, MATCHERS, PROPERTIES, propertyOf, readChoice, writeChoice } from './properties.ts'
import { fieldsOf, fromLines, fromPairs, readOption, toLines, toPairs, writeOption } from './transformations.ts'

describe('value mappings, line by line', () => {
  const mappings: readonly Json[] = [
    {
      type: 'value',
      options: { 0: { text: 'down', color: 'red', index: 1 }, up: { text: 'up', index: 0, icon: 'kept' } },
    },
    { type: 'range', options: { from: 1, to: null, result: { text: 'many', index: 2 } } },
    { type: 'regex', options: { pattern: '(.*)-prd', result: { text: '$1', index: 3 } } },
    { type: 'special', options: { match: 'null+nan', result: { text: 'none', index: 4 } } },
  ]

  it('are what they were when nothing is changed', () => {
    const rows = mappingRows({ mappings })
    expect(rows.map(({ kind }) => kind)).toEqual(['value', 'value', 'range', 'regex', 'special'])
    expect(rows[0]).toMatchObject({ value: 'up', result: { icon: 'kept' } })
    const again = readMappings({ mappings: writeMappings(rows) })
    expect(['up', '0', 7, 'eu-prd', null].map((value) => mapValue(value, again)?.text)).toEqual([
      'up',
      'down',
      'many',
      'eu',
      'none',
    ])
  })

  it('take those of older dashboards', () => {
    const old = mappingRows({
      mappings: [
        { type: 1, value: '1', text: 'one' },
        { type: 1, value: 'null', text: 'N/A' },
        { type: 2, from: '2', to: '5', text: 'some' },
      ],
    })
    const written = readMappings({ mappings: writeMappings(old) })
    expect([1, null, 3, 6].map((value) => mapValue(value, written)?.text)).toEqual(['one', 'N/A', 'some', undefined])
  })

  it('keep a value that stands twice', () => {
    const row = (text: string) => ({ kind: 'value', value: '1', result: { text } }) as const
    expect(mappingRows({ mappings: writeMappings([row('a'), row('b')]) }).map(({ result }) => result['text'])).toEqual([
      'a',
      'b',
    ])
    expect(asKind('range', { text: 'a' })).toEqual({
      kind: 'range',
      from: undefined,
      to: undefined,
      result: { text: 'a' },
    })
  })
})

describe('overrides', () => {
  const field = (name: string, values: (number | null)[]): Field => ({
    name: 'Value',
    displayName: name,
    labels: {},
    type: 'number',
    values,
  })
  const isMatched = (matcher: Json, one: Field): boolean =>
    configOf({ overrides: [{ matcher, properties: [{ id: 'unit', value: 's' }] }] }, { field: one, refId: 'B' })[
      'unit'
    ] === 's'

  it.each([
    [{ id: 'byName', options: 'errors' }, true],
    [{ id: 'byRegexp', options: 'err' }, false],
    [{ id: 'byRegexp', options: '/err/' }, true],
    [{ id: 'byRegexp', options: 'err.*' }, true],
    [{ id: 'byNames', options: { mode: 'exclude', names: ['errors'] } }, false],
    [{ id: 'byRegexpOrNames', options: { names: [], pattern: '/ors$/' } }, true],
    [{ id: 'byType', options: 'number' }, true],
    [{ id: 'byTypes', options: ['string', 'number'] }, true],
    [{ id: 'numeric' }, true],
    [{ id: 'byFrameRefID', options: 'A' }, false],
    [{ id: 'byFrameRefID', options: 'B' }, true],
    [{ id: 'byValue', options: { reducer: 'max', op: 'gt', value: 4 } }, true],
    [{ id: 'byValue', options: { reducer: 'max', op: 'lte', value: 4 } }, false],
    [{ id: 'byValue', options: { reducer: 'allIsZero', op: 'gte', value: 0 } }, false],
  ])('%j: %s', (matcher, expected) => expect(isMatched(matcher, field('errors', [1, null, 5]))).toBe(expected))

  it('find series without a value other than zero', () => {
    const isZero = { id: 'byValue', options: { reducer: 'allIsZero', op: 'gte', value: 0 } }
    expect(isMatched(isZero, field('a', [0, 0, null]))).toBe(true)
    expect(isMatched({ id: 'byValue', options: { reducer: 'allIsNull' } }, field('a', [null]))).toBe(true)
  })

  it('begin with what can be read, and choices keep what stands beside them', () => {
    for (const { id } of MATCHERS)
      expect(isMatched({ id, options: firstOptionsOf(id) }, field('x', [1]))).toBeTypeOf('boolean')
    expect(new Set(PROPERTIES.map(({ id }) => id)).size).toBe(PROPERTIES.length)
    expect(propertyOf('custom.unheard')).toMatchObject({ kind: 'json' })
    const { kind } = propertyOf('custom.stacking')
    if (typeof kind !== 'object') throw new Error('stacking is chosen')
    expect(writeChoice({ mode: 'none', group: 'B' }, 'percent', kind)).toEqual({ mode: 'percent', group: 'B' })
    expect(readChoice({ mode: 'normal' }, kind)).toBe('normal')
  })
})

describe('options of transformations', () => {
  it('are read and written at their places; what else is there stays', () => {
    const options = { sort: [{ field: 'a', kept: 1 }], other: true }
    expect(readOption(options, ['sort', '0', 'field'])).toBe('a')
    expect(writeOption(options, ['sort', '0', 'desc'], true)).toEqual({
      sort: [{ field: 'a', kept: 1, desc: true }],
      other: true,
    })
    expect(writeOption({}, ['binary', 'left'], 'a')).toEqual({ binary: { left: 'a' } })
  })

  it('are lines and pairs', () => {
    expect(toLines({ a: true, b: false })).toBe('a')
    expect(fromLines(' a \n\nb', ['excludeByName'])).toEqual({ a: true, b: true })
    expect(fromLines('a\nb', ['include', 'names'])).toEqual(['a', 'b'])
    expect(fromPairs(toPairs({ 'Value #A': 'CPU = all', b: '' }))).toEqual({ 'Value #A': 'CPU = all', b: '' })
    expect(fromPairs('Value #A = CPU')).toEqual({ 'Value #A': 'CPU' })
  })

  it('of a calculation are those of its mode', () => {
    const names = (mode: string): readonly string[] =>
      (fieldsOf('calculateField', { mode }) ?? []).map(({ path }) => path[0] ?? '')
    expect(names('binary')).not.toContain('reduce')
    expect(names('reduceRow')).not.toContain('binary')
    expect(fieldsOf('groupBy', {})).toBeUndefined()
  })
})
