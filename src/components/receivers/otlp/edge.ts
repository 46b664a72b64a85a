import http from 'node:http'
import net from 'node:net'
import type { Identity } from '../../../model/index.ts'
import type { EdgeOtlpConfig } from './config.ts'
import { createGrpcServer } from './grpc-server.ts'
import { createHttpHandler, HTTP_SERVER_OPTIONS, limitHttpServer } from './http-server.ts'
import { createParts, type OtlpReceiver, type OtlpReceiverOptions, OtlpServers } from './otlp.ts'

export interface EdgeOtlpOptions extends OtlpReceiverOptions {
  readonly config: EdgeOtlpConfig
  /** The edge's own: whoever reaches its loopback address speaks for its cluster. */
  readonly identity: Identity
}

/** OTLP on loopback without TLS: everything that comes is the edge's own. */
export function createEdgeOtlpReceiver(options: EdgeOtlpOptions): OtlpReceiver {
  const { identity, config } = options
  const parts = { ...createParts(options, false), callerOf: () => identity }
  const grpc = createGrpcServer(parts)
  const grpcListener = net.createServer()
  grpcListener.maxConnections = config.maxConnections
  grpcListener.on('connection', (socket) => {
    grpc.accept(socket)
  })
  const httpServer = http.createServer(HTTP_SERVER_OPTIONS, createHttpHandler(parts))
  limitHttpServer(httpServer, parts)
  return new OtlpServers(options.listen, { grpc, grpcListener, httpServer })
}
