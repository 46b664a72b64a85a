import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { AppError } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import type { IngestGate, Reservation } from '../../../pipeline/ingest/index.ts'
import { BYTES_HEADER, parseBytes, textIn } from './batch-headers.ts'
import { GRPC_ENCODINGS, toGrpcStatus, UnknownEncodingError } from './grpc-status.ts'
import type { Intake } from './intake.ts'

export interface GrpcGuardOptions {
  readonly intake: Intake
  readonly gate: IngestGate
  readonly maxRequestBytes: number
  readonly receiveTimeoutMs: number
  /** Whether senders may say how large their messages are: on the hub, whose senders are known. */
  readonly takesAnnouncements: boolean
  /** Who is calling. Throws AppError `unauthenticated` or `forbidden`. */
  readonly callerOf: (call: ServerInterceptingCallInterface) => Identity
  /** Where the handlers find who is calling. */
  readonly identities: WeakMap<Metadata, Identity>
}

/**
 * Stands before every method. The message of a call is not read before we know who calls and have memory for it: until
 * then HTTP/2's flow control holds the sender back. The framework itself stops messages that are, or decompress to, more
 * than the limit.
 */
export function createGrpcGuard(options: GrpcGuardOptions): ServerInterceptor {
  return (_method, call) => {
    const guard = new CallGuard(options, call)
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            void guard.admit(metadata, proceed)
          },
          onReceiveMessage: (message: Buffer, proceed) => {
            guard.received(message.length)
            proceed(message)
          },
          onCancel: () => {
            guard.end()
          },
        })
      },
      sendStatus: (status, next) => {
        guard.answered = true
        guard.end()
        next(status)
      },
    })
  }
}

/** One call, from its headers to its end. */
class CallGuard {
  /** Whether a handler has answered; if not, the framework refused the message or the sender went away. */
  answered = false
  readonly #options: GrpcGuardOptions
  readonly #call: ServerInterceptingCallInterface
  readonly #ended = new AbortController()
  #identity: Identity | undefined
  #reservation: Reservation | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: GrpcGuardOptions, call: ServerInterceptingCallInterface) {
    this.#options = options
    this.#call = call
  }

  async admit(metadata: Metadata, proceed: (metadata: Metadata) => void): Promise<void> {
    const { gate, callerOf, identities, maxRequestBytes, receiveTimeoutMs, takesAnnouncements } = this.#options
    try {
      checkEncoding(this.#call)
      const identity = callerOf(this.#call)
      identities.set(metadata, identity)
      this.#identity = identity
      const announced = takesAnnouncements ? textIn(metadata, BYTES_HEADER) : undefined
      const bytes = parseBytes(announced, maxRequestBytes)
      const reservation = await gate.enter(identity, bytes, this.#ended.signal)
      if (this.#ended.signal.aborted) {
        reservation.release()
        return
      }
      this.#reservation = reservation
      this.#timer = setTimeout(() => {
        this.#refuse(new AppError('timeout', 'the request did not arrive in time'))
      }, receiveTimeoutMs)
      proceed(metadata)
    } catch (reason) {
      this.#refuse(reason)
    }
  }

  received(bytes: number): void {
    clearTimeout(this.#timer)
    this.#reservation?.resize(bytes)
    if (this.#identity !== undefined) this.#options.gate.pay(this.#identity, bytes)
  }

  end(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    clearTimeout(this.#timer)
    this.#reservation?.release()
    if (this.answered) return
    this.#options.intake.countFailure(new AppError('cancelled', 'the request was broken off'))
  }

  #refuse(reason: unknown): void {
    if (this.#ended.signal.aborted) return
    this.answered = true
    const error = this.#options.intake.countFailure(reason)
    this.#call.sendStatus(toGrpcStatus(error))
    this.end()
  }
}

/**
 * The framework takes the header with the message's compression away from the metadata, and refuses what it does not
 * know without saying what it does.
 */
function checkEncoding(call: ServerInterceptingCallInterface): void {
  const encoding = 'incomingEncoding' in call ? call.incomingEncoding : undefined
  if (typeof encoding === 'string' && !GRPC_ENCODINGS.includes(encoding)) throw new UnknownEncodingError()
}
