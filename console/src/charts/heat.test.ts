import { expect, it } from 'vitest'
import { heatOf, heatStep } from './heat.ts'

const series = (le: string, values: (number | null)[]): Parameters<typeof heatOf>[1][number] => ({
  labels: { le },
  values,
})

it('takes cumulative buckets apart, from the lowest bound up', () => {
  const heat = heatOf([1, 2], [series('+Inf', [10, 12]), series('0.1', [4, null]), series('1', [9, 12])])
  expect(heat?.rows).toEqual([
    { bound: 0.1, counts: [4, null] },
    { bound: 1, counts: [5, 12] },
    { bound: Number.POSITIVE_INFINITY, counts: [1, 0] },
  ])
  expect(heat?.max).toBe(12)
})

it('adds up several series of one bucket', () => {
  expect(heatOf([1], [series('1', [2]), series('1', [3])])?.rows).toEqual([{ bound: 1, counts: [5] }])
})

it('reads native histograms', () => {
  const histograms = [{ count: 3, sum: 1, buckets: [{ low: 0, high: 1, count: 3 }] }, null]
  expect(heatOf([1, 2], [{ labels: {}, values: [null, null], histograms }])?.rows).toEqual([
    { bound: 1, counts: [3, null] },
  ])
})

it('is nothing for series that are no histogram', () => {
  expect(heatOf([1], [{ labels: {}, values: [1] }])).toBeUndefined()
})

it('gives every count but zero a step that can be seen', () => {
  expect([heatStep(0, 9), heatStep(null, 9), heatStep(0.001, 9), heatStep(9, 9)]).toEqual([0, 0, 1, 9])
})
