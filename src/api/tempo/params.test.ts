import { describe, expect, it } from 'vitest'
import { Params } from '../handlers/params.ts'
import { metricsRange, stepParameter } from './params.ts'
import { needOfTyped } from './tag-filter.ts'
import { toKeyValues } from './values.ts'

const NOW_MS = 1_767_225_600_000
const NOW = 1_767_225_600_000_000_000n
const HOUR = 3_600_000_000_000n
const of = (query: string): Params => new Params({ route: 'tempo.search', path: {}, query, form: '', headers: {} })

describe('the range of a metrics query', () => {
  const cases: readonly (readonly [string, bigint, bigint])[] = [
    ['', NOW - HOUR, NOW],
    ['since=3h', NOW - 3n * HOUR, NOW],
    ['since=1d', NOW - 24n * HOUR, NOW],
    ['start=1767222000', NOW - HOUR, NOW],
    ['start=1767222000.5', NOW - HOUR + 500_000_000n, NOW],
    ['start=1767222000000000000&end=1767222000000000001', NOW - HOUR, NOW - HOUR + 1n],
    ['start=2025-12-31T23:00:00Z&end=2026-01-01T02:00:00.5%2B02:00', NOW - HOUR, NOW + 500_000_000n],
    ['start=2025-12-31T23:00:00Z&end=2026-01-01T02:00:00+02:00', NOW - HOUR, NOW],
    ['end=1767222000&since=15m', NOW - HOUR - HOUR / 4n, NOW - HOUR],
  ]
  it.each(cases)('%s', (query, startNs, endNs) => {
    expect(metricsRange(of(query), NOW_MS)).toEqual({ startNs, endNs })
  })
})

describe('the step', () => {
  const second = 1_000_000_000n
  const cases: readonly (readonly [string, bigint, bigint])[] = [
    ['', HOUR, 15n * second],
    ['', 24n * HOUR, 360n * second],
    ['', HOUR / 4n, 3n * second],
    ['', 60n * second, second],
    ['step=30', HOUR, 30n * second],
    ['step=0.5', HOUR, second / 2n],
    ['step=1m30s', HOUR, 90n * second],
    ['step=100ms', HOUR, second / 10n],
    ['step=1d', HOUR, 86_400n * second],
  ]
  it.each(cases)('%s of a range of %s', (query, range, step) => {
    expect(stepParameter(of(query), range)).toBe(step)
  })
})

describe('what is typed narrows as far as it can be read', () => {
  const all = { kind: 'all' }
  const status = needOfTyped('{ status = error }')
  it('reads a whole filter', () => {
    expect(status).toMatchObject({ kind: 'compare', operator: '=' })
  })
  const cases: readonly (readonly [string, unknown])[] = [
    ['', all],
    ['{', all],
    ['{}', all],
    ['{ resource.cluster = }', all],
    ['} nonsense {', all],
    ['{ status = error && name = }', { kind: 'and', of: [status] }],
    ['{ name =  && status = error', { kind: 'and', of: [status] }],
    // Beside `||` what can not be read may hold for anything.
    ['{ status = error || name = }', all],
    ['{ status = error } && { name = "x" }', all],
    ['{} | rate()', all],
  ]
  it.each(cases)('%s', (q, need) => {
    expect(needOfTyped(q)).toEqual(need)
  })
})

it('writes values as attributes, words and durations as texts', () => {
  expect(
    toKeyValues([
      { name: 'a', value: { type: 'int', value: 9007199254740993n } },
      { name: 'b', value: { type: 'float', value: Infinity } },
      { name: 'c', value: { type: 'duration', value: 1_500_000_000n } },
      { name: 'd', value: { type: 'status', value: 2 } },
      { name: 'e', value: { type: 'kind', value: 3 } },
      { name: 'f', value: { type: 'nil' } },
      { name: 'g', value: { type: 'array', items: [{ type: 'bool', value: false }] } },
      { name: 'h', value: { type: 'array', items: [] } },
    ]).map(({ value }) => value),
  ).toEqual([
    { intValue: '9007199254740993' },
    { doubleValue: 'Infinity' },
    { stringValue: '1.5s' },
    { stringValue: 'error' },
    { stringValue: 'client' },
    { stringValue: 'nil' },
    { arrayValue: { values: [{ boolValue: false }] } },
    { arrayValue: {} },
  ])
})
