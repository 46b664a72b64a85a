import type { BucketSpan, NativeHistogram } from '../remote-write/index.ts'
import type { ExponentialValue, HistogramValue } from './otlp-points.ts'

/** The schema of native histograms with custom bounds. */
const CUSTOM_BOUNDS = -53
/** A histogram wider than this is no measurement, and would cost memory. */
const MAX_BUCKETS = 20_000

export type NativeValue =
  | { readonly t: 'exponential'; readonly value: ExponentialValue }
  | { readonly t: 'explicit'; readonly value: HistogramValue }
  | { readonly t: 'none'; readonly reason: string }

/** A native histogram as OTLP has it. What OTLP has no form for is told with a reason. */
export function nativeToOtlp(histogram: NativeHistogram): NativeValue {
  if (histogram.resetHint === 'gauge') return { t: 'none', reason: 'gauge_histogram' }
  const { count, zeroCount, positive, negative } = countsOf(histogram)
  const all = [count, zeroCount, ...positive, ...negative]
  // OTLP counts in integers.
  if (!all.every((value) => Number.isSafeInteger(value) && value >= 0)) return { t: 'none', reason: 'float_histogram' }
  if (histogram.schema === CUSTOM_BOUNDS) return toExplicit(histogram, count, positive)
  const positiveBuckets = toDense(histogram.positiveSpans, positive)
  const negativeBuckets = toDense(histogram.negativeSpans, negative)
  if (positiveBuckets === undefined || negativeBuckets === undefined) return { t: 'none', reason: 'bad_histogram' }
  const { schema: scale, sum, zeroThreshold } = histogram
  return {
    t: 'exponential',
    value: { count, sum, scale, zeroCount, zeroThreshold, positive: positiveBuckets, negative: negativeBuckets },
  }
}

function countsOf({ counts }: NativeHistogram): {
  readonly count: number
  readonly zeroCount: number
  readonly positive: readonly number[]
  readonly negative: readonly number[]
} {
  if (counts.kind === 'float') {
    const { count, zeroCount, positiveCounts: positive, negativeCounts: negative } = counts
    return { count, zeroCount, positive, negative }
  }
  return {
    count: Number(counts.count),
    zeroCount: Number(counts.zeroCount),
    positive: sumUp(counts.positiveDeltas),
    negative: sumUp(counts.negativeDeltas),
  }
}

function sumUp(deltas: readonly bigint[]): readonly number[] {
  let value = 0n
  return deltas.map((delta) => Number((value += delta)))
}

/** Spans become consecutive buckets. Prometheus numbers a bucket by its upper bound, OTLP by its lower. */
function toDense(
  spans: readonly BucketSpan[],
  values: readonly number[],
): { readonly offset: number; readonly counts: readonly number[] } | undefined {
  const counts: number[] = []
  let at = 0
  let first: number | undefined
  let end = 0
  for (const { offset, length } of spans) {
    const start = end + offset
    if (length === 0) {
      end = start
      continue
    }
    first ??= start
    if (start - first + length > MAX_BUCKETS || start - first < counts.length) return undefined
    while (counts.length < start - first) counts.push(0)
    for (let i = 0; i < length; i++) counts.push(values[at++] ?? 0)
    end = start + length
  }
  return at === values.length ? { offset: (first ?? 1) - 1, counts } : undefined
}

function toExplicit(
  { positiveSpans, customValues: bounds = [], sum }: NativeHistogram,
  count: number,
  values: readonly number[],
): NativeValue {
  const dense = toDense(positiveSpans, values)
  // Here bucket 0 is the first one.
  const start = (dense?.offset ?? 0) + 1
  if (dense === undefined || start < 0 || start + dense.counts.length > bounds.length + 1) {
    return { t: 'none', reason: 'bad_histogram' }
  }
  const bucketCounts = new Array<number>(bounds.length + 1).fill(0)
  for (const [i, value] of dense.counts.entries()) bucketCounts[start + i] = value
  if (dense.counts.length === 0) bucketCounts[0] = 0
  return { t: 'explicit', value: { count, sum, bucketCounts, bounds } }
}
