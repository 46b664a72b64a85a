import type { Identity } from './identity.ts'
import type { PayloadFormat, Signal } from './signal.ts'

/**
 * What an edge calls a piece of its log: the records `first` to `last` (inclusive) of the log `epoch` of `edge`.
 * The same records always carry the same numbers, so whoever has stored them can refuse them a second time.
 */
export interface BatchId {
  /** `<cluster>/<instance>` of the sender. */
  readonly edge: string
  /** Made anew with each new log directory. */
  readonly epoch: string
  readonly first: number
  readonly last: number
}

/**
 * How far a receiver has read its source when this batch ends, in the receiver's own words. Since the log holds the
 * batch and its checkpoint or neither, a receiver that was killed can go on exactly behind the last batch.
 */
export interface Checkpoint {
  readonly receiver: string
  readonly data: string
}

/** Everything about a batch that is not its payload. It is stored with the payload and never lives in a connection. */
export interface Envelope {
  readonly signal: Signal
  readonly format: PayloadFormat
  /** Data points, log records or spans in the payload. */
  readonly items: number
  readonly identity: Identity
  /**
   * The kind of receiver that took it in (`otlp`, `remote-write`, `loki`, `elastic`), which is what the ledger calls the
   * source of a batch without an id.
   */
  readonly source?: string
  /** Absent for senders without ids (plain OTLP, remote write): they get at-least-once. */
  readonly id?: BatchId
  /** When the first program of ours took it in (the edge, or the hub for direct senders), ms since the epoch. */
  readonly collectedAtMs: number
  /** When this program took it in, ms since the epoch. On the hub this is `hub_received_at`. */
  readonly receivedAtMs: number
  /** Set by receivers that read from a source they can read again. It stays in this program's log. */
  readonly checkpoint?: Checkpoint
}

/** One export request in wire bytes plus its envelope. The payload must not be changed once it is in a batch. */
export interface Batch {
  readonly envelope: Envelope
  readonly payload: Uint8Array
}
