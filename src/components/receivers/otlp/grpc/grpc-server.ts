import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { AppError } from '../../../../core/index.ts'
import type { Identity } from '../../../../model/index.ts'
import { answerHttp, answerStatus } from './answer.ts'
import { CallOfMethod, type GrpcCallOptions, type GrpcMethod } from './grpc-call.ts'
import { Sessions } from './sessions.ts'
import { toGrpcStatus } from './status.ts'

export interface GrpcServerOptions extends GrpcCallOptions {
  /** By path, `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>
  /** Who speaks on a connection, asked at each call. Throws AppError `unauthenticated` or `forbidden`. */
  readonly callerOf: (socket: Duplex) => Identity
  readonly maxConnectionAgeMs?: number | undefined
}

/** Takes connections over, whoever accepted them. */
export interface GrpcServer {
  accept(socket: Duplex): void
  /** Lets calls under way finish, as long as the signal allows. */
  shutdown(signal: AbortSignal): Promise<void>
}

/**
 * Unary calls of gRPC over HTTP/2, with messages left as bytes. A message is copied once, into memory that is used
 * again; nothing is made for a call that it does not need.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { methods, callerOf, maxConnectionAgeMs } = options
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, socket: Duplex): void => {
    // Whatever breaks a stream also closes it, which is what a call listens to.
    stream.on('error', () => undefined)
    if (headers[':method'] !== 'POST' || headers['content-type']?.startsWith('application/grpc') !== true) {
      answerHttp(stream, 415)
      return
    }
    const method = methods.get(headers[':path'] ?? '')
    if (method === undefined) {
      answerStatus(stream, unknownMethod(headers[':path']))
      return
    }
    // It answers and counts by itself, and never rejects.
    void new CallOfMethod(options, stream, headers).run(method, () => callerOf(socket))
  }
  const sessions = new Sessions({
    maxAgeMs: maxConnectionAgeMs,
    onSession: (session, socket) => {
      session.on('stream', (stream, headers) => onStream(stream, headers, socket))
    },
  })
  return {
    accept: (socket) => sessions.accept(socket),
    shutdown: (signal) => sessions.close(signal),
  }
}

const UNIMPLEMENTED = 12

function unknownMethod(path = ''): ReturnType<typeof toGrpcStatus> {
  const status = toGrpcStatus(new AppError('not_found', `there is no method ${path.slice(0, 200)}`))
  return { ...status, code: UNIMPLEMENTED, trailers: {} }
}
