import http from 'node:http'
import https from 'node:https'
import grpc, { Metadata, type ServiceError, status as grpcStatus } from '@grpc/grpc-js'
import type { CertificateSet } from '../../../../pki/testing/fleet-certificates.ts'
import { decodeRpcStatus } from '../../../../wire/index.ts'
import type { ListenAddress } from '../listen.ts'

export interface GrpcAnswer {
  readonly code: keyof typeof grpcStatus | 'OK'
  readonly message: string
  readonly retryAfterMs: number | undefined
  readonly stored: string | undefined
}

export interface GrpcTestClient {
  call(path: string, message: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<GrpcAnswer>
  close(): void
}

export const EXPORT = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
} as const

/** A plain gRPC client that sends and gets bytes. Without certificates it speaks without TLS. */
export function createGrpcClient(
  address: ListenAddress,
  tls?: CertificateSet,
  options: grpc.ChannelOptions = {},
): GrpcTestClient {
  const credentials =
    tls === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.cert))
  const client = new grpc.Client(`127.0.0.1:${String(address.port)}`, credentials, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 100,
    'grpc.ssl_target_name_override': 'localhost',
    ...options,
  })
  const bytes = (value: Uint8Array): Buffer => Buffer.from(value)
  return {
    call: (path, message, entries = {}) =>
      new Promise((resolve) => {
        const metadata = new Metadata()
        for (const [name, value] of Object.entries(entries)) metadata.set(name, value)
        const deadline = Date.now() + 15_000
        client.makeUnaryRequest(
          path,
          bytes,
          (it) => it,
          message,
          metadata,
          { deadline },
          (error) => {
            resolve(toAnswer(error))
          },
        )
      }),
    close: () => {
      client.close()
    },
  }
}

function toAnswer(error: ServiceError | null): GrpcAnswer {
  if (error === null) return { code: 'OK', message: '', retryAfterMs: undefined, stored: undefined }
  const [details] = error.metadata.get('grpc-status-details-bin')
  const [stored] = error.metadata.get('fleetglass-stored')
  return {
    code: grpcStatus[error.code] as keyof typeof grpcStatus,
    message: error.details,
    retryAfterMs: details === undefined ? undefined : decodeRpcStatus(Buffer.from(details)).retryAfterMs,
    stored: stored?.toString(),
  }
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface HttpRequest {
  readonly path: string
  readonly body?: string | Uint8Array
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly tls?: CertificateSet | { readonly ca: string }
  readonly agent?: http.Agent
}

/** One request over a connection of its own, unless an agent is given. Rejects when there is no answer. */
export function sendHttp(address: ListenAddress, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { path, body = '', method = 'POST', headers = {}, tls, agent } = request
    const options = { host: '127.0.0.1', port: address.port, path, method, headers, agent: agent ?? false }
    const outgoing =
      tls === undefined ? http.request(options) : https.request({ ...options, ...tls, servername: 'localhost' })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    outgoing.end(body)
  })
}
