import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addHistograms, type DenseBuckets, type ExponentialHistogram, rescale, toSpans } from './exponential.ts'
import { formatBound } from './format-bound.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Bucket index → count, of buckets that are not empty. */
function byIndex({ offset, counts }: DenseBuckets): ReadonlyMap<number, number> {
  return new Map(counts.map((count, i) => [offset + i, count] as const).filter(([, count]) => count > 0))
}

const buckets = fc.record({
  offset: fc.integer({ min: -50, max: 50 }),
  counts: fc.array(fc.nat({ max: 5 }), { maxLength: 40 }),
})
const histogram = fc.record({
  scale: fc.integer({ min: -4, max: 12 }),
  count: fc.nat(),
  sum: fc.integer(),
  zeroThreshold: fc.constant(0),
  zeroCount: fc.nat(),
  positive: buckets,
  negative: buckets,
})

describe('exponential histograms', () => {
  it('become coarser bucket by bucket: index i goes to floor(i / 2^n)', () => {
    fc.assert(
      fc.property(histogram, fc.integer({ min: 0, max: 6 }), (fine, by) => {
        const coarse = rescale(fine, fine.scale - by)
        expect(coarse.scale).toBe(fine.scale - by)
        const expected = new Map<number, number>()
        for (const [index, count] of byIndex(fine.positive)) {
          const at = Math.floor(index / 2 ** by)
          expected.set(at, (expected.get(at) ?? 0) + count)
        }
        expect(byIndex(coarse.positive)).toEqual(expected)
      }),
    )
  })

  it('add up without losing a count, within a bounded width', () => {
    fc.assert(
      fc.property(histogram, histogram, (a, b) => {
        const total = addHistograms(a, b)
        expect(total.scale).toBeLessThanOrEqual(Math.min(a.scale, b.scale))
        expect(total.count).toBe(a.count + b.count)
        expect(sum(total.positive.counts)).toBe(sum(a.positive.counts) + sum(b.positive.counts))
        expect(sum(total.negative.counts)).toBe(sum(a.negative.counts) + sum(b.negative.counts))
      }),
    )
    const at = (offset: number): ExponentialHistogram => ({
      scale: 8,
      count: 1,
      sum: 1,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: { offset, counts: [1] },
      negative: { offset: 0, counts: [] },
    })
    expect(addHistograms(at(-200_000), at(200_000)).positive.counts.length).toBeLessThanOrEqual(1000)
  })

  it('become spans that hold every count at its index plus one', () => {
    fc.assert(
      fc.property(buckets, (dense) => {
        const spans = toSpans(dense)
        const found = new Map<number, number>()
        let index = 0
        let next = 0
        for (const [i, offset] of spans.offsets.entries()) {
          index += offset
          if (i > 0) expect(offset).toBeGreaterThan(2)
          for (let n = 0; n < (spans.lengths[i] ?? 0); n++, index++, next++) {
            const count = spans.counts[next] ?? 0
            if (count > 0) found.set(index - 1, count)
          }
        }
        expect(next).toBe(spans.counts.length)
        expect(found).toEqual(byIndex(dense))
      }),
    )
  })
})

describe('formatBound', () => {
  it.each([
    [0.005, '0.005'],
    [1, '1'],
    [-2.5, '-2.5'],
    [Infinity, '+Inf'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [1e-7, '0.0000001'],
    [-1.5e-9, '-0.0000000015'],
  ])('%d is %s', (bound, text) => {
    expect(formatBound(bound)).toBe(text)
  })
})
