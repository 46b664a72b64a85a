import { allBuckets, type Bucket } from './bounds.ts'
import { type FloatHistogram, hasCustomBounds } from './float-histogram.ts'

/** What observations of NaN, which are in no bucket, do to a quantile. */
export type NanEffect = 'none' | 'result-is-nan' | 'skewed'

/**
 * The φ-quantile, with linear interpolation within custom buckets and the zero bucket and exponential interpolation
 * within all others. The observations may be counted from above, which keeps precision for high quantiles.
 */
export function histogramQuantile(
  q: number,
  histogram: FloatHistogram,
): { readonly value: number; readonly nan: NanEffect } {
  const plain = (value: number): { value: number; nan: NanEffect } => ({ value, nan: 'none' })
  if (q < 0) return plain(-Infinity)
  if (q > 1) return plain(Infinity)
  if (histogram.count === 0 || Number.isNaN(q)) return plain(NaN)

  const hasNan = Number.isNaN(histogram.sum)
  const found = findBucket(q, histogram, hasNan || q < 0.5)
  if (found === undefined) return hasNan ? { value: NaN, nan: 'result-is-nan' } : plain(0)
  const { bucket, share } = found
  if (hasCustomBounds(histogram)) {
    if (bucket.lower === -Infinity && bucket.upper <= 0) return plain(bucket.upper)
    if (bucket.lower !== -Infinity && bucket.upper === Infinity) return plain(bucket.lower)
  }
  const bounds = narrowed(bucket, histogram)
  if (share === undefined) return hasNan ? { value: NaN, nan: 'result-is-nan' } : plain(bounds.upper)
  const nan: NanEffect = hasNan && countOf(allBuckets(histogram)) < histogram.count ? 'skewed' : 'none'
  return { value: interpolate(bounds, share, histogram), nan }
}

/**
 * The bucket in which the quantile lies, and how far into it; without a share, the last bucket, because the buckets have
 * too few observations. Counting from above keeps the precision of high quantiles.
 */
function findBucket(
  q: number,
  histogram: FloatHistogram,
  fromBelow: boolean,
): { readonly bucket: Bucket; readonly share: number | undefined } | undefined {
  const buckets = allBuckets(histogram)
  if (!fromBelow) buckets.reverse()
  const wanted = fromBelow ? q * histogram.count : (1 - q) * histogram.count
  let last: Bucket | undefined
  let counted = 0
  for (const bucket of buckets) {
    last = bucket
    if (bucket.count === 0) continue
    counted += bucket.count
    if (counted >= wanted) break
  }
  if (last === undefined) return undefined
  counted = Math.min(counted, histogram.count)
  if (counted < wanted) return { bucket: last, share: undefined }
  const rank = fromBelow ? wanted - (counted - last.count) : counted - wanted
  return { bucket: last, share: rank / last.count }
}

/** The value so far into the bucket. */
function interpolate({ lower, upper }: Bucket, share: number, histogram: FloatHistogram): number {
  if (hasCustomBounds(histogram) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * share
  const logLower = Math.log2(Math.abs(lower))
  const logUpper = Math.log2(Math.abs(upper))
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * share)
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - share)))
}

/** The share of observations between two values; `nan`: those of NaN are left out of it. */
export function histogramFraction(
  lower: number,
  upper: number,
  histogram: FloatHistogram,
): { readonly value: number; readonly nan: boolean } {
  const { count } = histogram
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: NaN, nan: false }
  if (lower >= upper) return { value: 0, nan: false }
  const buckets = allBuckets(histogram)
  const total = countOf(buckets)
  const hasNan = Number.isNaN(histogram.sum) && total < count
  const most = hasNan ? total : count
  const below = Math.min(countBelow(lower, buckets, histogram, most), most)
  const upTo = Math.min(countBelow(upper, buckets, histogram, most), most)
  return { value: (upTo - below) / count, nan: hasNan }
}

function countBelow(value: number, buckets: readonly Bucket[], histogram: FloatHistogram, most: number): number {
  const custom = hasCustomBounds(histogram)
  let rank = 0
  for (const bucket of buckets) {
    const isZero = bucket.lower <= 0 && bucket.upper >= 0
    const { lower, upper } = isZero ? narrowZeroBucket(bucket, histogram) : bucket
    if (lower >= value) return rank
    if (upper > value) {
      if (custom || isZero) {
        if (lower === -Infinity) return rank + bucket.count
        return rank + (bucket.count * (value - lower)) / (upper - lower)
      }
      return rank + bucket.count * exponentialShare(value, lower, upper)
    }
    rank += bucket.count
  }
  return most
}

/** How far into the bucket the value lies, if its observations would fill finer buckets evenly. */
export function exponentialShare(value: number, lower: number, upper: number): number {
  const logLower = Math.log2(Math.abs(lower))
  const logUpper = Math.log2(Math.abs(upper))
  const logValue = Math.log2(Math.abs(value))
  if (value > 0) return (logValue - logLower) / (logUpper - logLower)
  return 1 - (logValue - logUpper) / (logLower - logUpper)
}

/** The bucket with the bounds between which its observations are taken to lie. */
function narrowed(bucket: Bucket, histogram: FloatHistogram): Bucket {
  if (!hasCustomBounds(histogram)) return narrowZeroBucket(bucket, histogram)
  return bucket.lower === -Infinity ? { ...bucket, lower: 0 } : bucket
}

/** A bucket around zero is taken to hold no negative (positive) values where there are no other ones of that sign. */
function narrowZeroBucket(bucket: Bucket, { positive, negative }: FloatHistogram): Bucket {
  if (!(bucket.lower <= 0 && bucket.upper >= 0)) return bucket
  if (negative.indexes.length === 0 && positive.indexes.length > 0) return { ...bucket, lower: 0 }
  if (positive.indexes.length === 0 && negative.indexes.length > 0) return { ...bucket, upper: 0 }
  return bucket
}

function countOf(buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, { count }) => sum + count, 0)
}
