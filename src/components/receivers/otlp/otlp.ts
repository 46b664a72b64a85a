import type http from 'node:http'
import type net from 'node:net'
import { BufferPool, type Clock, type Component, type Logger, type Metrics } from '../../../core/index.ts'
import type { Identity, Signal } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import type { IngestGate, RejectedItems } from '../../../pipeline/ingest/index.ts'
import type { TimeWindow } from '../../../wire/index.ts'
import type { OtlpLimitsConfig } from './config.ts'
import { type ListenAddress, listen } from './listen.ts'
import type { GrpcServer } from './grpc/index.ts'
import { Intake } from './intake.ts'
import { createOtlpMeters, type OtlpMeters } from './meters.ts'

const DEFAULT_FREE_BYTES = 4 * 1024 * 1024

/** What the receiver needs on an edge and on the hub alike. */
export interface OtlpReceiverOptions {
  readonly listen: { readonly grpc: ListenAddress; readonly http: ListenAddress }
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Must not look at a payload any more once it has resolved: its memory is used again. */
  readonly next: Consumer
  /** Where messages are put; by default memory of the receiver's own. */
  readonly buffers?: BufferPool
  /** Told of every request once it is safe. `bytes` are those of the payload. */
  readonly onAccepted?: (identity: Identity, signal: Signal, items: number, bytes: number) => void
  /** Told of what is refused for good. */
  readonly onRejected?: (identity: Identity, rejected: RejectedItems) => void
}

/** The addresses are those that were bound; before the start they are undefined. */
export interface OtlpReceiver extends Component {
  readonly addresses: { readonly grpc: ListenAddress; readonly http: ListenAddress } | undefined
}

/** The parts that both servers share. */
export interface OtlpParts {
  readonly intake: Intake
  readonly gate: IngestGate
  readonly buffers: BufferPool
  readonly meters: OtlpMeters
  readonly maxRequestBytes: number
  readonly maxJsonRequestBytes: number
  readonly receiveTimeoutMs: number
  readonly maxConnections: number
}

export interface PartsOptions extends OtlpReceiverOptions {
  readonly config: OtlpLimitsConfig
  readonly gate: IngestGate
  /** On the hub: whether senders may number their batches, and which times are taken of those who do not. */
  readonly takesBatchIds: boolean
  readonly windowOf?: ((identity: Identity, signal: Signal) => TimeWindow) | undefined
}

export function createParts(options: PartsOptions): OtlpParts {
  const { clock, log, metrics, next, onAccepted, onRejected, takesBatchIds, windowOf, config, gate } = options
  const meters = createOtlpMeters(metrics)
  return {
    gate,
    buffers: options.buffers ?? new BufferPool(DEFAULT_FREE_BYTES),
    meters,
    intake: new Intake({ clock, log, meters, next, takesBatchIds, windowOf, onAccepted, onRejected }),
    maxRequestBytes: config.maxRequestSize,
    maxJsonRequestBytes: config.maxJsonRequestSize,
    receiveTimeoutMs: config.receiveTimeout,
    maxConnections: config.maxConnections,
  }
}

/** The two servers, as one thing that starts and stops. */
export class OtlpServers implements OtlpReceiver {
  readonly name = 'otlp'
  addresses: OtlpReceiver['addresses']
  readonly #listen: OtlpReceiverOptions['listen']
  readonly #grpc: GrpcServer
  readonly #grpcListener: net.Server
  readonly #httpServer: http.Server
  readonly #grpcSockets = new Set<net.Socket>()

  constructor(
    at: OtlpReceiverOptions['listen'],
    servers: { readonly grpc: GrpcServer; readonly grpcListener: net.Server; readonly httpServer: http.Server },
  ) {
    this.#listen = at
    this.#grpc = servers.grpc
    this.#grpcListener = servers.grpcListener
    this.#httpServer = servers.httpServer
    this.#grpcListener.on('connection', (socket) => {
      this.#grpcSockets.add(socket)
      socket.once('close', () => this.#grpcSockets.delete(socket))
    })
  }

  async start(): Promise<void> {
    const grpc = await listen(this.#grpcListener, this.#listen.grpc)
    try {
      this.addresses = { grpc, http: await listen(this.#httpServer, this.#listen.http) }
    } catch (reason) {
      this.#grpcListener.close()
      throw reason
    }
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    const grpcClosed = close(this.#grpcListener)
    const httpClosed = close(this.#httpServer)
    this.#httpServer.closeIdleConnections()
    await Promise.race([Promise.all([this.#grpc.shutdown(signal), httpClosed]), aborted(signal)])
    this.#httpServer.closeAllConnections()
    for (const socket of this.#grpcSockets) socket.destroy()
    await Promise.all([grpcClosed, httpClosed])
  }
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    // A server that was never started reports that; it is closed all the same.
    server.close(() => {
      resolve()
    })
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
