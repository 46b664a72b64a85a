import http from 'node:http'
import net from 'node:net'
import type { Identity } from '../../../model/index.ts'
import { createWriteMeters, createWriteServer, IngestGate } from '../../../pipeline/ingest/index.ts'
import type { EdgeOtlpConfig } from './config.ts'
import { createGrpcMethods } from './grpc-methods.ts'
import { createGrpcServer } from './grpc/index.ts'
import { createOtlpRoutes } from './http-routes.ts'
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
  const { clock, log, metrics } = options
  const gate = new IngestGate({
    clock,
    metrics,
    maxInFlightBytes: config.maxInFlight,
    // All that comes is the edge's own.
    clusterShare: 1,
    maxWaiting: config.maxWaiting,
    maxWaitMs: config.maxWait,
  })
  const parts = createParts({ ...options, gate, takesBatchIds: false })
  const grpc = createGrpcServer({
    ...parts,
    methods: createGrpcMethods(parts),
    callerOf: () => identity,
    takesAnnouncements: false,
  })
  const grpcListener = net.createServer()
  grpcListener.maxConnections = config.maxConnections
  grpcListener.on('connection', (socket) => {
    grpc.accept(socket)
  })
  const writes = createWriteServer({
    routes: createOtlpRoutes(parts, ''),
    gate,
    grantOf: () => [identity],
    receiveTimeoutMs: config.receiveTimeout,
    meters: createWriteMeters(metrics),
    log,
  })
  const httpServer = http.createServer(HTTP_SERVER_OPTIONS, createHttpHandler(writes))
  limitHttpServer(httpServer, parts)
  return new OtlpServers(options.listen, { grpc, grpcListener, httpServer })
}
