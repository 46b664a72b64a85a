import tls from 'node:tls'
import {
  Client,
  type ChannelOptions,
  compressionAlgorithms,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { AppError, messageOf } from '../../../core/index.ts'
import type { BatchId, EdgeReport, PayloadFormat, Signal } from '../../../model/index.ts'
import { readPartialSuccess } from '../../../wire/index.ts'
import { type SendOutcome, toOutcome } from './outcome.ts'

/** PEM. */
export interface ClientCertificates {
  readonly ca: string | Buffer
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface IngestClientOptions {
  readonly target: { readonly host: string; readonly port: number }
  /** The name in the hub's certificate, if it is not the host of the target. */
  readonly serverName?: string | undefined
  readonly certificates: ClientCertificates
  readonly timeoutMs: number
}

export interface IngestRequest {
  readonly signal: Signal
  readonly format: PayloadFormat
  readonly payload: Uint8Array
  readonly items: number
  /** When the oldest record in it was collected, ms since the epoch. */
  readonly collectedAtMs: number
  /** Without an id the hub cannot tell a repetition from something new. */
  readonly id?: BatchId
}

/** Sends to the hub: OTLP over gRPC and mutual TLS 1.3, gzip, on one connection that is kept alive. */
export interface IngestClient {
  readonly connected: boolean
  send(request: IngestRequest, signal: AbortSignal): Promise<SendOutcome>
  report(report: EdgeReport, signal: AbortSignal): Promise<SendOutcome>
  /** Tries to connect, and resolves when there is a connection or the signal aborts. */
  whenConnected(signal: AbortSignal): Promise<void>
  /** For the next connection, which is made at once; calls under way finish on the old one. Throws `invalid`. */
  setCertificates(certificates: ClientCertificates): void
  close(): void
}

const PATHS: Readonly<Record<Signal, string>> = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
}
const WRITE_METRICS = '/fleetglass.v1.Ingest/WriteMetrics'
const REPORT = '/fleetglass.v1.Ingest/Report'

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
  'grpc.max_receive_message_length': 4 * 1_048_576,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
  'grpc.enable_channelz': 0,
  // A channel of its own means a connection of its own: that is how a new certificate gets used.
  'grpc.use_local_subchannel_pool': 1,
}

export function createIngestClient(options: IngestClientOptions): IngestClient {
  return new GrpcIngestClient(options)
}

/** A channel, and how many calls still need it. */
interface Connection {
  readonly client: Client
  calls: number
  retired: boolean
}

class GrpcIngestClient implements IngestClient {
  readonly #options: IngestClientOptions
  #connection: Connection
  #closed = false

  constructor(options: IngestClientOptions) {
    this.#options = options
    this.#connection = this.#connect(options.certificates)
  }

  get connected(): boolean {
    return !this.#closed && this.#connection.client.getChannel().getConnectivityState(false) === connectivityState.READY
  }

  send(request: IngestRequest, signal: AbortSignal): Promise<SendOutcome> {
    const metadata = new Metadata()
    const { id, items, collectedAtMs, payload } = request
    if (id !== undefined) {
      const { edge, epoch, first, last } = id
      metadata.set('fleetglass-batch-id', [edge, epoch, String(first), String(last)].join(';'))
    }
    metadata.set('fleetglass-collected-at', String(Math.round(collectedAtMs)))
    metadata.set('fleetglass-items', String(items))
    metadata.set('fleetglass-bytes', String(payload.length))
    return this.#call(request.format === 'otlp' ? PATHS[request.signal] : WRITE_METRICS, payload, metadata, signal)
  }

  report(report: EdgeReport, signal: AbortSignal): Promise<SendOutcome> {
    return this.#call(REPORT, Buffer.from(JSON.stringify(report)), new Metadata(), signal)
  }

  async whenConnected(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#closed) {
      const channel = this.#connection.client.getChannel()
      const state = channel.getConnectivityState(true)
      if (state === connectivityState.READY) return
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done)
          resolve()
        }
        signal.addEventListener('abort', done)
        try {
          channel.watchConnectivityState(state, Date.now() + WATCH_MS, done)
        } catch {
          // The channel was closed since: look at its successor.
          setTimeout(done, WATCH_MS)
        }
      })
    }
  }

  setCertificates(certificates: ClientCertificates): void {
    const next = this.#connect(certificates)
    this.#retire(this.#connection)
    this.#connection = next
  }

  close(): void {
    this.#closed = true
    this.#connection.client.close()
  }

  #connect(certificates: ClientCertificates): Connection {
    const { target, serverName } = this.#options
    let context: tls.SecureContext
    try {
      context = tls.createSecureContext({ ...certificates, minVersion: 'TLSv1.3' })
    } catch (reason) {
      throw AppError.from(reason, 'invalid', 'use the certificates')
    }
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    const client = new Client(`${host}:${String(target.port)}`, credentials.createFromSecureContext(context), {
      ...CHANNEL_OPTIONS,
      ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
    })
    return { client, calls: 0, retired: false }
  }

  #retire(connection: Connection): void {
    connection.retired = true
    if (connection.calls === 0) connection.client.close()
  }

  async #call(path: string, message: Uint8Array, metadata: Metadata, signal: AbortSignal): Promise<SendOutcome> {
    const connection = this.#connection
    connection.calls += 1
    try {
      return await this.#callOn(connection.client, { path, message, metadata }, signal)
    } finally {
      connection.calls -= 1
      if (connection.retired && connection.calls === 0) connection.client.close()
    }
  }

  #callOn(client: Client, request: UnaryRequest, signal: AbortSignal): Promise<SendOutcome> {
    const deadline = Date.now() + this.#options.timeoutMs
    return new Promise((resolve) => {
      const cancel = (): void => {
        call.cancel()
      }
      const answered = (error: ServiceError | null, response?: Buffer): void => {
        signal.removeEventListener('abort', cancel)
        resolve(error === null ? toSuccess(response) : toOutcome(error))
      }
      const { path, message, metadata } = request
      const call = client.makeUnaryRequest(path, toBuffer, keepBytes, message, metadata, { deadline }, answered)
      signal.addEventListener('abort', cancel, { once: true })
      if (signal.aborted) cancel()
    })
  }
}

interface UnaryRequest {
  readonly path: string
  readonly message: Uint8Array
  readonly metadata: Metadata
}

const WATCH_MS = 1_000

const keepBytes = (bytes: Buffer): Buffer => bytes
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function toSuccess(response: Buffer = Buffer.alloc(0)): SendOutcome {
  try {
    const partial = readPartialSuccess(response)
    return partial === undefined ? { t: 'stored' } : { t: 'stored', partial }
  } catch (reason) {
    // The status said OK; what cannot be read can only be a remark.
    return { t: 'stored', partial: { rejected: 0, message: messageOf(reason) } }
  }
}
