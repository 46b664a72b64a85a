import { describe, expect, it } from 'vitest'
import type { Field } from '../frame.ts'
import { configOf, customOf, decimalsOf, unitOf } from './config.ts'
import { mapValue, readMappings } from './mappings.ts'
import { reduce, toReducer } from './reduce.ts'
import { readThresholds, thresholdOf } from './thresholds.ts'
import { writeValue } from './units.ts'

const field = (name: string, displayName?: string): Field => {
  const base = { name, labels: {}, type: 'number', values: [1] } as const
  return displayName === undefined ? base : { ...base, displayName }
}

describe('overrides', () => {
  const config = {
    defaults: { unit: 's', custom: { fillOpacity: 10, lineWidth: 1 } },
    overrides: [
      {
        matcher: { id: 'byName', options: 'errors' },
        properties: [
          { id: 'unit', value: 'percentunit' },
          { id: 'custom.fillOpacity', value: 50 },
        ],
      },
      { matcher: { id: 'byRegexp', options: '/^err/' }, properties: [{ id: 'decimals', value: 2 }] },
      { matcher: { id: 'byFrameRefID', options: 'B' }, properties: [{ id: 'unit', value: 'bytes' }] },
      { matcher: { id: 'byType', options: 'string' }, properties: [{ id: 'unit', value: 'none' }] },
    ],
  }
  it('change what they fit, and leave the rest', () => {
    const errors = configOf(config, { field: field('Value', 'errors'), refId: 'A' })
    expect([unitOf(errors), decimalsOf(errors), customOf(errors)]).toEqual([
      'percentunit',
      2,
      { fillOpacity: 50, lineWidth: 1 },
    ])
    const others = configOf(config, { field: field('Value', 'others'), refId: 'A' })
    expect([unitOf(others), decimalsOf(others)]).toEqual(['s', undefined])
    expect(unitOf(configOf(config, { field: field('x'), refId: 'B' }))).toBe('bytes')
  })
})

describe('mappings', () => {
  const mappings = readMappings({
    mappings: [
      { type: 'value', options: { '0': { text: 'down', color: 'red' }, up: { text: 'UP' } } },
      { type: 'range', options: { from: 10, to: 20, result: { text: 'some' } } },
      { type: 'regex', options: { pattern: '/pod-(.*)/', result: { text: 'P $1' } } },
      { type: 'special', options: { match: 'null+nan', result: { text: 'nothing' } } },
    ],
  })
  const cases: [number | string | null, string | undefined][] = [
    [0, 'down'],
    ['up', 'UP'],
    [15, 'some'],
    [20, 'some'],
    [21, undefined],
    ['pod-x', 'P x'],
    [null, 'nothing'],
    [Number.NaN, 'nothing'],
  ]
  it.each(cases)('%s is shown as %s', (value, text) => {
    expect(mapValue(value, mappings)?.text).toBe(text)
  })
})

describe('thresholds', () => {
  const steps = [
    { value: null, color: 'green' },
    { value: 80, color: 'red' },
  ]
  it('are reached from their value on', () => {
    const absolute = readThresholds({ thresholds: { mode: 'absolute', steps } })
    const percentage = readThresholds({ thresholds: { mode: 'percentage', steps } })
    if (absolute === undefined || percentage === undefined) throw new Error('no thresholds')
    const extent = { min: 0, max: 10 }
    expect([79.9, 80].map((value) => thresholdOf(value, absolute, extent)?.color)).toEqual(['green', 'red'])
    expect([7.9, 8].map((value) => thresholdOf(value, percentage, extent)?.color)).toEqual(['green', 'red'])
    expect(readThresholds({})).toBeUndefined()
  })
})

describe('reduce', () => {
  const values = [null, 4, 2, 2, 8, null]
  const cases: [string, number | null][] = [
    ['lastNotNull', 8],
    ['current', 8],
    ['last', null],
    ['first', null],
    ['firstNotNull', 4],
    ['min', 2],
    ['max', 8],
    ['mean', 4],
    ['avg', 4],
    ['sum', 16],
    ['count', 6],
    ['nonNullCount', 4],
    ['range', 6],
    ['diff', 4],
    ['diffperc', 1],
    ['delta', 8],
    ['median', 3],
    ['changeCount', 4],
    ['distinctCount', 4],
    ['allIsNull', 0],
    ['step', 0],
    ['variance', 6],
  ]
  it.each(cases)('%s', (name, expected) => {
    const reducer = toReducer(name)
    if (reducer === undefined) throw new Error(`no reducer ${name}`)
    expect(reduce(values, reducer)).toBe(expected)
  })

  it('has nothing to say of nothing', () => {
    expect([reduce([], 'mean'), reduce([null], 'max'), reduce([1, 2, 3, 4, 5], 'p90')]).toEqual([null, null, 5])
  })
})

describe('writeValue', () => {
  const cases: [number | null, string, number | undefined, string, string][] = [
    [1_536, 'bytes', undefined, '1.5', 'KiB'],
    [1_500, 'decbytes', undefined, '1.5', 'kB'],
    [1_536, 'binBps', undefined, '1.5', 'KiB/s'],
    [0.25, 'percentunit', undefined, '25', '%'],
    [1_500, 'ms', undefined, '1.5', 's'],
    [0.0123, 's', 1, '12.3', 'ms'],
    [12.345, 'none', 2, '12.35', ''],
    [1_234, 'currencyUSD', undefined, '$1.23', 'k'],
    [60, 'reqps', undefined, '60', 'req/s'],
    [3, 'suffix: apples', undefined, '3', ' apples'],
    [3, 'parsecs', undefined, '3', 'parsecs'],
    [null, 's', undefined, 'no data', ''],
    [0, 'dateTimeAsIso', undefined, '1970-01-01 00:00:00', ''],
  ]
  it.each(cases)('%s in %s', (value, unit, decimals, digits, written) => {
    expect(writeValue(value, unit, decimals)).toEqual({ digits, unit: written })
  })
})
