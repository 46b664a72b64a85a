import { type Buckets, withoutEmpty } from './buckets.ts'
import { type Bucket, negativeBuckets, positiveBuckets, zeroBucket } from './bounds.ts'
import { type FloatHistogram, hasCustomBounds } from './float-histogram.ts'
import { exponentialShare } from './quantile.ts'

export type TrimSide = 'upper' | 'lower'
type Kind = 'custom' | 'zero' | 'exponential'

/** What is left of a bucket: its count, and that times the value that stands for the rest. */
interface Rest {
  readonly count: number
  readonly sum: number
}

/**
 * Takes away the observations above (`upper`) or below (`lower`) the threshold. What of a bucket with the threshold in
 * it remains is estimated as quantiles are; once anything was taken away, the sum is estimated from the buckets.
 */
export function trimHistogram(histogram: FloatHistogram, threshold: number, side: TrimSide): FloatHistogram {
  const kind: Kind = hasCustomBounds(histogram) ? 'custom' : 'exponential'
  let [count, sum, changed] = [0, 0, false]
  const keep = (bucket: Bucket, of: Kind): number => {
    const rest = restOf(bucket, threshold, side, of)
    count += rest.count
    if (rest.count !== 0) sum += rest.sum
    changed ||= rest.count !== bucket.count
    return rest.count
  }
  const cut = (buckets: Buckets, bounds: readonly Bucket[]): Buckets => ({
    indexes: buckets.indexes,
    counts: Float64Array.from(bounds, (bucket) => keep(bucket, kind)),
  })
  const negative = cut(histogram.negative, negativeBuckets(histogram).reverse())
  const zeroCount = kind === 'custom' ? histogram.zeroCount : keep(zeroBounds(histogram), 'zero')
  const positive = cut(histogram.positive, positiveBuckets(histogram))
  if (!changed) return histogram
  return {
    ...histogram,
    count,
    sum,
    zeroCount,
    positive: withoutEmpty(positive),
    negative: withoutEmpty(negative),
  }
}

function zeroBounds(histogram: FloatHistogram): Bucket {
  const bucket = zeroBucket(histogram)
  const hasPositive = histogram.positive.counts.some((count) => count > 0)
  const hasNegative = histogram.negative.counts.some((count) => count > 0)
  if (hasPositive && !hasNegative) return { ...bucket, lower: 0 }
  if (hasNegative && !hasPositive) return { ...bucket, upper: 0 }
  return bucket
}

function restOf({ lower, upper, count }: Bucket, threshold: number, side: TrimSide, kind: Kind): Rest {
  const isUpper = side === 'upper'
  if (isUpper ? upper <= threshold : lower >= threshold) return { count, sum: count * middle(lower, upper, kind) }
  if (isUpper ? lower >= threshold : upper <= threshold) return { count: 0, sum: 0 }
  if (Number.isNaN(threshold)) return { count: 0, sum: 0 }
  const share = shareBelow(threshold, lower, upper, kind)
  const left = count * (isUpper ? share : 1 - share)
  const mean = isUpper ? middle(lower, threshold, kind) : middle(threshold, upper, kind)
  return { count: left, sum: left * mean }
}

/** The estimated share of a bucket's observations below the threshold; those of an infinite bucket lie at infinity. */
function shareBelow(threshold: number, lower: number, upper: number, kind: Kind): number {
  if (lower === -Infinity) {
    if (upper <= 0) return 1
    return upper !== Infinity && threshold > 0 ? threshold / upper : 0
  }
  if (upper === Infinity) return 0
  if (kind === 'exponential') return exponentialShare(threshold, lower, upper)
  return (threshold - lower) / (upper - lower)
}

/** The value that stands for the observations between two bounds. */
function middle(lower: number, upper: number, kind: Kind): number {
  if (lower === -Infinity) {
    if (upper === Infinity) return 0
    return upper > 0 ? upper / 2 : upper
  }
  if (upper === Infinity) return lower
  if (kind !== 'exponential') return (lower + upper) / 2
  const mean = Math.sqrt(Math.abs(lower * upper))
  return lower < 0 ? -mean : mean
}
