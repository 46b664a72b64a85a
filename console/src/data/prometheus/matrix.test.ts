import { expect, it } from 'vitest'
import { alignGrid, chooseStep, gridTimes, placeHistograms, placeOnGrid } from './matrix.ts'

const grid = { startS: 100, endS: 160, stepS: 20 }

it('sets points on the grid; what is missing, or no number that can be drawn, is a gap', () => {
  expect(gridTimes(grid)).toEqual([100, 120, 140, 160])
  expect(
    placeOnGrid(
      [
        [100, '1.5'],
        [140, 'NaN'],
        [160.0001, '-2'],
        [999, '7'],
      ],
      grid,
    ),
  ).toEqual([1.5, null, null, -2])
})

it('refuses what is no point', () => {
  expect(() => placeOnGrid([{ at: 1 }], grid)).toThrow(/form that this page does not know/)
})

it('reads native histograms', () => {
  const body = { count: '3', sum: '4.5', buckets: [[0, '0.5', '1', '3']] }
  expect(placeHistograms([[120, body]], grid)).toEqual([
    null,
    { count: 3, sum: 4.5, buckets: [{ low: 0.5, high: 1, count: 3 }] },
    null,
    null,
  ])
})

it('chooses round steps and whole ranges', () => {
  expect(chooseStep(3_600_000, 250)).toBe(15)
  expect(chooseStep(60_000, 500)).toBe(1)
  expect(chooseStep(30 * 86_400_000, 500)).toBe(7_200)
  expect(alignGrid({ fromMs: 119_999, toMs: 199_999 }, 20)).toEqual({ startS: 100, endS: 180, stepS: 20 })
})
