import { describe, expect, it } from 'vitest'
import { bucketsFromSpans, type FloatHistogram } from '../../query/index.ts'
import { decodeHistogramChunk } from '../testing/histogram-decoder.ts'
import { continuesChunk, encodeHistogramChunk } from './histogram-chunk.ts'

const none = bucketsFromSpans([], [], [])
const exponential: FloatHistogram = {
  schema: 3,
  resetHint: 'unknown',
  count: 12.5,
  sum: -7.25,
  zeroThreshold: 2 ** -128,
  zeroCount: 2,
  positive: bucketsFromSpans([-3, 40], [2, 1], [1, 2, 3.5]),
  negative: bucketsFromSpans([0], [1], [4]),
  customValues: [],
}
const custom: FloatHistogram = {
  ...exponential,
  schema: -53,
  resetHint: 'reset',
  zeroThreshold: 0,
  zeroCount: 0,
  positive: bucketsFromSpans([0], [2], [5, 7.5]),
  negative: none,
  customValues: [0, 0.001, 0.0005, 2.5, -1, 33_554.43, 33_554.431, 1e300],
}

describe('chunks of histograms', () => {
  it('hold exponential buckets at any times', () => {
    const later: FloatHistogram = {
      ...exponential,
      resetHint: 'not-reset',
      count: 1e300,
      sum: NaN,
      positive: bucketsFromSpans([-3, 40], [2, 1], [1, 5, 5e-324]),
    }
    const times = Float64Array.of(-5, 0, 1_700_000_000_000, 1_700_000_000_001)
    const chunk = encodeHistogramChunk(times, [exponential, later, later, exponential], 0, 4)
    const first = [12.5, 2, -7.25, 1, 2, 3.5, 4]
    const second = [1e300, 2, NaN, 1, 5, 5e-324, 4]
    expect(decodeHistogramChunk(chunk)).toEqual({
      header: 0,
      schema: 3,
      zeroThreshold: 2 ** -128,
      positiveSpans: [
        [-3, 2],
        [40, 1],
      ],
      negativeSpans: [[0, 1]],
      customValues: [],
      samples: [first, second, second, first].map((numbers, i) => [times[i], ...numbers]),
    })
  })

  it('hold custom bounds, and what is a reset', () => {
    const chunk = encodeHistogramChunk(Float64Array.of(7, 8), [undefined, custom], 1, 2)
    expect(decodeHistogramChunk(chunk)).toMatchObject({
      header: 2,
      schema: -53,
      zeroThreshold: 0,
      positiveSpans: [[0, 2]],
      customValues: custom.customValues,
      samples: [[8, 12.5, 0, -7.25, 5, 7.5]],
    })
  })

  it('hold any threshold', () => {
    for (const zeroThreshold of [0, 1, 2 ** -243, 2 ** -244, 1024, 2048, 0.001, 0.75, 5e-324]) {
      const chunk = encodeHistogramChunk(Float64Array.of(0), [{ ...exponential, zeroThreshold }], 0, 1)
      expect(decodeHistogramChunk(chunk)).toMatchObject({ zeroThreshold })
    }
  })

  it('hold a stale marker', () => {
    const { samples, schema } = decodeHistogramChunk(encodeHistogramChunk(Float64Array.of(9), [undefined], 0, 1))
    expect([schema, samples]).toEqual([0, [[9, 0, 0, NaN]]])
  })

  const cases: [string, FloatHistogram | undefined, FloatHistogram | undefined, boolean][] = [
    ['the same layout, no reset', exponential, { ...exponential, resetHint: 'not-reset', count: 1 }, true],
    ['unknown whether it is a reset', exponential, exponential, false],
    ['a reset', exponential, { ...exponential, resetHint: 'reset' }, false],
    ['gauges', { ...exponential, resetHint: 'gauge' }, { ...exponential, resetHint: 'gauge' }, true],
    ['a gauge behind a counter', exponential, { ...exponential, resetHint: 'gauge' }, false],
    ['another schema', exponential, { ...exponential, resetHint: 'not-reset', schema: 2 }, false],
    ['other buckets', exponential, { ...exponential, resetHint: 'not-reset', negative: none }, false],
    ['a stale marker', exponential, undefined, false],
    ['behind a stale marker', undefined, { ...exponential, resetHint: 'not-reset' }, false],
  ]
  it.each(cases)('are continued or not: %s', (_, previous, next, expected) => {
    expect(continuesChunk(previous, next)).toBe(expected)
  })
})
