import { align } from './align.ts'
import { type Buckets, combineBuckets, mapCounts, NO_BUCKETS } from './buckets.ts'
import { type FloatHistogram, type ResetHint, withHint } from './float-histogram.ts'

/** What came of adding or subtracting. */
export interface Combination {
  readonly histogram: FloatHistogram
  /** One said that its counter was reset, the other that it was not. */
  readonly collision: boolean
  /** The custom bounds differed; the result has those that both had. */
  readonly reconciled: boolean
}

/** a + b; undefined when one has exponential and the other custom bounds. */
export function addHistograms(a: FloatHistogram, b: FloatHistogram): Combination | undefined {
  return combine(a, b, 1)
}

/** a - b, a gauge; undefined when one has exponential and the other custom bounds. */
export function subtractHistograms(a: FloatHistogram, b: FloatHistogram): Combination | undefined {
  const combination = combine(a, b, -1)
  if (combination === undefined) return undefined
  return { ...combination, histogram: withHint(combination.histogram, 'gauge') }
}

function combine(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): Combination | undefined {
  const aligned = align(a, b)
  if (aligned === undefined) return undefined
  const { a: left, b: right, reconciled } = aligned
  const histogram: FloatHistogram = {
    schema: left.schema,
    resetHint: commonHint(a.resetHint, b.resetHint),
    count: left.count + sign * right.count,
    sum: left.sum + sign * right.sum,
    zeroThreshold: left.zeroThreshold,
    zeroCount: left.zeroCount + sign * right.zeroCount,
    positive: combineBuckets(left.positive, right.positive, sign),
    negative: combineBuckets(left.negative, right.negative, sign),
    customValues: left.customValues,
  }
  return { histogram, collision: hintsCollide(a.resetHint, b.resetHint), reconciled }
}

/** The hint of a sum: a gauge makes it a gauge, and what is not known of one is not known of both. */
export function commonHint(a: ResetHint, b: ResetHint): ResetHint {
  if (a === b) return a
  if (a === 'gauge' || b === 'gauge') return 'gauge'
  return 'unknown'
}

function hintsCollide(a: ResetHint, b: ResetHint): boolean {
  return (a === 'reset' && b === 'not-reset') || (a === 'not-reset' && b === 'reset')
}

/** Multiplies all counts and the sum. A negative factor makes a gauge of it. */
export function scaleHistogram(histogram: FloatHistogram, factor: number): FloatHistogram {
  return changeCounts(histogram, (count) => count * factor, factor < 0)
}

/** Divides all counts and the sum. Division by zero leaves no buckets but the zero bucket. */
export function divideHistogram(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const divided = changeCounts(histogram, (count) => count / divisor, divisor < 0)
  return divisor === 0 ? { ...divided, positive: NO_BUCKETS, negative: NO_BUCKETS } : divided
}

function changeCounts(histogram: FloatHistogram, change: (count: number) => number, gauge: boolean): FloatHistogram {
  const changed = (buckets: Buckets): Buckets => mapCounts(buckets, change)
  return {
    ...histogram,
    resetHint: gauge ? 'gauge' : histogram.resetHint,
    count: change(histogram.count),
    sum: change(histogram.sum),
    zeroCount: change(histogram.zeroCount),
    positive: changed(histogram.positive),
    negative: changed(histogram.negative),
  }
}
