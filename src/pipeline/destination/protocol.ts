import type { Batch, Envelope, PayloadFormat, Signal } from '../../model/index.ts'

/** Items that are not delivered, and why in few words; `reason` is a label of a counter, so it never holds values. */
export interface Undelivered {
  readonly reason: string
  readonly items: number
  /** What the vendor refused, in its format and without credentials: it is kept among the dead letters. */
  readonly content?: Uint8Array
}

/** One request as a vendor's protocol makes it: it is sent as a whole, and can be cut where a part of it is bad. */
export interface DestinationRequest {
  readonly signal: Signal
  /** Data points, log records or spans. */
  readonly items: number
  /** Before compression. */
  readonly bytes: number
  /** Two requests that together say the same, each with at least one item; undefined where there is nothing to cut. */
  split(): readonly [DestinationRequest, DestinationRequest] | undefined
  /** What is sent, uncompressed and without credentials: it is kept when the request ends among the dead letters. */
  content?(): Uint8Array
}

/** What batches become in the vendor's format. */
export interface Encoded<Request extends DestinationRequest = DestinationRequest> {
  readonly requests: readonly Request[]
  /** What the vendor has no form for, or would not take (too old, too large): known before anything is sent. */
  readonly undelivered: readonly Undelivered[]
}

/** What the vendor said, in terms of what is to be done now. `detail` is for people and holds no telemetry. */
export type Outcome<Request extends DestinationRequest = DestinationRequest> =
  /** Done with all of it; the vendor may have left out some. */
  | { readonly t: 'delivered'; readonly undelivered?: readonly Undelivered[] }
  /** A part is done with, the rest is to be sent again, at once or after a while. */
  | {
      readonly t: 'partly'
      readonly rest: Request
      readonly undelivered?: readonly Undelivered[]
      readonly afterMs?: number
    }
  /** Nothing is done; the same again later. */
  | { readonly t: 'retry'; readonly detail: string; readonly afterMs?: number }
  /** Nothing is done, and it is our settings (credentials, address, index): the same again, slowly, until mended. */
  | { readonly t: 'misconfigured'; readonly detail: string }
  /**
   * Something in it is bad for ever: cut it, and put what cannot be cut aside. `certain` where the answer says that it
   * is the data (too old, out of order): then our settings are not doubted, however often it comes.
   */
  | { readonly t: 'refused'; readonly reason: string; readonly detail: string; readonly certain?: boolean }
  /** Too large as a whole: cut it; what cannot be cut is put aside. */
  | { readonly t: 'too-large'; readonly detail: string }

/**
 * What one kind of destination knows: how batches look in its format and what its answers mean. Everything else (the
 * cursor, filters, scrubbing, batching, waiting, cutting, dead letters, counting) is the same for all of them.
 */
export interface DestinationProtocol<Request extends DestinationRequest = DestinationRequest> {
  /** Payloads of other kinds are passed over and counted as not taken. */
  takes(signal: Signal, format: PayloadFormat): boolean
  /** Requests of one signal must arrive in the order of the log, so that there is only one under way at a time. */
  readonly ordered?: boolean
  /** Batches for which this differs are never encoded together (such as the tenant, where it is a header). */
  groupBy?(envelope: Envelope): string
  /**
   * All batches have the same signal, format and `groupBy`. Does no I/O. Throws `invalid` for damaged payloads.
   *
   * Every batch has an id here: where the sender gave none, one that the hub's log has for it. A batch that comes again
   * after a restart has the same id and, with unchanged settings, the same items in the same order.
   */
  encode(batches: readonly Batch[], nowMs: number): Encoded<Request>
  /** A request again out of what its `content` was, for dead letters that somebody wants to have delivered. */
  restore?(envelope: Envelope, content: Uint8Array): Request
  /** Never rejects but with `cancelled` when the signal is aborted; a failed connection is an outcome. */
  send(request: Request, signal: AbortSignal): Promise<Outcome<Request>>
  close(): Promise<void>
}
