import tls from 'node:tls'
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { AppError, messageOf } from '../../../core/index.ts'
import type { DestinationOfType } from '../../../fleet/index.ts'
import {
  type Outcome,
  type ProtocolParts,
  readTlsFiles,
  resolveHeaders,
  versionOfFile,
} from '../../../pipeline/destination/index.ts'
import { toGrpcOutcome } from './grpc-outcome.ts'
import type { OtlpRequest } from './request.ts'
import { type OtlpTransport, toDelivered } from './transport.ts'

const PATHS = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
} as const

/** A channel for one state of the TLS files, and how many calls still need it. */
interface Connection {
  readonly version: string
  readonly client: Client
  calls: number
}

/** OTLP/gRPC, with or without TLS. */
export class GrpcTransport implements OtlpTransport {
  readonly #settings: DestinationOfType<'otlp'>
  readonly #parts: ProtocolParts
  #connection: Promise<Connection> | undefined
  #version = ''

  constructor(settings: DestinationOfType<'otlp'>, parts: ProtocolParts) {
    this.#settings = settings
    this.#parts = parts
  }

  async send(request: OtlpRequest, signal: AbortSignal): Promise<Outcome<OtlpRequest>> {
    let connection: Connection
    const metadata = new Metadata()
    try {
      connection = await this.#current()
      for (const [name, value] of Object.entries(await resolveHeaders(this.#settings, this.#parts.secrets))) {
        metadata.set(name.toLowerCase(), value)
      }
    } catch (reason) {
      return { t: 'misconfigured', detail: messageOf(reason) }
    }
    connection.calls += 1
    try {
      return await this.#call(connection.client, request, metadata, signal)
    } finally {
      connection.calls -= 1
      if (connection.version !== this.#version && connection.calls === 0) connection.client.close()
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    connection?.client.close()
  }

  /** The connection for the files as they are; calls under way finish on the one before. */
  async #current(): Promise<Connection> {
    const { tls: files = {} } = this.#settings
    const paths = [files.ca, files.cert, files.key].filter((file) => file !== undefined)
    const version = (await Promise.all(paths.map(versionOfFile))).join(' ')
    if (this.#connection !== undefined && version === this.#version) return await this.#connection
    const before = this.#connection
    const connection = this.#connect(version)
    this.#connection = connection
    this.#version = version
    // A file that is being replaced: the next request tries again.
    connection.catch(() => {
      if (this.#connection === connection) this.#connection = undefined
    })
    const old = await before?.catch(() => undefined)
    if (old?.calls === 0) old.client.close()
    return await connection
  }

  async #connect(version: string): Promise<Connection> {
    const { endpoint, compression, tls: files = {} } = this.#settings
    const url = new URL(endpoint)
    const isSecure = url.protocol === 'https:'
    const port = url.port === '' ? (isSecure ? '443' : '80') : url.port
    const options: ChannelOptions = {
      'grpc.default_compression_algorithm':
        compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity,
      'grpc.primary_user_agent': this.#parts.userAgent,
      'grpc.max_receive_message_length': 4 * 1_048_576,
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 10_000,
      'grpc.enable_channelz': 0,
      // When to try again is decided in one place, and that is not here.
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
      ...(files.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': files.serverName }),
    }
    const client = new Client(`${url.hostname}:${port}`, await toCredentials(isSecure, files), options)
    return { version, client, calls: 0 }
  }

  #call(client: Client, request: OtlpRequest, metadata: Metadata, signal: AbortSignal): Promise<Outcome<OtlpRequest>> {
    const deadline = Date.now() + this.#settings.timeout
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        reject(new AppError('cancelled', 'the request was called off'))
        call.cancel()
      }
      const answered = (error: ServiceError | null, response?: Buffer): void => {
        signal.removeEventListener('abort', cancel)
        resolve(error === null ? toDelivered(response ?? Buffer.alloc(0)) : toGrpcOutcome(error))
      }
      const path = PATHS[request.signal]
      const call = client.makeUnaryRequest(path, toBuffer, keep, request.payload, metadata, { deadline }, answered)
      signal.addEventListener('abort', cancel, { once: true })
      if (signal.aborted) cancel()
    })
  }
}

const keep = (bytes: Buffer): Buffer => bytes
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function toCredentials(
  isSecure: boolean,
  files: NonNullable<DestinationOfType<'otlp'>['tls']>,
): Promise<ChannelCredentials> {
  if (!isSecure) return credentials.createInsecure()
  const context = tls.createSecureContext({ ...(await readTlsFiles(files)), minVersion: 'TLSv1.2' })
  return credentials.createFromSecureContext(context)
}
