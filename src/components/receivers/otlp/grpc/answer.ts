import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { PREFIX_BYTES } from './read-message.ts'

const CONTENT_TYPE = 'application/grpc'

/** How a call ends: `headers` are further trailers. Codes are those of `google.rpc.Code`. */
export interface GrpcStatus {
  readonly code: number
  readonly message: string
  readonly trailers: OutgoingHttpHeaders
}

/** Ends a call well, with its message. */
export function answerMessage(stream: ServerHttp2Stream, message: Uint8Array, acceptEncoding: string): void {
  if (stream.destroyed) return
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, PREFIX_BYTES)
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  const headers = { ':status': 200, 'content-type': CONTENT_TYPE, 'grpc-accept-encoding': acceptEncoding }
  stream.respond(headers, { waitForTrailers: true })
  stream.end(framed)
}

/** Ends a call with an error, whether or not its message has been read. */
export function answerStatus(stream: ServerHttp2Stream, { code, message, trailers }: GrpcStatus): void {
  if (stream.destroyed || stream.headersSent) return
  const status = { 'grpc-status': String(code), 'grpc-message': encodeGrpcMessage(message) }
  stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE, ...status, ...trailers }, { endStream: true })
  endSending(stream)
}

/** Ends a request that is no call of gRPC at all. */
export function answerHttp(stream: ServerHttp2Stream, status: number): void {
  if (stream.destroyed) return
  stream.respond({ ':status': status }, { endStream: true })
  endSending(stream)
}

/** Asks a sender that has its answer to stop, and throws away what is under way: it would fill the connection's window. */
function endSending(stream: ServerHttp2Stream): void {
  stream.resume()
  if (!stream.readableEnded) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
}

/** Percent-encoded where it is not printable ASCII, as the gRPC specification has it for `grpc-message`. */
function encodeGrpcMessage(message: string): string {
  return message.replace(/[^\x20-\x24\x26-\x7e]+/gu, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}
