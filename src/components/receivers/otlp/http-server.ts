import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { AppError, type ErrorCode } from '../../../core/index.ts'
import type { Identity, Signal } from '../../../model/index.ts'
import {
  encodeRpcStatus,
  jsonToOtlp,
  OTLP_SUCCESS,
  OTLP_SUCCESS_JSON,
  renderRpcStatusJson,
} from '../../../wire/index.ts'
import type { Admission } from './admission.ts'
import { toHttpCode, toRpcStatus } from './codes.ts'
import { CONTENT_ENCODINGS, isContentEncoding, isIdentity, readBody, tooLarge } from './http-body.ts'
import type { Intake } from './intake.ts'

export interface HttpHandlerOptions {
  readonly intake: Intake
  readonly admission: Admission
  /** Who is calling. Throws AppError `unauthenticated` or `forbidden`. */
  readonly callerOf: (request: IncomingMessage) => Identity
  readonly maxRequestBytes: number
  readonly maxJsonRequestBytes: number
}

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ['/v1/metrics', 'metrics'],
  ['/v1/logs', 'logs'],
  ['/v1/traces', 'traces'],
])
const HEALTH = '/healthz'

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

/** Times by which a slow sender may hold a connection. */
const HEADERS_TIMEOUT_MS = 10_000
const KEEP_ALIVE_TIMEOUT_MS = 60_000
const MAX_HEADERS = 100

/** A refusal that HTTP has its own status for. */
class HttpError extends AppError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, http: { status: number; headers?: Record<string, string> }) {
    super(code, message)
    this.status = http.status
    this.headers = http.headers ?? {}
  }
}

/** For `createServer` of node:http and node:https. */
export const HTTP_SERVER_OPTIONS = { maxHeaderSize: 16_384, connectionsCheckingInterval: 5_000 } as const

export function limitHttpServer(server: Server, limits: { maxConnections: number; receiveTimeoutMs: number }): void {
  server.maxHeadersCount = MAX_HEADERS
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = limits.receiveTimeoutMs
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS
  server.maxConnections = limits.maxConnections
}

/** OTLP over HTTP: `POST /v1/{metrics,logs,traces}` in protobuf or JSON, and `GET /healthz`. */
export function createHttpHandler(options: HttpHandlerOptions): RequestListener {
  const { intake } = options
  return (request, response) => {
    const answer = async (): Promise<void> => {
      const contentType = contentTypeOf(request)
      try {
        if (isHealthCheck(request)) {
          send(response, 200, 'text/plain', 'ok')
          return
        }
        await take(request, contentType, options, response)
        intake.countSuccess('http')
        const isJson = contentType === JSON_TYPE
        send(response, 200, contentType, isJson ? OTLP_SUCCESS_JSON : OTLP_SUCCESS)
      } catch (reason) {
        refuse(request, response, intake.countFailure('http', reason))
      }
    }
    // It catches everything itself; the server takes no promises.
    void answer()
  }
}

async function take(
  request: IncomingMessage,
  contentType: string,
  options: HttpHandlerOptions,
  response: ServerResponse,
): Promise<void> {
  const { intake, admission, callerOf } = options
  const signal = checkTarget(request)
  const encoding = (request.headers['content-encoding'] ?? '').toLowerCase()
  checkEncodings(contentType, encoding)
  const identity = callerOf(request)
  const isJson = contentType === JSON_TYPE
  const limitBytes = isJson ? options.maxJsonRequestBytes : options.maxRequestBytes
  const announced = Number(request.headers['content-length'] ?? Infinity)
  if (announced > limitBytes && announced !== Infinity) throw tooLarge(limitBytes)

  const gone = new AbortController()
  response.once('close', () => {
    gone.abort()
  })
  const reservation = await admission.reserve(
    isIdentity(encoding) ? Math.min(announced, limitBytes) : limitBytes,
    gone.signal,
  )
  try {
    const body = await readBody(request, encoding, limitBytes)
    reservation.resize(body.length)
    const payload = isJson ? jsonToOtlp(signal, body.toString()) : body
    await intake.submit({ identity, signal, format: 'otlp', payload })
  } finally {
    reservation.release()
  }
}

function isHealthCheck(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.url === HEALTH
}

function checkTarget(request: IncomingMessage): Signal {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const signal = SIGNALS.get(path)
  if (signal === undefined) {
    throw new HttpError('not_found', `POST to one of ${[...SIGNALS.keys()].join(', ')}`, { status: 404 })
  }
  if (request.method !== 'POST') {
    throw new HttpError('invalid', `${path} takes POST only`, { status: 405, headers: { allow: 'POST' } })
  }
  return signal
}

function checkEncodings(contentType: string, encoding: string): void {
  if (contentType !== PROTOBUF && contentType !== JSON_TYPE) {
    throw new HttpError('invalid', `Content-Type must be ${PROTOBUF} or ${JSON_TYPE}`, { status: 415 })
  }
  if (!isContentEncoding(encoding)) {
    const message = `Content-Encoding ${encoding.slice(0, 50)} is not supported here: use ${CONTENT_ENCODINGS}`
    throw new HttpError('invalid', message, { status: 415, headers: { 'accept-encoding': CONTENT_ENCODINGS } })
  }
}

function contentTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Errors are a `google.rpc.Status` in the request's encoding; in JSON, where that is unknown. */
function refuse(request: IncomingMessage, response: ServerResponse, error: AppError): void {
  const status = toRpcStatus(error)
  if (status.retryAfterMs !== undefined) {
    response.setHeader('retry-after', String(Math.max(1, Math.ceil(status.retryAfterMs / 1_000))))
  }
  for (const [name, value] of Object.entries(error instanceof HttpError ? error.headers : {})) {
    response.setHeader(name, value)
  }
  const code = error instanceof HttpError ? error.status : toHttpCode(error)
  const isProtobuf = contentTypeOf(request) === PROTOBUF
  if (isProtobuf) send(response, code, PROTOBUF, encodeRpcStatus(status))
  else send(response, code, JSON_TYPE, renderRpcStatusJson(status))
  // What is still on its way is read and thrown away, or the sender would see a broken pipe instead of the answer.
  request.resume()
}

function send(response: ServerResponse, code: number, type: string, body: string | Uint8Array): void {
  if (response.destroyed) return
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
