import type { AppError, Clock } from '../../core/index.ts'
import type { Batch, Identity, PayloadFormat, Signal } from '../../model/index.ts'
import type { TimeWindow } from '../../wire/index.ts'
import type { Consumer } from '../consumer.ts'

/** Items that were refused at the door, in words for counting and for people; never with values of theirs. */
export interface RejectedItems {
  readonly signal: Signal
  readonly reason: string
  /** How many; a request that cannot be read counts as one. */
  readonly items: number
  readonly detail?: string
}

/** What a receiver of another form than OTLP needs; it makes batches without ids, which are taken at least once. */
export interface WriteReceiverOptions {
  readonly clock: Clock
  readonly next: Consumer
  /** Of one request after decompression. */
  readonly maxRequestBytes: number
  readonly windowOf: (identity: Identity, signal: Signal) => TimeWindow
  /** Told of what is refused for good. */
  readonly onRejected: (identity: Identity, source: string, rejected: RejectedItems) => void
}

/** A batch that was taken in now. `source` is the kind of receiver. */
export function createBatch(
  clock: Clock,
  of: {
    readonly identity: Identity
    readonly source: string
    readonly signal: Signal
    readonly format: PayloadFormat
    readonly items: number
    readonly payload: Uint8Array
  },
): Batch {
  const { payload, ...about } = of
  const nowMs = clock.now()
  return { envelope: { ...about, collectedAtMs: nowMs, receivedAtMs: nowMs }, payload }
}

/** Whether the same request will always be refused, so that what is in it is lost. */
export function isRejection(error: AppError): boolean {
  return error.code === 'invalid' || error.code === 'too_large'
}
