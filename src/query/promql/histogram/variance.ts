import { addKahan, type KahanSum } from '../kahan.ts'
import { allBuckets, type Bucket } from './bounds.ts'
import { type FloatHistogram, hasCustomBounds } from './float-histogram.ts'

/** The estimated variance: all observations of a bucket count as the mean of its bounds. */
export function histogramVariance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count
  const custom = hasCustomBounds(histogram)
  const total: KahanSum = { sum: 0, compensation: 0 }
  for (const bucket of allBuckets(histogram)) {
    if (bucket.count === 0) continue
    const delta = meanOf(bucket, custom) - mean
    addKahan(total, bucket.count * delta * delta)
  }
  return (total.sum + total.compensation) / histogram.count
}

function meanOf({ lower, upper }: Bucket, custom: boolean): number {
  if (custom) return (upper + lower) / 2
  if (lower <= 0 && upper >= 0) return 0
  const mean = Math.sqrt(upper * lower)
  return upper < 0 ? -mean : mean
}
