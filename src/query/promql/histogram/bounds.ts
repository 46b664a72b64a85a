import { type Buckets, NO_BUCKETS } from './buckets.ts'
import { type FloatHistogram, hasCustomBounds } from './float-histogram.ts'

/** A bucket with its bounds, as PromQL calculates with it. */
export interface Bucket {
  readonly lower: number
  readonly upper: number
  readonly count: number
  readonly lowerInclusive: boolean
  readonly upperInclusive: boolean
}

/** Where bucket `index` of the positive ones ends. */
export function upperBound({ schema, customValues }: BoundsOf, index: number): number {
  if (schema >= -4) return exponentialBound(schema, index)
  if (index < 0) return -Infinity
  return index < customValues.length ? (customValues[index] ?? NaN) : Infinity
}

type BoundsOf = Pick<FloatHistogram, 'schema' | 'customValues'>

/** base^index with base = 2^(2^-schema); the largest finite number instead of the infinity behind it. */
function exponentialBound(schema: number, index: number): number {
  if (schema <= 0) return finite(2 ** (index * 2 ** -schema))
  const fine = 2 ** schema
  const whole = Math.floor(index / fine)
  const rest = index - whole * fine
  return finite(rest === 0 ? 2 ** whole : 2 ** (rest / fine) * 2 ** whole)
}

function finite(bound: number): number {
  return bound === Infinity ? Number.MAX_VALUE : bound
}

/** The positive buckets, or all custom ones, from the lowest to the highest; the empty ones too. */
export function positiveBuckets(histogram: FloatHistogram): Bucket[] {
  const { indexes, counts } = histogram.positive
  const custom = hasCustomBounds(histogram)
  return Array.from(indexes, (index, i) => ({
    lower: upperBound(histogram, index - 1),
    upper: upperBound(histogram, index),
    count: counts[i] ?? 0,
    lowerInclusive: custom && index === 0,
    upperInclusive: true,
  }))
}

/** The negative buckets from the lowest to the highest; the empty ones too. */
export function negativeBuckets(histogram: FloatHistogram): Bucket[] {
  const { indexes, counts }: Buckets = hasCustomBounds(histogram) ? NO_BUCKETS : histogram.negative
  return Array.from(indexes, (index, i) => ({
    lower: -upperBound(histogram, index),
    upper: -upperBound(histogram, index - 1),
    count: counts[i] ?? 0,
    lowerInclusive: true,
    upperInclusive: false,
  })).reverse()
}

export function zeroBucket({ zeroThreshold, zeroCount }: FloatHistogram): Bucket {
  return {
    lower: -zeroThreshold,
    upper: zeroThreshold,
    count: zeroCount,
    lowerInclusive: true,
    upperInclusive: true,
  }
}

/** All buckets in the order of their bounds. Those that reach into the zero bucket end where it begins. */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  if (hasCustomBounds(histogram)) return positiveBuckets(histogram)
  const { zeroThreshold, zeroCount } = histogram
  return [
    ...negativeBuckets(histogram).map((b) => (b.upper > -zeroThreshold ? { ...b, upper: -zeroThreshold } : b)),
    ...(zeroCount > 0 ? [zeroBucket(histogram)] : []),
    ...positiveBuckets(histogram).map((b) => (b.lower < zeroThreshold ? { ...b, lower: zeroThreshold } : b)),
  ]
}
