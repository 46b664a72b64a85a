import { align, toSchema, widenZeroBucket } from './align.ts'
import { type Buckets, filterBuckets } from './buckets.ts'
import { upperBound } from './bounds.ts'
import { type FloatHistogram, hasCustomBounds, type ResetHint, sameBounds } from './float-histogram.ts'

/** Whether the counter began anew between the two, by its hint or because something went down. */
export function isReset(histogram: FloatHistogram, previous: FloatHistogram): boolean {
  if (histogram.resetHint === 'reset') return true
  if (histogram.resetHint === 'not-reset') return false
  if (histogram.count < previous.count) return true
  if (hasCustomBounds(histogram) !== hasCustomBounds(previous)) return true
  return hasCustomBounds(histogram) ? customReset(histogram, previous) : exponentialReset(histogram, previous)
}

/** Where custom bounds differ, what lies between those that both have is compared. */
function customReset(histogram: FloatHistogram, previous: FloatHistogram): boolean {
  const aligned = align(histogram, previous)
  return aligned === undefined || anyDecrease(aligned.a.positive, aligned.b.positive)
}

function exponentialReset(histogram: FloatHistogram, previous: FloatHistogram): boolean {
  const { schema, zeroThreshold } = histogram
  if (schema > previous.schema || zeroThreshold < previous.zeroThreshold) return true
  const widened = widenZeroBucket(previous, zeroThreshold)
  // The threshold lies in a populated bucket of the previous one: they cannot be of one counter.
  if (widened.zeroThreshold !== zeroThreshold) return true
  if (histogram.zeroCount < widened.zeroCount) return true
  const before = toSchema(widened, schema)
  const outside = (buckets: Buckets): Buckets =>
    zeroThreshold === previous.zeroThreshold
      ? buckets
      : filterBuckets(buckets, (index) => upperBound(histogram, index - 1) >= zeroThreshold)
  return (
    anyDecrease(outside(histogram.positive), before.positive) ||
    anyDecrease(outside(histogram.negative), before.negative)
  )
}

/** Whether a bucket has fewer than before; one that is not there any more has none. */
function anyDecrease(now: Buckets, before: Buckets): boolean {
  let at = 0
  for (let i = 0; i < before.indexes.length; i++) {
    const index = before.indexes[i] ?? 0
    const count = before.counts[i] ?? 0
    while (at < now.indexes.length && (now.indexes[at] ?? 0) < index) at += 1
    if (now.indexes[at] === index ? (now.counts[at] ?? 0) < count : count !== 0) return true
  }
  return false
}

/**
 * What a sample of a stored series says of the one before it (`undefined` for none, or none of the same kind). A
 * change of bounds says nothing; whoever compares the two must look.
 */
export function hintAfter(previous: FloatHistogram | undefined, histogram: FloatHistogram): ResetHint {
  const { resetHint } = histogram
  if (resetHint === 'gauge' || resetHint === 'reset') return resetHint
  if (previous === undefined || previous.resetHint === 'gauge') return 'unknown'
  if (histogram.count < previous.count) return 'reset'
  const sameLayout =
    histogram.schema === previous.schema &&
    histogram.zeroThreshold === previous.zeroThreshold &&
    sameBounds(histogram.customValues, previous.customValues)
  if (!sameLayout) return 'unknown'
  return isReset(resetHint === 'unknown' ? histogram : { ...histogram, resetHint: 'unknown' }, previous)
    ? 'reset'
    : 'not-reset'
}
