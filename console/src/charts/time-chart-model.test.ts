import { expect, it } from 'vitest'
import { type ChartSeries, lastKnown, nearestIndex, stackValues, statsOf, valueRange } from './time-chart-model.ts'

const series = (values: (number | null)[], isHidden = false): ChartSeries => ({
  id: 'a',
  name: 'a',
  values,
  colour: 0,
  isHidden,
})

it('stacks what is shown; a gap stays a gap', () => {
  expect(stackValues([series([1, null, 3]), series([10, 20, null]), series([5, 5, 5], true)])).toEqual([
    [1, null, 3],
    [11, 20, null],
    [null, null, null],
  ])
})

it('begins at zero, but for lines far away from it', () => {
  expect(valueRange([[1, 2]], [], 'lines')[0]).toBe(0)
  expect(valueRange([[1_000, 1_010]], [], 'lines')[0]).toBeGreaterThan(900)
  expect(valueRange([[1_000, 1_010]], [], 'bars')[0]).toBe(0)
  expect(valueRange([[null]], [], 'lines')).toEqual([0, 1])
  expect(valueRange([[0, 0]], [], 'lines')[1]).toBeGreaterThan(0)
  expect(valueRange([[-5, 5]], [9], 'lines')[1]).toBeGreaterThan(9)
})

it('knows where the data ends', () => {
  expect(
    lastKnown([
      [1, null, null],
      [1, 2, null],
    ]),
  ).toBe(1)
  expect(lastKnown([[null]])).toBe(-1)
})

it('finds the nearest time', () => {
  expect(nearestIndex([10, 20, 30], 24)).toBe(1)
  expect(nearestIndex([10, 20, 30], 26)).toBe(2)
  expect(nearestIndex([10], 99)).toBe(0)
})

it('sums up without the gaps', () => {
  expect(statsOf([null, 1, 3, null])).toEqual({ min: 1, mean: 2, max: 3, last: 3 })
  expect(statsOf([null])).toEqual({ min: null, mean: null, max: null, last: null })
})
