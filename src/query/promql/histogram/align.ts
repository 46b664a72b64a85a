import { type Buckets, coarserBuckets, filterBuckets, mergeBuckets } from './buckets.ts'
import { negativeBuckets, positiveBuckets, upperBound } from './bounds.ts'
import { type FloatHistogram, hasCustomBounds, sameBounds } from './float-histogram.ts'

/** Two histograms with the same bounds. */
export interface Aligned {
  readonly a: FloatHistogram
  readonly b: FloatHistogram
  /** Custom bounds differed; those are left that both had. */
  readonly reconciled: boolean
}

/** Brings two histograms to bounds that both can have; undefined when one is exponential and the other custom. */
export function align(a: FloatHistogram, b: FloatHistogram): Aligned | undefined {
  if (hasCustomBounds(a) !== hasCustomBounds(b)) return undefined
  if (hasCustomBounds(a)) {
    if (sameBounds(a.customValues, b.customValues)) return { a, b, reconciled: false }
    const common = a.customValues.filter((bound) => b.customValues.includes(bound))
    return { a: toCustomBounds(a, common), b: toCustomBounds(b, common), reconciled: true }
  }
  let [left, right] = [a, b]
  while (left.zeroThreshold !== right.zeroThreshold) {
    if (left.zeroThreshold > right.zeroThreshold) right = widenZeroBucket(right, left.zeroThreshold)
    else left = widenZeroBucket(left, right.zeroThreshold)
  }
  const schema = Math.min(left.schema, right.schema)
  return { a: toSchema(left, schema), b: toSchema(right, schema), reconciled: false }
}

/** Gives `histogram` the bounds of `model`, whose own can be reached from it. */
export function alignTo(histogram: FloatHistogram, model: FloatHistogram): FloatHistogram {
  if (hasCustomBounds(model)) {
    const { customValues } = model
    return sameBounds(histogram.customValues, customValues) ? histogram : toCustomBounds(histogram, customValues)
  }
  return toSchema(absorb(histogram, model.zeroThreshold), model.schema)
}

/** In a coarser schema. */
export function toSchema(histogram: FloatHistogram, schema: number): FloatHistogram {
  const steps = histogram.schema - schema
  if (steps === 0) return histogram
  return {
    ...histogram,
    schema,
    positive: coarserBuckets(histogram.positive, steps),
    negative: coarserBuckets(histogram.negative, steps),
  }
}

/** With fewer custom bounds. */
function toCustomBounds(histogram: FloatHistogram, bounds: readonly number[]): FloatHistogram {
  const target = (index: number): number => {
    const upper = upperBound(histogram, index)
    const found = bounds.findIndex((bound) => bound >= upper)
    return found === -1 ? bounds.length : found
  }
  return { ...histogram, customValues: bounds, positive: mergeBuckets(histogram.positive, target) }
}

/** With a zero bucket that reaches to the threshold, or as far as the populated bucket in which that lies. */
export function widenZeroBucket(histogram: FloatHistogram, threshold: number): FloatHistogram {
  let reach = threshold
  for (;;) {
    const before = reach
    for (const bucket of positiveBuckets(histogram)) {
      if (bucket.lower < reach && bucket.upper > reach && bucket.count !== 0) reach = bucket.upper
    }
    for (const bucket of negativeBuckets(histogram)) {
      if (bucket.upper > -reach && bucket.lower < -reach && bucket.count !== 0) reach = -bucket.lower
    }
    if (reach === before) return absorb(histogram, reach)
  }
}

/** Moves the buckets that begin below the threshold into the zero bucket. */
function absorb(histogram: FloatHistogram, threshold: number): FloatHistogram {
  if (threshold === histogram.zeroThreshold) return histogram
  let { zeroCount } = histogram
  const outside = (buckets: Buckets): Buckets =>
    filterBuckets(buckets, (index, count) => {
      if (upperBound(histogram, index - 1) >= threshold) return true
      zeroCount += count
      return false
    })
  const positive = outside(histogram.positive)
  const negative = outside(histogram.negative)
  return { ...histogram, zeroThreshold: threshold, zeroCount, positive, negative }
}
