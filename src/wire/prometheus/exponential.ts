/** Prometheus' native histograms have these schemas; OTLP's scale is the same number. */
export const MIN_SCALE = -4
export const MAX_SCALE = 8

/** A histogram added up from deltas is made coarser rather than wider than this. */
const MAX_MERGED_BUCKETS = 1000

/** Fewer empty buckets than this between two full ones are written out instead of beginning a new span. */
const MAX_GAP = 2

/** Buckets of one sign as spans: each begins `offsets[i]` after the end of the one before, the first at that index. */
export interface BucketSpans {
  readonly offsets: readonly number[]
  readonly lengths: readonly number[]
  /** Absolute, of all spans one after the other. */
  readonly counts: readonly number[]
}

export const NO_BUCKETS: BucketSpans = { offsets: [], lengths: [], counts: [] }

/** Counts of consecutive buckets, the first of which has OTLP's index `offset`. */
export interface DenseBuckets {
  readonly offset: number
  readonly counts: readonly number[]
}

export const NO_DENSE_BUCKETS: DenseBuckets = { offset: 0, counts: [] }

/** An OTLP exponential histogram. */
export interface ExponentialHistogram {
  readonly scale: number
  readonly count: number
  readonly sum: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positive: DenseBuckets
  readonly negative: DenseBuckets
}

/** Doubles lie between 2^-1074 and 2^1024. A bucket beyond is none of a measurement, and would cost memory. */
const MAX_EXPONENT = 1100

/** Whether the buckets' bounds are doubles, and the scale is fine enough to be stored. */
export function isStorable(histogram: ExponentialHistogram): boolean {
  const limit = MAX_EXPONENT * 2 ** histogram.scale
  const isWithin = ({ offset, counts }: DenseBuckets): boolean =>
    counts.length === 0 || (offset >= -limit && offset + counts.length <= limit)
  return histogram.scale >= MIN_SCALE && isWithin(histogram.positive) && isWithin(histogram.negative)
}

/** The same at a coarser scale: 2^n neighbours become one bucket. */
export function rescale(histogram: ExponentialHistogram, scale: number): ExponentialHistogram {
  const by = histogram.scale - scale
  if (by <= 0) return histogram
  return {
    ...histogram,
    scale,
    positive: mergeNeighbours(histogram.positive, by),
    negative: mergeNeighbours(histogram.negative, by),
  }
}

/** The sum of two histograms, at the coarser of their scales or coarser still if it would be too wide. */
export function addHistograms(a: ExponentialHistogram, b: ExponentialHistogram): ExponentialHistogram {
  let scale = Math.min(a.scale, b.scale)
  while (scale > MIN_SCALE && mergedWidth(a, b, scale) > MAX_MERGED_BUCKETS) scale--
  const left = rescale(a, scale)
  const right = rescale(b, scale)
  return {
    scale,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    zeroThreshold: Math.max(a.zeroThreshold, b.zeroThreshold),
    zeroCount: a.zeroCount + b.zeroCount,
    positive: addBuckets(left.positive, right.positive),
    negative: addBuckets(left.negative, right.negative),
  }
}

/**
 * As spans of non-empty buckets. Prometheus numbers a bucket by its upper bound where OTLP numbers it by its lower, so
 * indexes are one higher.
 */
export function toSpans(buckets: DenseBuckets): BucketSpans {
  const offsets: number[] = []
  const lengths: number[] = []
  const counts: number[] = []
  let end = 0
  for (const [i, count] of buckets.counts.entries()) {
    if (count === 0) continue
    const index = buckets.offset + i + 1
    const gap = index - end
    const last = lengths.length - 1
    if (last < 0 || gap > MAX_GAP) {
      offsets.push(gap)
      lengths.push(1)
    } else {
      for (let empty = 0; empty < gap; empty++) counts.push(0)
      lengths[last] = (lengths[last] ?? 0) + gap + 1
    }
    counts.push(count)
    end = index + 1
  }
  return { offsets, lengths, counts }
}

function mergeNeighbours(buckets: DenseBuckets, by: number): DenseBuckets {
  if (buckets.counts.length === 0) return buckets
  const offset = shift(buckets.offset, by)
  const counts: number[] = new Array<number>(shift(buckets.offset + buckets.counts.length - 1, by) - offset + 1).fill(0)
  for (const [i, count] of buckets.counts.entries()) {
    const at = shift(buckets.offset + i, by) - offset
    counts[at] = (counts[at] ?? 0) + count
  }
  return { offset, counts }
}

/** Floor of n / 2^by, for more bits than `>>` takes. */
function shift(n: number, by: number): number {
  return Math.floor(n / 2 ** by)
}

function mergedWidth(a: ExponentialHistogram, b: ExponentialHistogram, scale: number): number {
  return Math.max(
    widthOf(a.positive, a.scale - scale, b.positive, b.scale - scale),
    widthOf(a.negative, a.scale - scale, b.negative, b.scale - scale),
  )
}

function widthOf(a: DenseBuckets, aBy: number, b: DenseBuckets, bBy: number): number {
  if (a.counts.length === 0 || b.counts.length === 0) return 0
  const start = Math.min(shift(a.offset, aBy), shift(b.offset, bBy))
  const end = Math.max(shift(a.offset + a.counts.length - 1, aBy), shift(b.offset + b.counts.length - 1, bBy))
  return end - start + 1
}

function addBuckets(a: DenseBuckets, b: DenseBuckets): DenseBuckets {
  if (a.counts.length === 0) return b
  if (b.counts.length === 0) return a
  const offset = Math.min(a.offset, b.offset)
  const end = Math.max(a.offset + a.counts.length, b.offset + b.counts.length)
  const counts: number[] = new Array<number>(end - offset).fill(0)
  for (const buckets of [a, b]) {
    for (const [i, count] of buckets.counts.entries()) {
      const at = buckets.offset + i - offset
      counts[at] = (counts[at] ?? 0) + count
    }
  }
  return { offset, counts }
}
