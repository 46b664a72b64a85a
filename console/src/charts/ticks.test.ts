import { expect, it } from 'vitest'
import { labelTicks, labelTimes, timeTicks, valueTicks } from './ticks.ts'

it.each([
  [0, 1.2, 'seconds', ['0', '0.5 s', '1.0 s']],
  [0, 0.9, 'seconds', ['0', '200 ms', '400 ms', '600 ms', '800 ms']],
  [0, 12_000, 'per-second', ['0', '5 k/s', '10 k/s']],
  [0, 0.04, 'percentunit', ['0', '1 %', '2 %', '3 %', '4 %']],
  [-250, 1_000, 'none', ['0', '500', '1000']],
  [0, 3 * 1_048_576, 'bytes', ['0', '1 MiB', '2 MiB', '3 MiB']],
] as const)('%s to %s in %s', (min, max, unit, labels) => {
  expect(labelTicks(valueTicks(min, max, unit), unit)).toEqual(labels)
})

it('stands on round times of the clock, away from each other', () => {
  const from = Date.parse('2026-11-20T02:12:20Z') / 1_000
  const ticks = timeTicks(from, from + 3_600, 600, 'utc')
  expect(labelTimes(ticks, 'utc')).toEqual(['02:20', '02:30', '02:40', '02:50', '03:00', '03:10'])
})

it('names days where the range is long', () => {
  const from = Date.parse('2026-11-18T12:00:00Z') / 1_000
  expect(labelTimes(timeTicks(from, from + 3 * 86_400, 600, 'utc'), 'utc')).toContain('19 Nov')
})
