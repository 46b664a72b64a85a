/** Bytes of a trace id and a span id behind it. */
export const IDS_BYTES = 24

/** Where a trace id and the span id behind it are to be had; they are read at once, if at all. */
export interface HasIds {
  readonly ids: Uint8Array
}

/** One observation that stands for its bucket. */
export interface Exemplar {
  readonly seconds: number
  readonly timeMs: number
  /** Lower-case hexadecimal. */
  readonly traceId: string
  readonly spanId: string
}

/**
 * A histogram of durations that only grows. Each bucket keeps the first observation since the last look as its exemplar,
 * so that most observations copy nothing.
 */
export class LatencyHistogram {
  count = 0
  sum = 0
  /** Of each bucket alone, the one above the highest bound last. */
  readonly counts: Float64Array
  readonly #bounds: readonly number[]
  /** 0: the bucket has no exemplar. */
  readonly #times: Float64Array
  readonly #seconds: Float64Array
  readonly #ids: Uint8Array

  constructor(bounds: readonly number[]) {
    const buckets = bounds.length + 1
    this.#bounds = bounds
    this.counts = new Float64Array(buckets)
    this.#times = new Float64Array(buckets)
    this.#seconds = new Float64Array(buckets)
    this.#ids = new Uint8Array(buckets * IDS_BYTES)
  }

  observe(seconds: number, timeMs: number, from: HasIds): void {
    const bucket = this.#bucketOf(seconds)
    this.count += 1
    this.sum += seconds
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    if (this.#times[bucket] !== 0) return
    this.#times[bucket] = timeMs
    this.#seconds[bucket] = seconds
    this.#ids.set(from.ids, bucket * IDS_BYTES)
  }

  exemplar(bucket: number): Exemplar | undefined {
    const timeMs = this.#times[bucket] ?? 0
    if (timeMs === 0) return undefined
    const hex = Buffer.from(this.#ids.buffer, bucket * IDS_BYTES, IDS_BYTES).toString('hex')
    return { seconds: this.#seconds[bucket] ?? 0, timeMs, traceId: hex.slice(0, 32), spanId: hex.slice(32) }
  }

  forgetExemplars(): void {
    this.#times.fill(0)
  }

  /** Bounds are inclusive, as those of Prometheus are. */
  #bucketOf(seconds: number): number {
    let low = 0
    let high = this.#bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (seconds <= (this.#bounds[middle] ?? Infinity)) high = middle
      else low = middle + 1
    }
    return low
  }
}
