import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { AppError, type BufferPool } from '../../../../core/index.ts'
import type { Identity } from '../../../../model/index.ts'
import { decompress, type Encoding, type IngestGate, type Reservation } from '../../../../pipeline/ingest/index.ts'
import { BYTES_HEADER, parseBytes } from '../batch-headers.ts'
import type { Intake } from '../intake.ts'
import { answerMessage, answerStatus } from './answer.ts'
import { readMessage } from './read-message.ts'
import { GRPC_ENCODINGS, toGrpcStatus, UnknownEncodingError } from './status.ts'

/** A method's work: the answer's message. Rejects with AppErrors. Once it has settled, the call's message is used again. */
export type GrpcMethod = (call: GrpcCall) => Promise<Uint8Array>

export interface GrpcCall {
  readonly identity: Identity
  readonly message: Buffer
  /** A value of the call's metadata; undefined where there is none or more than one. */
  readonly text: (header: string) => string | undefined
}

export interface GrpcCallOptions {
  readonly intake: Intake
  readonly gate: IngestGate
  readonly buffers: BufferPool
  /** Of a message, as it comes and decompressed. */
  readonly maxRequestBytes: number
  readonly receiveTimeoutMs: number
  /** Whether senders may say how large their messages are: on the hub, whose senders are known. */
  readonly takesAnnouncements: boolean
}

/**
 * One call, from its headers to its end. Its message is not read before we know who calls and have memory for it: until
 * then HTTP/2's flow control holds the sender back.
 */
export class CallOfMethod {
  readonly #options: GrpcCallOptions
  readonly #stream: ServerHttp2Stream
  readonly #headers: IncomingHttpHeaders
  readonly #broken = new AbortController()

  constructor(options: GrpcCallOptions, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#options = options
    this.#stream = stream
    this.#headers = headers
  }

  /** Answers in any case, and counts how it went. Never rejects. */
  async run(method: GrpcMethod, callerOf: () => Identity): Promise<void> {
    const { intake } = this.#options
    const stream = this.#stream
    const onClose = (): void => this.#broken.abort()
    stream.once('close', onClose)
    let reservation: Reservation | undefined
    try {
      const encoding = this.#encoding()
      const identity = callerOf()
      reservation = await this.#enter(identity)
      const message = await this.#receive(encoding, identity, reservation).catch((reason: unknown) => {
        intake.countUnreadable(identity, AppError.from(reason))
        throw reason
      })
      const answer = await method({ identity, message, text: (header) => textIn(this.#headers, header) })
      this.#options.buffers.giveBack(message)
      intake.countSuccess()
      stream.off('close', onClose)
      answerMessage(stream, answer, GRPC_ENCODINGS.join(','))
    } catch (reason) {
      answerStatus(stream, toGrpcStatus(intake.countFailure(reason)))
    } finally {
      reservation?.release()
    }
  }

  async #enter(identity: Identity): Promise<Reservation> {
    const { gate, maxRequestBytes, takesAnnouncements } = this.#options
    const announced = takesAnnouncements ? textIn(this.#headers, BYTES_HEADER) : undefined
    const reservation = await gate.enter(identity, parseBytes(announced, maxRequestBytes), this.#broken.signal)
    if (!this.#broken.signal.aborted) return reservation
    reservation.release()
    throw new AppError('cancelled', 'the request was broken off')
  }

  async #receive(encoding: Encoding, identity: Identity, reservation: Reservation): Promise<Buffer> {
    const { gate, buffers, maxRequestBytes, receiveTimeoutMs } = this.#options
    const read = readMessage(this.#stream, { maxBytes: maxRequestBytes, take: (bytes) => buffers.take(bytes) })
    const { isCompressed, bytes } = await within(receiveTimeoutMs, read)
    const message = isCompressed ? await decompress(encoding, bytes, maxRequestBytes) : bytes
    if (message !== bytes) buffers.giveBack(bytes)
    reservation.resize(message.length)
    gate.pay(identity, message.length)
    return message
  }

  #encoding(): Encoding {
    const encoding = this.#headers['grpc-encoding'] ?? 'identity'
    const known = GRPC_ENCODINGS.find((candidate) => candidate === encoding)
    if (known === undefined) throw new UnknownEncodingError()
    return known
  }
}

function textIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new AppError('timeout', 'the request did not arrive in time'))
    }, ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
