/** The power of two that a whole number is rounded up to; undefined below 2, of which there is no bucket. */
export function log2Bucket(value: bigint): bigint | undefined {
  if (value < 2n) return undefined
  return 1n << BigInt((value - 1n).toString(2).length)
}

export interface Log2Bucket {
  readonly max: number
  readonly count: number
}

/**
 * The quantile of values in buckets by powers of two, sorted by bound. Between two bounds the logarithm is
 * interpolated; a quantile that takes a bucket whole is its bound.
 */
export function log2Quantile(quantile: number, buckets: readonly Log2Bucket[]): number {
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0 || !(quantile >= 0 && quantile <= 1)) return 0
  const wanted = Math.max(1, Math.ceil(quantile * total))
  let before = 0
  for (const [i, { max, count }] of buckets.entries()) {
    if (before + count === wanted) return max
    if (before + count > wanted) {
      const high = Math.log2(max)
      const lower = buckets[i - 1]
      const low = lower === undefined ? high - 1 : Math.log2(lower.max)
      return 2 ** (low + ((high - low) * (wanted - before)) / count)
    }
    before += count
  }
  return buckets.at(-1)?.max ?? 0
}
