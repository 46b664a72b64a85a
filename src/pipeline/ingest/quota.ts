import { AppError, type Clock } from '../../core/index.ts'

/** How much one cluster may send. */
export interface Rate {
  readonly bytesPerSecond: number
  /** What may come at once after a pause. */
  readonly burstBytes: number
}

/** The sender is over its rate, and is told when it may go on. Over gRPC this is RESOURCE_EXHAUSTED with RetryInfo. */
export class OverRateError extends AppError {
  constructor(cluster: string, retryAfterMs: number) {
    super('exhausted', `${cluster} sends more than its rate allows, try again later`, { retryAfterMs })
  }
}

const LEAST_WAIT_MS = 100

/**
 * A bucket of bytes for each cluster. The size of a request is known only after it was taken in, so a request is let
 * in as long as the bucket is not in debt, and pays then: the rate holds on average whatever the requests' size.
 */
export class Quota {
  readonly #clock: Clock
  readonly #rateOf: (cluster: string) => Rate | undefined
  /** One for each cluster of the fleet that has a rate and has sent. */
  readonly #buckets = new Map<string, { bytes: number; atMs: number }>()

  constructor(clock: Clock, rateOf: (cluster: string) => Rate | undefined) {
    this.#clock = clock
    this.#rateOf = rateOf
  }

  /** Throws `OverRateError` while the cluster is in debt. */
  check(cluster: string): void {
    const rate = this.#rateOf(cluster)
    if (rate === undefined) return
    const { bytes } = this.#fill(cluster, rate)
    if (bytes >= 0) return
    throw new OverRateError(cluster, Math.max(LEAST_WAIT_MS, Math.ceil((1_000 * -bytes) / rate.bytesPerSecond)))
  }

  pay(cluster: string, bytes: number): void {
    const rate = this.#rateOf(cluster)
    if (rate !== undefined) this.#fill(cluster, rate).bytes -= bytes
  }

  #fill(cluster: string, rate: Rate): { bytes: number } {
    const nowMs = this.#clock.now()
    const bucket = this.#buckets.get(cluster) ?? { bytes: rate.burstBytes, atMs: nowMs }
    this.#buckets.set(cluster, bucket)
    // A clock that was put back must not take anything away.
    const earned = (Math.max(0, nowMs - bucket.atMs) * rate.bytesPerSecond) / 1_000
    bucket.bytes = Math.min(rate.burstBytes, bucket.bytes + earned)
    bucket.atMs = nowMs
    return bucket
  }
}
