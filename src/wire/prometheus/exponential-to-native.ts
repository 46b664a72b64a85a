import type { NativeHistogram } from '../remote-write/index.ts'
import { type ExponentialHistogram, toSpans } from './exponential.ts'

/** What stands for a threshold that the sender did not set. */
const DEFAULT_ZERO_THRESHOLD = 1e-128

/** A start of 0 is unknown. */
export function toNative(histogram: ExponentialHistogram, timestampMs: number, startMs: number): NativeHistogram {
  const positive = toSpans(histogram.positive)
  const negative = toSpans(histogram.negative)
  return {
    timestampMs,
    ...(startMs > 0 ? { startTimestampMs: startMs } : {}),
    schema: histogram.scale,
    zeroThreshold: histogram.zeroThreshold === 0 ? DEFAULT_ZERO_THRESHOLD : histogram.zeroThreshold,
    sum: histogram.sum,
    resetHint: 'unspecified',
    negativeSpans: toSpanList(negative),
    positiveSpans: toSpanList(positive),
    counts: {
      kind: 'integer',
      count: BigInt(histogram.count),
      zeroCount: BigInt(histogram.zeroCount),
      negativeDeltas: toDeltas(negative.counts),
      positiveDeltas: toDeltas(positive.counts),
    },
  }
}

function toSpanList({
  offsets,
  lengths,
}: {
  readonly offsets: readonly number[]
  readonly lengths: readonly number[]
}): readonly { readonly offset: number; readonly length: number }[] {
  return offsets.map((offset, i) => ({ offset, length: lengths[i] ?? 0 }))
}

function toDeltas(counts: readonly number[]): readonly bigint[] {
  return counts.map((count, i) => BigInt(count - (counts[i - 1] ?? 0)))
}
