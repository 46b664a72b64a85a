import type { ForcedMonotonicity } from '../annotations.ts'

/** A cumulative bucket of a classic histogram. */
export interface ClassicBucket {
  upperBound: number
  count: number
}

/** Differences of counts below this share come from floating point, not from the application. */
const SMALL_DELTA = 1e-12
const MIN_NORMAL = 2 ** -1022

type Forced = Omit<ForcedMonotonicity, 'timeMs'>

/** The φ-quantile, with linear interpolation; `forced` says what had to be mended of the buckets. */
export function classicQuantile(
  q: number,
  buckets: ClassicBucket[],
): { readonly value: number; readonly forced: Forced | undefined } {
  const plain = (value: number): { value: number; forced: undefined } => ({ value, forced: undefined })
  if (Number.isNaN(q)) return plain(NaN)
  if (q < 0) return plain(-Infinity)
  if (q > 1) return plain(Infinity)
  if (buckets.at(-1)?.upperBound !== Infinity) return plain(NaN)
  const forced = makeMonotonic(buckets)
  return { value: interpolate(q, buckets), forced }
}

function interpolate(q: number, buckets: readonly ClassicBucket[]): number {
  const observations = buckets.at(-1)?.count ?? 0
  if (buckets.length < 2 || observations === 0) return NaN
  const rank = q * observations
  const searched = buckets.slice(0, -1).findIndex((bucket) => bucket.count >= rank)
  if (searched === -1) return buckets.at(-2)?.upperBound ?? NaN
  const bucket = buckets[searched] ?? { upperBound: NaN, count: NaN }
  const below = buckets[searched - 1]
  if (below === undefined) {
    if (bucket.upperBound <= 0) return bucket.upperBound
    return bucket.upperBound * (rank / bucket.count)
  }
  const width = bucket.upperBound - below.upperBound
  return below.upperBound + width * ((rank - below.count) / (bucket.count - below.count))
}

/** The share of observations between two values. */
export function classicFraction(lower: number, upper: number, buckets: readonly ClassicBucket[]): number {
  const last = buckets.at(-1)
  if (last?.upperBound !== Infinity || last.count === 0) return NaN
  if (Number.isNaN(lower) || Number.isNaN(upper)) return NaN
  if (lower >= upper) return 0
  return (countBelow(upper, buckets, last.count) - countBelow(lower, buckets, last.count)) / last.count
}

function countBelow(value: number, buckets: readonly ClassicBucket[], total: number): number {
  let below = 0
  let lower = (buckets[0]?.upperBound ?? 0) > 0 ? 0 : -Infinity
  for (const { upperBound, count } of buckets) {
    if (lower >= value) return Math.min(below, total)
    if (upperBound > value) {
      if (lower === -Infinity) return Math.min(count, total)
      return Math.min(below + ((count - below) * (value - lower)) / (upperBound - lower), total)
    }
    below = count
    lower = upperBound
  }
  return total
}

/** Lifts counts that are lower than the one before; says so where one was lower by more than rounding explains. */
function makeMonotonic(buckets: ClassicBucket[]): Forced | undefined {
  let forced: Forced | undefined
  let previous = buckets[0]?.count ?? 0
  for (const bucket of buckets.slice(1)) {
    const { upperBound, count } = bucket
    if (count === previous) continue
    if (almostEqual(previous, count)) {
      bucket.count = previous
    } else if (count < previous) {
      forced = {
        lowest: Math.min(forced?.lowest ?? Infinity, upperBound),
        highest: Math.max(forced?.highest ?? -Infinity, upperBound),
        maxDifference: Math.max(forced?.maxDifference ?? 0, previous - count),
      }
      bucket.count = previous
    } else {
      previous = count
    }
  }
  return forced
}

function almostEqual(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < SMALL_DELTA * MIN_NORMAL
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA
}
