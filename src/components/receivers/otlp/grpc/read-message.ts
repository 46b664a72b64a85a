import type { ServerHttp2Stream } from 'node:http2'
import { AppError } from '../../../../core/index.ts'

/** One byte that tells whether the message is compressed, four of its length. */
export const PREFIX_BYTES = 5

export interface GrpcMessage {
  readonly isCompressed: boolean
  /** As they came. */
  readonly bytes: Buffer
}

export interface ReadMessageOptions {
  /** Of the message as it comes. */
  readonly maxBytes: number
  /** Where the message is put. */
  readonly take: (bytes: number) => Buffer
}

/**
 * Reads the message of a unary call, in gRPC's length-prefixed form, into one piece of memory. Resolves when the sender
 * has ended its half. Throws `too_large` as soon as the length is known, `invalid` for anything but one whole message,
 * `cancelled` when the stream breaks off.
 */
export function readMessage(stream: ServerHttp2Stream, options: ReadMessageOptions): Promise<GrpcMessage> {
  return new Promise((resolve, reject) => {
    const message = new MessageBuilder(options)
    const stopListening = (): void => {
      stream.off('data', onData)
      stream.off('aborted', onBroken)
      stream.off('close', onBroken)
    }
    const fail = (error: AppError): void => {
      stopListening()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      try {
        message.add(chunk)
      } catch (reason) {
        fail(AppError.from(reason))
      }
    }
    const onBroken = (): void => fail(new AppError('cancelled', 'the request was broken off'))
    stream.on('data', onData)
    stream.once('aborted', onBroken)
    stream.once('close', onBroken)
    stream.once('end', () => {
      stopListening()
      try {
        resolve(message.finish())
      } catch (reason) {
        fail(AppError.from(reason))
      }
    })
  })
}

class MessageBuilder {
  readonly #options: ReadMessageOptions
  readonly #prefix = Buffer.alloc(PREFIX_BYTES)
  #prefixLength = 0
  #bytes: Buffer | undefined
  #length = 0

  constructor(options: ReadMessageOptions) {
    this.#options = options
  }

  add(chunk: Buffer): void {
    let from = 0
    if (this.#bytes === undefined) {
      from = chunk.copy(this.#prefix, this.#prefixLength)
      this.#prefixLength += from
      if (this.#prefixLength < PREFIX_BYTES) return
      this.#bytes = this.#begin(this.#prefix.readUInt32BE(1))
    }
    if (chunk.length - from > this.#bytes.length - this.#length) {
      throw new AppError('invalid', 'read the message: there is more behind it, and the method takes one')
    }
    this.#length += chunk.copy(this.#bytes, this.#length, from)
  }

  finish(): GrpcMessage {
    if (this.#bytes === undefined || this.#length < this.#bytes.length) {
      throw new AppError('invalid', 'read the message: it ends before its length')
    }
    const flag = this.#prefix[0] ?? 0
    if (flag > 1) throw new AppError('invalid', `read the message: unknown flag ${flag}`)
    return { isCompressed: flag === 1, bytes: this.#bytes }
  }

  #begin(length: number): Buffer {
    const { maxBytes, take } = this.#options
    if (length <= maxBytes) return take(length)
    throw new AppError('too_large', `the request is larger than ${maxBytes} bytes: send it in parts`)
  }
}
