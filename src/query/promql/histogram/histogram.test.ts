import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addHistograms,
  apiBuckets,
  bucketsFromSpans,
  bucketsOf,
  compact,
  CUSTOM_SCHEMA,
  divideHistogram,
  EMPTY_HISTOGRAM,
  equalHistograms,
  type FloatHistogram,
  formatHistogram,
  hintAfter,
  histogramFraction,
  histogramQuantile,
  HistogramSum,
  histogramVariance,
  isReset,
  scaleHistogram,
  spansOf,
  subtractHistograms,
  toSchema,
  trimHistogram,
} from './index.ts'

const counts = fc.integer({ min: 0, max: 1000 })
const buckets = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -30, max: 30 }), counts), { maxLength: 12, selector: ([index]) => index })
  .map((pairs) => pairs.sort(([a], [b]) => a - b))
  .map((pairs) =>
    bucketsOf(
      pairs.map(([index]) => index),
      pairs.map(([, count]) => count),
    ),
  )

const total = (...lists: readonly FloatHistogram['positive'][]): number =>
  lists.reduce((sum, list) => sum + list.counts.reduce((a, b) => a + b, 0), 0)

const exponential: fc.Arbitrary<FloatHistogram> = fc
  .record({
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.constantFrom(0, 0.001, 0.5, 2),
    zeroCount: counts,
    positive: buckets,
    negative: buckets,
    sum: fc.integer({ min: -1000, max: 1000 }),
  })
  .map((parts) => {
    // Buckets lie outside of the zero bucket.
    const inside = { ...EMPTY_HISTOGRAM, ...parts, zeroThreshold: 0 }
    const widened = addHistograms(inside, { ...EMPTY_HISTOGRAM, schema: 8, zeroThreshold: parts.zeroThreshold })
    const base = widened?.histogram ?? inside
    return compact({ ...base, count: base.zeroCount + total(base.positive, base.negative) })
  })

const custom: fc.Arbitrary<FloatHistogram> = fc
  .record({
    customValues: fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 6 }),
    counts: fc.array(counts, { minLength: 7, maxLength: 7 }),
    sum: fc.integer({ min: -1000, max: 1000 }),
  })
  .map(({ customValues, counts: all, sum }) => {
    const bounds = customValues.sort((a, b) => a - b)
    const list = all.slice(0, bounds.length + 1)
    const positive = bucketsOf(
      list.map((_, i) => i),
      list,
    )
    return compact({
      ...EMPTY_HISTOGRAM,
      schema: CUSTOM_SCHEMA,
      customValues: bounds,
      sum,
      positive,
      count: total(positive),
    })
  })

const populated = (histogram: FloatHistogram): number =>
  histogram.zeroCount + total(histogram.positive, histogram.negative)

