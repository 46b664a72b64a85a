/** Numbers as on the wire (`Histogram.ResetHint`). */
export const RESET_HINTS = ['unspecified', 'yes', 'no', 'gauge'] as const
export type ResetHint = (typeof RESET_HINTS)[number]

/** So many consecutive buckets, after a gap to the span before (or from bucket 0, for the first). */
export interface BucketSpan {
  readonly offset: number
  readonly length: number
}

/**
 * A sample of a native histogram, exponential (schema −4…8) or with custom bounds (schema −53). Counts are integers,
 * with buckets as deltas to the bucket before, or floats, with absolute buckets.
 */
export interface NativeHistogram {
  readonly timestampMs: number
  readonly startTimestampMs?: number
  readonly schema: number
  readonly zeroThreshold: number
  readonly sum: number
  readonly resetHint: ResetHint
  readonly negativeSpans: readonly BucketSpan[]
  readonly positiveSpans: readonly BucketSpan[]
  readonly counts:
    | {
        readonly kind: 'integer'
        readonly count: bigint
        readonly zeroCount: bigint
        readonly negativeDeltas: readonly bigint[]
        readonly positiveDeltas: readonly bigint[]
      }
    | {
        readonly kind: 'float'
        readonly count: number
        readonly zeroCount: number
        readonly negativeCounts: readonly number[]
        readonly positiveCounts: readonly number[]
      }
  /** Upper bounds, for schema −53 only. */
  readonly customValues?: readonly number[]
}
