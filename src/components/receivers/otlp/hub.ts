import https from 'node:https'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { AppError, type Clock } from '../../../core/index.ts'
import type { EdgeReport, Identity, Signal } from '../../../model/index.ts'
import {
  createWriteServer,
  type IngestGate,
  type WriteMeters,
  type WriteReceiverOptions,
  type WriteRoute,
  type WriteServer,
} from '../../../pipeline/ingest/index.ts'
import type { TimeWindow } from '../../../wire/index.ts'
import { type Identify, type Peer, type Refusal, toPeer } from './caller.ts'
import type { HubOtlpConfig } from './config.ts'
import { createGrpcMethods } from './grpc-methods.ts'
import { createGrpcServer, type GrpcServer } from './grpc/index.ts'
import { createLokiOtlpRoute, createOtlpRoutes } from './http-routes.ts'
import { createHttpHandler, HTTP_SERVER_OPTIONS, limitHttpServer } from './http-server.ts'
import { createParts, type OtlpParts, type OtlpReceiver, type OtlpReceiverOptions, OtlpServers } from './otlp.ts'
import { type ServerCertificates, TlsDoor, tlsOptions } from './tls-door.ts'

export interface HubOtlpOptions extends OtlpReceiverOptions {
  readonly config: HubOtlpConfig
  readonly certificates: ServerCertificates
  readonly identify: Identify
  /** Told of every connection and request that is not let in. */
  readonly onRefused: (refusal: Refusal) => void
  readonly onReport: (identity: Identity, report: EdgeReport) => void
  /** Told of every connection of a cluster of the fleet, and of its end. */
  readonly onConnected?: (identity: Identity) => void
  readonly onDisconnected?: (identity: Identity) => void
  /** Stands before this receiver and all others. */
  readonly gate: IngestGate
  /** The times that are taken of senders that do not number their batches. */
  readonly windowOf: (identity: Identity, signal: Signal) => TimeWindow
  /** Of other receivers, to be served behind mutual TLS beside OTLP's. */
  readonly routes?: readonly WriteRoute[]
  readonly writeMeters: WriteMeters
  /** Told of bodies over HTTP that are refused for good before a receiver sees them. */
  readonly onBodyRejected?: WriteReceiverOptions['onRejected']
}

export interface HubOtlpReceiver extends OtlpReceiver {
  /** For every connection from now on. Throws `invalid`, and keeps the old ones, if they cannot be used. */
  setCertificates(certificates: ServerCertificates): void
  /** OTLP at `/otlp/v1/…`, and as Loki has it, for ports where something else says who sends. */
  readonly routes: readonly WriteRoute[]
}

/**
 * OTLP behind mutual TLS 1.3: the certificate says which cluster speaks. Our own TLS servers stand in front of the gRPC
 * and the HTTP server. Edges may number their batches and report about themselves.
 */
export function createHubOtlpReceiver(options: HubOtlpOptions): HubOtlpReceiver {
  const { config, certificates, onReport, clock } = options
  const parts = createParts({ ...options, takesBatchIds: true })
  const routes = [...createOtlpRoutes(parts, '/otlp'), createLokiOtlpRoute(parts)]
  const onRefused = (refusal: Refusal): void => {
    parts.meters.refusals.inc({ reason: refusal.reason })
    options.onRefused(refusal)
  }
  const callers = createCallers(options.identify, onRefused)
  const door = new TlsDoor({
    onRefused,
    onAdmitted: (peer) => tellConnection(options, peer),
    maxPerClient: config.maxConnectionsPerClient,
  })

  const maxConnectionAgeMs = config.maxConnectionAge
  const grpc = createGrpcServer({
    ...parts,
    methods: createGrpcMethods({ ...parts, onReport }),
    maxConnectionAgeMs,
    callerOf: callers.ofSocket,
    takesAnnouncements: true,
  })
  const grpcListener = createGrpcListener(certificates, door, grpc)
  grpcListener.maxConnections = config.maxConnections
  const writes = createWriteServer({
    routes: [...createOtlpRoutes(parts, ''), ...routes, ...(options.routes ?? [])],
    gate: parts.gate,
    grantOf: ({ socket }) => [callers.ofSocket(socket)],
    receiveTimeoutMs: parts.receiveTimeoutMs,
    meters: options.writeMeters,
    onRejected: options.onBodyRejected,
    log: options.log,
  })
  const httpServer = createHttpsServer({ certificates, door, clock, parts, maxConnectionAgeMs, writes })
  door.watch(grpcListener)
  door.watch(httpServer)

  const servers = new OtlpServers(options.listen, { grpc, grpcListener, httpServer })
  return {
    name: servers.name,
    routes,
    get addresses() {
      return servers.addresses
    },
    start: () => servers.start(),
    shutdown: (signal) => servers.shutdown(signal),
    setCertificates: (next) => {
      try {
        // What the first server takes, the second takes too: they keep together.
        grpcListener.setSecureContext(tlsOptions(next, 'h2'))
        httpServer.setSecureContext(tlsOptions(next, 'http/1.1'))
      } catch (reason) {
        throw AppError.from(reason, 'invalid', 'take over the certificates')
      }
    },
  }
}

