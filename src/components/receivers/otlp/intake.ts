import { AppError, type Clock, type Logger } from '../../../core/index.ts'
import type { BatchId, Identity, PayloadFormat, Signal } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import { countItems, countRemoteWrite2 } from '../../../wire/index.ts'
import { parseBatchId, parseCollectedAt } from './batch-headers.ts'
import type { OtlpMeters, Transport } from './meters.ts'

/** A decoded request and whose it is. */
export interface Submission {
  readonly identity: Identity
  readonly signal: Signal
  readonly format: PayloadFormat
  readonly payload: Uint8Array
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
  /** Told of every request once it is safe. `bytes` are those of the payload. */
  readonly onAccepted?: ((identity: Identity, signal: Signal, items: number, bytes: number) => void) | undefined
}

/** Makes batches of requests. It is behind all servers, which know how a request travels but not what it is. */
export class Intake {
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Resolves when the request is safe. Rejects with an AppError, or with what the pipeline rejects with. */
  async submit(submission: Submission): Promise<void> {
    const { clock, meters, next, onAccepted } = this.#options
    const { identity, signal, format, payload } = submission
    const items = format === 'otlp' ? countItems(signal, payload) : countRemoteWrite2(payload)
    const id = this.#batchId(submission)
    // Nothing in it is a success. A numbered request is passed on all the same, for its numbers leave no gap then.
    if (items === 0 && id === undefined) return
    const receivedAtMs = clock.now()
    const collectedAtMs =
      id === undefined ? receivedAtMs : (parseCollectedAt(submission.collectedAt, receivedAtMs) ?? receivedAtMs)
    await next({
      envelope: { signal, format, items, identity, collectedAtMs, receivedAtMs, ...(id === undefined ? {} : { id }) },
      payload,
    })
    const labels = { signal, source_cluster: identity.cluster }
    meters.acceptedItems.inc(labels, items)
    meters.acceptedBytes.inc(labels, payload.length)
    onAccepted?.(identity, signal, items, payload.length)
  }

  /** Counts a request that failed, and logs what is our own fault. */
  countFailure(transport: Transport, reason: unknown): AppError {
    const error = AppError.from(reason)
    this.#options.meters.requests.inc({ transport, code: error.code })
    if (error.code === 'internal' || error.code === 'corrupt') {
      this.#options.log.error({ transport, error: error.message, stack: error.stack }, 'otlp: a request failed')
    }
    return error
  }

  countSuccess(transport: Transport): void {
    this.#options.meters.requests.inc({ transport, code: 'ok' })
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
