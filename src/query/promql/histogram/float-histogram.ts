import { type Buckets, NO_BUCKETS, withoutEmpty } from './buckets.ts'

/** The schema of histograms whose bucket bounds are listed; schemas -4…8 have exponential ones. */
export const CUSTOM_SCHEMA = -53

/** What a counter histogram says of the one before it. A gauge may go up and down. */
export type ResetHint = 'unknown' | 'reset' | 'not-reset' | 'gauge'

/**
 * A native histogram as a value. It never changes; what calculates makes a new one. Counts may be fractions, and
 * negative ones appear in intermediate results.
 */
export interface FloatHistogram {
  readonly schema: number
  readonly resetHint: ResetHint
  readonly count: number
  readonly sum: number
  /** Observations from -zeroThreshold to +zeroThreshold are in the zero bucket. 0 with custom bounds. */
  readonly zeroThreshold: number
  readonly zeroCount: number
  /** With exponential bounds, bucket i holds base^(i-1) < v ≤ base^i; with custom ones all are here, numbered from 0. */
  readonly positive: Buckets
  readonly negative: Buckets
  /** Upper bounds, ascending, of all custom buckets but the last, which ends at +Inf. */
  readonly customValues: readonly number[]
}

export const EMPTY_HISTOGRAM: FloatHistogram = {
  schema: 0,
  resetHint: 'unknown',
  count: 0,
  sum: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customValues: [],
}

export function hasCustomBounds(histogram: FloatHistogram): boolean {
  return histogram.schema === CUSTOM_SCHEMA
}

export function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i])
}

/** Without empty buckets, which would make equal histograms look different. */
export function compact(histogram: FloatHistogram): FloatHistogram {
  const positive = withoutEmpty(histogram.positive)
  const negative = withoutEmpty(histogram.negative)
  if (positive === histogram.positive && negative === histogram.negative) return histogram
  return { ...histogram, positive, negative }
}

export function withHint(histogram: FloatHistogram, resetHint: ResetHint): FloatHistogram {
  return histogram.resetHint === resetHint ? histogram : { ...histogram, resetHint }
}

/** Whether the two are the same to the bit, empty buckets included; the reset hint does not count. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  if (a === b) return true
  if (a.schema !== b.schema || !Object.is(a.count, b.count) || !Object.is(a.sum, b.sum)) return false
  const sameZero = a.zeroThreshold === b.zeroThreshold && Object.is(a.zeroCount, b.zeroCount)
  if (hasCustomBounds(a) ? !sameBounds(a.customValues, b.customValues) : !sameZero) return false
  return equalBuckets(a.positive, b.positive) && equalBuckets(a.negative, b.negative)
}

function equalBuckets(a: Buckets, b: Buckets): boolean {
  if (a.indexes.length !== b.indexes.length) return false
  for (let i = 0; i < a.indexes.length; i++) {
    if (a.indexes[i] !== b.indexes[i] || !Object.is(a.counts[i], b.counts[i])) return false
  }
  return true
}
