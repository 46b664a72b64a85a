import { AppError, type Clock, type Logger } from '../../../core/index.ts'
import type { BatchId, Identity, PayloadFormat, Signal } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import type { RejectedItems } from '../../../pipeline/ingest/index.ts'
import {
  countItems,
  countRemoteWrite2,
  keepWithinWindow,
  type PartialSuccess,
  type TimeWindow,
} from '../../../wire/index.ts'
import { parseBatchId, parseCollectedAt } from './batch-headers.ts'
import type { OtlpMeters } from './meters.ts'

/** A request and whose it is. */
export interface Submission {
  readonly identity: Identity
  readonly signal: Signal
  readonly format: PayloadFormat
  /** The payload. Throws `invalid` if it cannot be made of the request. */
  readonly read: () => Uint8Array
  /** The values of `fleetglass-batch-id` and `fleetglass-collected-at`, as they came. */
  readonly batchId?: string | undefined
  readonly collectedAt?: string | undefined
}

export interface IntakeOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly meters: OtlpMeters
  readonly next: Consumer
  /** Whether senders are edges of ours that may number their batches: on the hub, behind mutual TLS. */
  readonly takesBatchIds: boolean
  /** The times that are taken of senders without numbers; absent, all. Edges may be days late and lose nothing. */
  readonly windowOf?: ((identity: Identity, signal: Signal) => TimeWindow) | undefined
  /** Told of every request once it is safe. `bytes` are those of the payload. */
  readonly onAccepted?: ((identity: Identity, signal: Signal, items: number, bytes: number) => void) | undefined
  /** Told of what is refused for good. */
  readonly onRejected?: ((identity: Identity, rejected: RejectedItems) => void) | undefined
}

/** Makes batches of requests. It is behind all servers, which know how a request travels but not what it is. */
export class Intake {
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /**
   * Resolves when the request is safe, with what of it was refused. Rejects with an AppError, or with what the pipeline
   * rejects with.
   */
  async submit(submission: Submission): Promise<PartialSuccess | undefined> {
    try {
      return await this.#submit(submission)
    } catch (reason) {
      const { identity, signal } = submission
      const error = AppError.from(reason)
      if (error.code === 'invalid')
        this.#reject(identity, { signal, reason: 'malformed', items: 1, detail: error.message })
      throw error
    }
  }

  /** Counts a request over gRPC that failed, and logs what is our own fault. */
  countFailure(reason: unknown): AppError {
    const error = AppError.from(reason)
    this.#options.meters.requests.inc({ code: error.code })
    if (error.code === 'internal' || error.code === 'corrupt') {
      this.#options.log.error({ error: error.message, stack: error.stack }, 'otlp: a request failed')
    }
    return error
  }

  /** A request over gRPC whose message cannot be taken: nobody sends it again, so it counts as refused for good. */
  countUnreadable(identity: Identity, error: AppError): void {
    if (error.code !== 'too_large' && error.code !== 'invalid') return
    const reason = error.code === 'too_large' ? error.code : 'undecodable'
    this.#reject(identity, { reason, items: 1, detail: error.message })
  }

  countSuccess(): void {
    this.#options.meters.requests.inc({ code: 'ok' })
  }

  async #submit(submission: Submission): Promise<PartialSuccess | undefined> {
    const { identity, signal } = submission
    const id = this.#batchId(submission)
    const { payload, items, rejected } = this.#read(submission, id)
    // Nothing in it is a success. A numbered request is passed on all the same, for its numbers leave no gap then.
    if (items > 0 || id !== undefined) await this.#pass(submission, { payload, items, id })
    return this.#countRejected(identity, signal, rejected)
  }

  async #pass(
    { identity, signal, format, collectedAt }: Submission,
    { payload, items, id }: { payload: Uint8Array; items: number; id: BatchId | undefined },
  ): Promise<void> {
    const { clock, meters, next, onAccepted } = this.#options
    const receivedAtMs = clock.now()
    const collectedAtMs =
      id === undefined ? receivedAtMs : (parseCollectedAt(collectedAt, receivedAtMs) ?? receivedAtMs)
    await next({
      envelope: {
        signal,
        format,
        items,
        identity,
        source: 'otlp',
        collectedAtMs,
        receivedAtMs,
        ...(id === undefined ? {} : { id }),
      },
      payload,
    })
    const labels = { signal, source_cluster: identity.cluster }
    meters.acceptedItems.inc(labels, items)
    meters.acceptedBytes.inc(labels, payload.length)
    onAccepted?.(identity, signal, items, payload.length)
  }

  #read(
    { identity, signal, format, read }: Submission,
    id: BatchId | undefined,
  ): { payload: Uint8Array; items: number; rejected?: { tooOld: number; tooNew: number } } {
    const payload = read()
    if (format !== 'otlp') return { payload, items: countRemoteWrite2(payload) }
    const window = id === undefined ? this.#options.windowOf?.(identity, signal) : undefined
    if (window === undefined) return { payload, items: countItems(signal, payload) }
    const { bytes, items, ...rejected } = keepWithinWindow(signal, payload, window)
    return { payload: bytes, items, rejected }
  }

  /** Once the rest is safe: a request that is sent again must not count twice. */
  #countRejected(
    identity: Identity,
    signal: Signal,
    { tooOld, tooNew }: { tooOld: number; tooNew: number } = { tooOld: 0, tooNew: 0 },
  ): PartialSuccess | undefined {
    if (tooOld > 0) this.#reject(identity, { signal, reason: 'too_old', items: tooOld })
    if (tooNew > 0) this.#reject(identity, { signal, reason: 'too_far_in_future', items: tooNew })
    if (tooOld + tooNew === 0) return undefined
    const message = `too old: ${String(tooOld)}, too far in the future: ${String(tooNew)}`
    return { rejected: tooOld + tooNew, message }
  }

  #reject(identity: Identity, rejected: RejectedItems): void {
    this.#options.onRejected?.(identity, rejected)
  }

  /** An id is believed only from an edge of the cluster that the certificate names. */
  #batchId({ batchId, identity }: Submission): BatchId | undefined {
    if (batchId === undefined || !this.#options.takesBatchIds) return undefined
    const id = parseBatchId(batchId)
    if (id?.edge.startsWith(`${identity.cluster}/`) === true) return id
    this.#options.meters.ignoredIds.inc({ source_cluster: identity.cluster })
    return undefined
  }
}