/** Who is none of the fleet's is refused with the first request, and told of then. */
function tellConnection({ identify, onConnected, onDisconnected }: HubOtlpOptions, peer: Peer): () => void {
  const verdict = identify(peer)
  if (verdict.t !== 'known') return () => undefined
  onConnected?.(verdict.identity)
  return () => onDisconnected?.(verdict.identity)
}

interface Callers {
  readonly ofSocket: (socket: Duplex) => Identity
}

function createCallers(identify: Identify, onRefused: (refusal: Refusal) => void): Callers {
  // Reading a certificate makes a dozen objects, and it is the same for all requests of a connection.
  const peers = new WeakMap<tls.TLSSocket, Peer>()
  const peerOf = (socket: tls.TLSSocket): Peer => {
    const known = peers.get(socket)
    if (known !== undefined) return known
    const peer = toPeer(socket.getPeerCertificate())
    peers.set(socket, peer)
    return peer
  }
  return {
    ofSocket: (socket) => {
      if (!(socket instanceof tls.TLSSocket)) throw new AppError('internal', 'BUG: a request that came without TLS')
      const peer = peerOf(socket)
      const verdict = identify(peer)
      if (verdict.t === 'known') return verdict.identity
      const { reason, error } = verdict
      onRefused({ reason, detail: error.message, remote: socket.remoteAddress ?? 'unknown', certificate: peer.der })
      throw error
    },
  }
}

function createGrpcListener(certificates: ServerCertificates, door: TlsDoor, grpc: GrpcServer): tls.Server {
  const listener = tls.createServer(tlsOptions(certificates, 'h2'))
  listener.on('secureConnection', (socket) => {
    if (door.admit(socket)) grpc.accept(socket)
  })
  return listener
}

interface HttpsOptions {
  readonly certificates: ServerCertificates
  readonly door: TlsDoor
  readonly clock: Clock
  readonly parts: OtlpParts
  readonly maxConnectionAgeMs: number
  readonly writes: WriteServer
}

function createHttpsServer(options: HttpsOptions): https.Server {
  const { certificates, door, clock, parts, maxConnectionAgeMs, writes } = options
  const acceptedAt = new WeakMap<object, number>()
  const handler = createHttpHandler(writes)
  const server = https.createServer({ ...tlsOptions(certificates, 'http/1.1'), ...HTTP_SERVER_OPTIONS })
  limitHttpServer(server, parts)
  // Before the HTTP server's own listener, which then finds the socket of a refused client destroyed.
  server.prependListener('secureConnection', (socket) => {
    if (door.admit(socket)) acceptedAt.set(socket, clock.now())
  })
  server.on('request', (request, response) => {
    const ageMs = clock.now() - (acceptedAt.get(request.socket) ?? 0)
    if (ageMs > maxConnectionAgeMs) response.setHeader('connection', 'close')
    handler(request, response)
  })
  return server
}