describe('arithmetic', () => {
  const pairs = fc.oneof(fc.tuple(exponential, exponential), fc.tuple(custom, custom))

  it('adds all observations, whatever the bounds, and takes them away again', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const sum = addHistograms(a, b)?.histogram
        const back = sum === undefined ? undefined : subtractHistograms(sum, b)?.histogram
        const reduced = subtractHistograms(addHistograms(a, b)?.histogram ?? a, sum ?? a)?.histogram
        expect(sum?.count).toBe(a.count + b.count)
        expect(populated(sum ?? a)).toBe(a.count + b.count)
        expect(populated(back ?? a)).toBe(a.count)
        expect(compact(reduced ?? a).positive.indexes.length).toBe(0)
        expect(equalHistograms(sum ?? a, addHistograms(b, a)?.histogram ?? a)).toBe(true)
      }),
    )
  })

  it('adds up by pieces as in one', () => {
    // How far a zero bucket widens depends on the resolution that is left, so on the order, if the widths differ.
    const oneWidth = exponential.filter(({ zeroThreshold }) => zeroThreshold === 0)
    fc.assert(
      fc.property(fc.array(oneWidth, { minLength: 2, maxLength: 6 }), (all) => {
        const sumOf = (list: readonly FloatHistogram[]): FloatHistogram => {
          const sum = new HistogramSum(list[0] ?? EMPTY_HISTOGRAM)
          for (const one of list.slice(1)) expect(sum.add(one)).toBe(true)
          return sum.total()
        }
        const pieces = sumOf([sumOf(all.slice(0, 1)), sumOf(all.slice(1))])
        expect(equalHistograms(pieces, sumOf(all))).toBe(true)
      }),
    )
  })

  it('does not mix exponential and custom bounds', () => {
    fc.assert(
      fc.property(exponential, custom, (a, b) => {
        expect(addHistograms(a, b)).toBeUndefined()
        expect(subtractHistograms(b, a)).toBeUndefined()
        expect(new HistogramSum(a).add(b)).toBe(false)
      }),
    )
  })

  it('keeps what custom bounds have in common, and says so', () => {
    const of = (customValues: number[], list: number[]): FloatHistogram => {
      const positive = bucketsOf(
        list.map((_, i) => i),
        list,
      )
      return { ...EMPTY_HISTOGRAM, schema: CUSTOM_SCHEMA, customValues, positive, count: total(positive) }
    }
    const sum = addHistograms(of([1, 2, 5], [1, 2, 3, 4]), of([2, 3, 5], [10, 20, 30, 40]))
    expect(sum?.reconciled).toBe(true)
    expect(sum?.histogram).toMatchObject({ customValues: [2, 5], count: 110 })
    expect([...(sum?.histogram.positive.counts ?? [])]).toEqual([13, 53, 44])
  })

  it('loses nothing to rounding in sums', () => {
    const of = (sum: number): FloatHistogram => ({ ...EMPTY_HISTOGRAM, sum, count: 1, positive: bucketsOf([1], [sum]) })
    const sum = new HistogramSum(of(1e100))
    for (const value of [1, -1e100, 1]) sum.add(of(value))
    expect(sum.total()).toMatchObject({ sum: 2, count: 4 })
    expect(sum.mean().sum).toBe(0.5)
  })

  it('marks gauges', () => {
    const counter: FloatHistogram = { ...EMPTY_HISTOGRAM, resetHint: 'not-reset' }
    const gauge: FloatHistogram = { ...EMPTY_HISTOGRAM, resetHint: 'gauge' }
    expect(addHistograms(counter, counter)?.histogram.resetHint).toBe('not-reset')
    expect(addHistograms(counter, gauge)?.histogram.resetHint).toBe('gauge')
    expect(addHistograms(counter, { ...counter, resetHint: 'reset' })).toMatchObject({
      collision: true,
      histogram: { resetHint: 'unknown' },
    })
    expect(subtractHistograms(counter, counter)?.histogram.resetHint).toBe('gauge')
    expect(scaleHistogram(counter, 2).resetHint).toBe('not-reset')
    expect(scaleHistogram(counter, -1).resetHint).toBe('gauge')
  })

  it('divides by zero without buckets', () => {
    const some = { ...EMPTY_HISTOGRAM, count: 3, sum: -1, zeroCount: 0, positive: bucketsOf([0], [3]) }
    const divided = divideHistogram(some, 0)
    expect(divided).toMatchObject({ count: Infinity, sum: -Infinity, zeroCount: NaN })
    expect(divided.positive.indexes.length).toBe(0)
  })
})

describe('bounds', () => {
  it('keep the observations in a coarser schema', () => {
    fc.assert(
      fc.property(exponential, (histogram) => {
        const coarse = toSchema(histogram, -4)
        expect(populated(coarse)).toBe(populated(histogram))
        expect(coarse.positive.indexes.length).toBeLessThanOrEqual(histogram.positive.indexes.length)
      }),
    )
  })

  it('swallow the populated bucket in which a wider zero bucket would end', () => {
    const narrow = { ...EMPTY_HISTOGRAM, count: 6, positive: bucketsOf([0, 1, 2], [1, 2, 3]) }
    const sum = addHistograms(narrow, { ...EMPTY_HISTOGRAM, zeroThreshold: 1.5 })?.histogram
    expect(sum).toMatchObject({ zeroThreshold: 2, zeroCount: 3 })
    expect([...(sum?.positive.indexes ?? [])]).toEqual([2])
  })

  it('travel as spans', () => {
    fc.assert(
      fc.property(buckets, (list) => {
        const { offsets, lengths } = spansOf(list)
        expect(bucketsFromSpans(offsets, lengths, list.counts)).toEqual(list)
      }),
    )
  })

  it('are shown', () => {
    const histogram = {
      ...EMPTY_HISTOGRAM,
      count: 20,
      sum: 1e6,
      zeroThreshold: 0.001,
      zeroCount: 2,
      positive: bucketsOf([0, 1, 2], [1, 0, 2]),
      negative: bucketsOf([1], [1.5]),
    }
    expect(formatHistogram(histogram)).toBe('{count:20, sum:1e+06, [-2,-1):1.5, [-0.001,0.001]:2, (0.5,1]:1, (2,4]:2}')
    expect(apiBuckets(histogram)).toEqual([
      [1, -2, -1, 1.5],
      [3, -0.001, 0.001, 2],
      [0, 0.5, 1, 1],
      [0, 2, 4, 2],
    ])
  })
})

