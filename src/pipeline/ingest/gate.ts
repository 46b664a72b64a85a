import type { Clock, Metrics } from '../../core/index.ts'
import type { Identity } from '../../model/index.ts'
import { Admission, type Reservation } from './admission.ts'
import { Pressure, type PressureSource } from './pressure.ts'
import { Quota, type Rate } from './quota.ts'
import { RetryHints } from './retry-hints.ts'
import { Turns } from './turns.ts'

export interface IngestGateOptions {
  readonly clock: Clock
  readonly metrics: Metrics
  /** Memory of all requests that are being taken in, of all receivers together. */
  readonly maxInFlightBytes: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  /** Which part of the memory one cluster may hold; by default a half. */
  readonly clusterShare?: number
  readonly rateOf?: (cluster: string) => Rate | undefined
  readonly pressure?: readonly PressureSource[]
}

/**
 * What every request goes through before its body is read, whichever receiver takes it: is there room at all, is its
 * sender within its rate, and is there memory. One gate stands before all receivers of a program.
 */
export class IngestGate {
  readonly #admission: Admission
  readonly #quota: Quota
  readonly #pressure: Pressure
  readonly #turns = new Turns()

  constructor(options: IngestGateOptions) {
    const { clock, metrics, maxInFlightBytes, clusterShare, rateOf, pressure = [] } = options
    const hints = new RetryHints(clock)
    const { maxWaiting, maxWaitMs } = options
    this.#admission = new Admission({
      clock,
      hints,
      limitBytes: maxInFlightBytes,
      ...(clusterShare === undefined ? {} : { ownerShare: clusterShare }),
      maxWaiting,
      maxWaitMs,
    })
    this.#quota = new Quota(clock, rateOf ?? (() => undefined))
    this.#pressure = new Pressure(clock, hints, pressure)
    const inFlight = metrics.gauge(
      'fleetglass_ingest_in_flight_bytes',
      'Memory kept for requests under way.',
      [],
      () => {
        inFlight.set(this.#admission.reservedBytes)
      },
    )
    const waiting = metrics.gauge('fleetglass_ingest_waiting_requests', 'Requests that wait for memory.', [], () => {
      waiting.set(this.#admission.waiting)
    })
    const short = metrics.gauge(
      'fleetglass_ingest_short_of_room',
      'Whether requests are refused because something runs short.',
      ['what'],
      () => {
        for (const { name } of pressure) short.set({ what: name }, this.#pressure.short.includes(name) ? 1 : 0)
      },
    )
  }

  get inFlightBytes(): number {
    return this.#admission.reservedBytes
  }

  /** What the hub is short of, in words for people. */
  get shortOf(): readonly string[] {
    return this.#pressure.short
  }

  /**
   * Resolves when there is memory for the request, which must be released. Throws `unavailable` or `exhausted` with a
   * time to come back, or `cancelled` when the signal has aborted.
   */
  async enter({ cluster }: Identity, bytes: number, signal: AbortSignal): Promise<Reservation> {
    this.#pressure.check(this.#admission.reservedBytes)
    this.#quota.check(cluster)
    return await this.#admission.reserve(cluster, bytes, signal)
  }

  /** Says how large a request was, decompressed: it counts for its sender's rate. */
  pay({ cluster }: Identity, bytes: number): void {
    this.#quota.pay(cluster, bytes)
  }

  /** Resolves when a request that has been read, of so many bytes, may be decoded on this thread. */
  async turn({ cluster }: Identity, bytes: number): Promise<void> {
    await this.#turns.take(cluster, bytes)
  }
}
