import type { IncomingHttpHeaders } from 'node:http'
import type { AppError } from '../../core/index.ts'
import type { Identity } from '../../model/index.ts'
import type { Encoding } from './encodings.ts'

/** What is known of a request before its body is read. */
export interface WriteHead {
  readonly method: string
  /** As it came, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The `Content-Type` without its parameters, in lower case; empty when absent. */
  readonly contentType: string
}

export interface BodyOptions {
  /** Of the body after decompression. */
  readonly maxBytes: number
  /** Beside `identity`. Another one is refused with 415. */
  readonly encodings: readonly Encoding[]
  /** What a body without `Content-Encoding` is; by default `identity`. */
  readonly unnamed?: Encoding
}

export interface WriteRequest extends WriteHead {
  /** Aborts when the sender goes away. */
  readonly signal: AbortSignal
  /** For whom the sender writes. Throws `invalid` or `forbidden` when the headers do not choose one of its clusters. */
  identity(): Identity
  /**
   * Reads and decompresses the body, once there is memory for it; it is given back when the handler ends. To be called
   * once. Throws `too_large`, `invalid`, `unavailable`, `exhausted`, `timeout`, `cancelled`.
   */
  body(options: BodyOptions): Promise<Buffer>
}

export interface WriteResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/**
 * An address where senders write, whatever listens there: the port behind mutual TLS, where the certificate says who
 * sends, and the hub's main port, where a token says it. A receiver exports routes; it knows neither.
 */
export interface WriteRoute {
  /** Of the receiver, for counting: `otlp`, `remote-write`, `loki`, `elastic`. */
  readonly receiver: string
  readonly methods: readonly string[]
  /** Of the whole path. */
  readonly path: RegExp
  /** A rejection is told to the sender by `refuse`. */
  handle(request: WriteRequest): Promise<WriteResponse>
  /** The answer in the receiver's own terms, `Retry-After` included. */
  refuse(error: AppError, head: WriteHead): WriteResponse
}