describe('resets', () => {
  const base: FloatHistogram = { ...EMPTY_HISTOGRAM, count: 4, positive: bucketsOf([0, 1, 2], [1, 2, 1]) }
  const cases: [string, FloatHistogram, boolean][] = [
    ['the same', base, false],
    ['more', { ...base, count: 5, positive: bucketsOf([0, 1, 2], [1, 3, 1]) }, false],
    ['a bucket with less', { ...base, count: 5, positive: bucketsOf([0, 1, 2], [1, 1, 3]) }, true],
    ['a bucket that is gone', { ...base, count: 9, positive: bucketsOf([0, 1], [4, 5]) }, true],
    ['a coarser schema', { ...base, schema: -1, positive: bucketsOf([0, 1], [1, 3]) }, false],
    ['a finer schema', { ...base, schema: 1 }, true],
    ['a wider zero bucket', { ...base, zeroThreshold: 1, zeroCount: 1, positive: bucketsOf([1, 2], [2, 1]) }, false],
    ['a zero bucket that ends in a bucket', { ...base, zeroThreshold: 1.5, zeroCount: 4 }, true],
    ['custom bounds', { ...base, schema: CUSTOM_SCHEMA }, true],
    ['the word of the sender', { ...base, resetHint: 'reset' }, true],
    ['the word of the sender against the numbers', { ...base, count: 1, resetHint: 'not-reset' }, false],
  ]
  it.each(cases)('%s', (_, next, reset) => {
    expect(isReset(next, base)).toBe(reset)
  })

  it('are told by stored samples, as far as they can be', () => {
    const more = { ...base, count: 5, positive: bucketsOf([0, 1, 2], [1, 3, 1]) }
    expect(hintAfter(undefined, base)).toBe('unknown')
    expect(hintAfter(base, more)).toBe('not-reset')
    expect(hintAfter(more, base)).toBe('reset')
    expect(hintAfter(base, { ...more, schema: -1 })).toBe('unknown')
    expect(hintAfter(base, { ...more, resetHint: 'gauge' })).toBe('gauge')
  })
})

describe('estimates', () => {
  const some = fc.oneof(exponential, custom).filter(({ count }) => count > 0)

  it('of quantiles rise with them, and fractions are their inverse', () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (histogram, q) => {
        const at = (share: number): number => histogramQuantile(share, histogram).value
        const [value, higher] = [at(q), at(Math.min(1, q + 0.1))]
        expect(value <= higher + 1e-9 * Math.abs(higher)).toBe(true)
        const below = histogramFraction(-Infinity, value, histogram).value
        const upTo = histogramFraction(-Infinity, value + 1e-9 * Math.max(1, Math.abs(value)), histogram).value
        if (histogram.schema !== CUSTOM_SCHEMA) {
          expect(below).toBeLessThanOrEqual(q + 1e-6)
          expect(upTo).toBeGreaterThanOrEqual(q - 1e-6)
        }
      }),
    )
  })

  it('of the variance are those of the buckets', () => {
    const histogram = {
      ...EMPTY_HISTOGRAM,
      count: 4,
      sum: 12,
      zeroCount: 2,
      zeroThreshold: 1,
      positive: bucketsOf([3], [2]),
    }
    // Two at 0, two at √32.
    expect(histogramVariance(histogram)).toBeCloseTo((2 * 9 + 2 * (Math.sqrt(32) - 3) ** 2) / 4, 12)
  })

  it('know the observations that are no numbers', () => {
    const histogram = { ...EMPTY_HISTOGRAM, count: 10, sum: NaN, positive: bucketsOf([1], [5]) }
    expect(histogramQuantile(0.2, histogram)).toEqual({ value: 2 ** 0.4, nan: 'skewed' })
    expect(histogramQuantile(0.9, histogram)).toEqual({ value: NaN, nan: 'result-is-nan' })
    expect(histogramFraction(-Infinity, Infinity, histogram)).toEqual({ value: 0.5, nan: true })
  })

  it('share out what a trim takes and leaves', () => {
    fc.assert(
      fc.property(some, fc.double({ min: -100, max: 100, noNaN: true }), (histogram, threshold) => {
        const below = trimHistogram(histogram, threshold, 'upper')
        const above = trimHistogram(histogram, threshold, 'lower')
        expect(below.count + above.count).toBeCloseTo(populated(histogram), 6)
        expect(trimHistogram(histogram, Infinity, 'upper')).toBe(histogram)
        expect(populated(trimHistogram(histogram, -Infinity, 'upper'))).toBe(0)
      }),
    )
  })
})
