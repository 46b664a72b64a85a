import type { LogCountRequest } from '../../../query/index.ts'

/** More than these are as many as lines. */
const MAX_BUCKETS = 100_000

/**
 * Windows of a metric query cut into buckets of which each window is made up exactly: a bucket n holds
 * base + n × width < t ≤ base + (n + 1) × width.
 */
export class Windows {
  readonly baseNs: bigint
  readonly lastNs: bigint
  readonly widthNs: bigint
  readonly buckets: number
  readonly #count: number
  /** Of one window, and from one window to the next, in buckets. */
  readonly #length: number
  readonly #step: number

  private constructor({ firstEndNs, stepNs, count, rangeNs }: LogCountRequest, widthNs: bigint, buckets: number) {
    this.baseNs = firstEndNs - rangeNs
    this.lastNs = firstEndNs + stepNs * BigInt(count - 1)
    this.widthNs = widthNs
    this.buckets = buckets
    this.#count = count
    this.#length = Number(rangeNs / widthNs)
    this.#step = Number(stepNs / widthNs)
  }

  /** Undefined when it takes too many buckets. */
  static of(request: LogCountRequest): Windows | undefined {
    const { stepNs, rangeNs, count } = request
    const widthNs = count === 1 ? rangeNs : greatestCommonDivisor(stepNs, rangeNs)
    const buckets = (stepNs * BigInt(count - 1) + rangeNs) / widthNs
    return buckets > MAX_BUCKETS ? undefined : new Windows(request, widthNs, Number(buckets))
  }

  /** What the buckets of each window come to; NaN for a window without lines. */
  sums(lines: Float64Array, values: Float64Array): Float64Array {
    const sums = new Float64Array(this.#count)
    // Whole numbers, so that sums of differences are exact.
    const [linesUpTo, valuesUpTo] = [runningSums(lines), runningSums(values)]
    for (let window = 0; window < this.#count; window++) {
      const from = window * this.#step
      const to = from + this.#length
      const hasLines = (linesUpTo[to] ?? 0) > (linesUpTo[from] ?? 0)
      sums[window] = hasLines ? (valuesUpTo[to] ?? 0) - (valuesUpTo[from] ?? 0) : NaN
    }
    return sums
  }
}

function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1)
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] ?? 0) + (values[i] ?? 0)
  return sums
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b)
}
