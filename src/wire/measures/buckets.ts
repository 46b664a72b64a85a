import type { ReadExponentialPoint, ReadHistogramPoint } from '../otlp/read/index.ts'
import type { BucketSpan, NativeHistogram } from '../remote-write/index.ts'
import type { MeasuredBucket } from './measured-point.ts'

/** The buckets of a histogram with explicit bounds. */
export function toExplicitBuckets({ bounds, bucketCounts }: ReadHistogramPoint): readonly MeasuredBucket[] {
  return withoutEmpty(
    bucketCounts.map((count, i) => ({
      lower: bounds[i - 1] ?? -Infinity,
      upper: bounds[i] ?? Infinity,
      count: Number(count),
    })),
  )
}

/** The buckets of an exponential histogram: (baseⁱ, baseⁱ⁺¹] with base = 2^(2^−scale), the same below zero. */
export function toExponentialBuckets(point: ReadExponentialPoint): readonly MeasuredBucket[] {
  const edge = (index: number): number => 2 ** (index / 2 ** point.scale)
  const { zeroThreshold, zeroCount, positive, negative } = point
  return joinAroundZero(
    negative.counts.map((count, i) => ({
      lower: -edge(negative.offset + i + 1),
      upper: -edge(negative.offset + i),
      count: Number(count),
    })),
    { lower: -zeroThreshold, upper: zeroThreshold, count: Number(zeroCount) },
    positive.counts.map((count, i) => ({
      lower: edge(positive.offset + i),
      upper: edge(positive.offset + i + 1),
      count: Number(count),
    })),
  )
}

const CUSTOM_BOUNDS = -53

/** The buckets of a native histogram. Bucket i is (baseⁱ⁻¹, baseⁱ], or what the custom bounds say. */
export function toNativeBuckets({
  schema,
  zeroThreshold,
  customValues,
  ...of
}: NativeHistogram): readonly MeasuredBucket[] {
  const positive = bucketCounts(
    of.positiveSpans,
    of.counts.kind === 'integer' ? sumUp(of.counts.positiveDeltas) : of.counts.positiveCounts,
  )
  if (schema === CUSTOM_BOUNDS) {
    const bounds = customValues ?? []
    return withoutEmpty(
      positive.map(([index, count]) => ({
        lower: bounds[index - 1] ?? -Infinity,
        upper: bounds[index] ?? Infinity,
        count,
      })),
    )
  }
  const negative = bucketCounts(
    of.negativeSpans,
    of.counts.kind === 'integer' ? sumUp(of.counts.negativeDeltas) : of.counts.negativeCounts,
  )
  const edge = (index: number): number => 2 ** (index / 2 ** schema)
  return joinAroundZero(
    negative.map(([index, count]) => ({ lower: -edge(index), upper: -edge(index - 1), count })),
    { lower: -zeroThreshold, upper: zeroThreshold, count: Number(of.counts.zeroCount) },
    positive.map(([index, count]) => ({ lower: edge(index - 1), upper: edge(index), count })),
  )
}

function joinAroundZero(
  negative: readonly MeasuredBucket[],
  zero: MeasuredBucket,
  positive: readonly MeasuredBucket[],
): readonly MeasuredBucket[] {
  return withoutEmpty([...negative.toReversed(), zero, ...positive])
}

function withoutEmpty(buckets: readonly MeasuredBucket[]): readonly MeasuredBucket[] {
  return buckets.filter(({ count }) => count > 0)
}

/** Spans say where the counts lie: a gap to the span before, then so many in a row. */
function bucketCounts(
  spans: readonly BucketSpan[],
  counts: readonly number[],
): (readonly [index: number, count: number])[] {
  const found: (readonly [number, number])[] = []
  let index = 0
  for (const { offset, length } of spans) {
    index += offset
    for (let i = 0; i < length; i++) {
      const count = counts[found.length]
      if (count === undefined) return found
      found.push([index, count])
      index += 1
    }
  }
  return found
}

function sumUp(deltas: readonly bigint[]): readonly number[] {
  let count = 0n
  return deltas.map((delta) => {
    count += delta
    return Number(count)
  })
}
