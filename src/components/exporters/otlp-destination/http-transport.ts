import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DestinationOfType } from '../../../fleet/index.ts'
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type Outcome,
  type ProtocolParts,
  toFailureOutcome,
  toStatusOutcome,
} from '../../../pipeline/destination/index.ts'
import type { OtlpRequest } from './request.ts'
import { type OtlpTransport, toDelivered } from './transport.ts'

const compress = promisify(gzip)

const PATHS = { metrics: '/v1/metrics', logs: '/v1/logs', traces: '/v1/traces' } as const

/** OTLP/HTTP with protobuf. */
export class HttpTransport implements OtlpTransport {
  readonly #endpoint: string
  readonly #compresses: boolean
  readonly #client: HttpClient
  readonly #parts: ProtocolParts

  constructor(settings: DestinationOfType<'otlp'>, parts: ProtocolParts) {
    this.#endpoint = settings.endpoint.replace(/\/+$/, '')
    this.#compresses = settings.compression === 'gzip'
    this.#parts = parts
    this.#client = createHttpClient({
      secrets: parts.secrets,
      userAgent: parts.userAgent,
      timeoutMs: settings.timeout,
      connections: settings.concurrency * settings.signals.length,
      tls: settings.tls,
      headers: settings.headers,
      auth: settings.auth,
    })
  }

  async send(request: OtlpRequest, signal: AbortSignal): Promise<Outcome<OtlpRequest>> {
    const body = this.#compresses ? await compress(request.payload, { level: 1 }) : request.payload
    const answer = await this.#client.send(
      {
        url: `${this.#endpoint}${PATHS[request.signal]}`,
        headers: {
          'content-type': 'application/x-protobuf',
          ...(this.#compresses ? { 'content-encoding': 'gzip' } : {}),
        },
        body,
      },
      signal,
    )
    if (answer.t === 'failed') return toFailureOutcome(answer)
    // Some servers answer with 202 or 204 where the specification says 200.
    if (answer.status >= 200 && answer.status < 300) return toDelivered(answer.body)
    return toOutcome(answer, this.#parts.clock.now())
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

/** OTLP's own rule: of the 5xx only these may be sent again; 500 and the others mean that it is the request. */
const RETRYABLE_5XX: ReadonlySet<number> = new Set([502, 503, 504])

function toOutcome(answer: Extract<HttpAnswer, { t: 'answer' }>, nowMs: number): Outcome<OtlpRequest> {
  const { status } = answer
  if (status < 500 || RETRYABLE_5XX.has(status)) return toStatusOutcome(answer, nowMs)
  if (status === 501 || status === 505) return { t: 'misconfigured', detail: `HTTP status ${String(status)}` }
  return { t: 'refused', reason: `http_${String(status)}`, detail: `HTTP status ${String(status)}` }
}
