import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { AppError, type Counter, type Logger, type Metrics } from '../../core/index.ts'
import type { Identity } from '../../model/index.ts'
import type { Reservation } from './admission.ts'
import { chooseIdentity } from './choose-identity.ts'
import { decompress, type Encoding, tooLarge } from './encodings.ts'
import type { IngestGate } from './gate.ts'
import { errorHeaders, HttpError, httpStatusOf, messageFor } from './http-error.ts'
import { readStream } from './read-stream.ts'
import type { WriteReceiverOptions } from './write-receiver.ts'
import type { BodyOptions, WriteHead, WriteResponse, WriteRoute } from './write-route.ts'

export interface WriteServerOptions {
  readonly routes: readonly WriteRoute[]
  readonly gate: IngestGate
  /** The clusters that the sender may write for, at least one. Throws `unauthenticated` or `forbidden`. */
  readonly grantOf: (request: IncomingMessage) => readonly Identity[]
  /** How long a sender may take for a body. */
  readonly receiveTimeoutMs: number
  readonly meters: WriteMeters
  /** Told of bodies that are refused for good before a receiver sees them. `source` is the receiver. */
  readonly onRejected?: WriteReceiverOptions['onRejected'] | undefined
  readonly log: Logger
}

/** Requests by how they ended: `ok`, or the error's code. */
export interface WriteMeters {
  readonly requests: Counter<'receiver' | 'code'>
}

export function createWriteMeters(metrics: Metrics): WriteMeters {
  const help = 'Write requests over HTTP by receiver and by how they ended.'
  return { requests: metrics.counter('fleetglass_ingest_http_requests_total', help, ['receiver', 'code']) }
}

/** Answers requests to the routes of receivers on any server of node:http. */
export interface WriteServer {
  /** Whether the request's path is one of the routes', whatever its method. */
  takes(request: IncomingMessage): boolean
  readonly handle: RequestListener
}

export function createWriteServer(options: WriteServerOptions): WriteServer {
  const routesOf = (request: IncomingMessage): readonly WriteRoute[] => {
    const path = pathOf(request)
    return options.routes.filter((route) => route.path.test(path))
  }
  return {
    takes: (request) => routesOf(request).length > 0,
    handle: (request, response) => {
      // It catches everything itself; the server takes no promises.
      void answer(options, routesOf(request), request, response)
    },
  }
}

async function answer(
  { gate, grantOf, receiveTimeoutMs, meters, onRejected, log, routes: all }: WriteServerOptions,
  routes: readonly WriteRoute[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const head = headOf(request)
  const route = routes.find(({ methods }) => methods.includes(head.method))
  const body = new RequestBody(request, response, gate, receiveTimeoutMs)
  try {
    if (route === undefined) throw noRoute(routes, head)
    const granted = grantOf(request)
    const identity = (): Identity => chooseIdentity(granted, request.rawHeaders)
    const { signal } = body
    const read = async (wanted: BodyOptions): Promise<Buffer> => {
      try {
        return await body.read(identity(), wanted)
      } catch (reason) {
        const error = AppError.from(reason)
        const why = error.code === 'too_large' ? error.code : 'undecodable'
        const isLost = error.code === 'too_large' || (error.code === 'invalid' && !(error instanceof HttpError))
        if (isLost) onRejected?.(identity(), route.receiver, { reason: why, items: 1, detail: error.message })
        throw error
      }
    }
    const answered = await route.handle({ ...head, signal, identity, body: read })
    meters.requests.inc({ receiver: route.receiver, code: 'ok' })
    send(response, answered)
  } catch (reason) {
    const error = AppError.from(reason)
    const { receiver = 'none' } = route ?? routes[0] ?? {}
    meters.requests.inc({ receiver, code: error.code })
    if (error.code === 'internal' || error.code === 'corrupt') {
      log.error({ receiver, error: error.message, stack: error.stack }, 'a write request failed')
    }
    // An address of nobody is refused in the terms of the first receiver.
    const refusal = (route ?? routes[0] ?? all[0])?.refuse(error, head) ?? refusePlainly(error)
    send(response, { ...refusal, headers: { ...errorHeaders(error), ...refusal.headers } })
  } finally {
    body.release()
    // What is still on its way is read and thrown away, or the sender would see a broken pipe instead of the answer.
    request.resume()
  }
}

/** The body of one request and the memory that is kept for it. */
class RequestBody {
  readonly #request: IncomingMessage
  readonly #gate: IngestGate
  readonly #timeoutMs: number
  readonly #gone = new AbortController()
  #reservation: Reservation | undefined

  constructor(request: IncomingMessage, response: ServerResponse, gate: IngestGate, timeoutMs: number) {
    this.#request = request
    this.#gate = gate
    this.#timeoutMs = timeoutMs
    response.once('close', () => {
      this.#gone.abort()
    })
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  release(): void {
    this.#reservation?.release()
  }

  async read(identity: Identity, options: BodyOptions): Promise<Buffer> {
    const { maxBytes } = options
    const encoding = encodingOf(this.#request, options)
    const announced = announcedBytes(this.#request)
    if (announced !== undefined && announced > maxBytes) throw tooLarge(maxBytes)
    const wireBytes = announced ?? maxBytes
    const expected = encoding === 'identity' ? 0 : Math.min(maxBytes, expectedBytes(wireBytes))
    this.#reservation = await this.#gate.enter(identity, wireBytes + expected, this.signal)
    const wire = await readStream(this.#request, maxBytes, this.#timeoutMs)
    const body =
      encoding === 'identity' ? wire : await this.#decompress(identity, { encoding, wire, expected, maxBytes })
    this.#reservation.resize(body.length)
    this.#gate.pay(identity, body.length)
    await this.#gate.turn(identity, body.length)
    return body
  }

  /** Almost everything is as large as expected at the most; for the rest, as much memory as it may need is waited for. */
  async #decompress(
    identity: Identity,
    { encoding, wire, expected, maxBytes }: { encoding: Encoding; wire: Buffer; expected: number; maxBytes: number },
  ): Promise<Buffer> {
    try {
      return await decompress(encoding, wire, expected)
    } catch (reason) {
      const isTooLarge = reason instanceof AppError && reason.code === 'too_large'
      if (!isTooLarge || expected === maxBytes) throw reason
      this.#reservation?.release()
      this.#reservation = await this.#gate.enter(identity, wire.length + maxBytes, this.signal)
      return await decompress(encoding, wire, maxBytes)
    }
  }
}

/** Telemetry shrinks to a tenth or so; small requests hold overheads that shrink to nothing. */
function expectedBytes(wireBytes: number): number {
  return 65_536 + 16 * wireBytes
}

function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const announced = headers['content-length']
  return announced === undefined ? undefined : Number(announced)
}

function encodingOf({ headers }: IncomingMessage, { encodings, unnamed = 'identity' }: BodyOptions): Encoding {
  const name = (headers['content-encoding'] ?? '').trim().toLowerCase()
  if (name === '') return unnamed
  const encoding = ['identity' as const, ...encodings].find((known) => known === name)
  if (encoding !== undefined) return encoding
  const accepted = encodings.join(', ')
  const message = `Content-Encoding ${name.slice(0, 50)} is not supported here: use ${accepted}`
  throw new HttpError('invalid', message, { status: 415, headers: { 'accept-encoding': accepted } })
}

function noRoute(routes: readonly WriteRoute[], { method, path }: WriteHead): AppError {
  if (routes.length === 0) return new AppError('not_found', 'nothing is taken in at this address')
  const allow = [...new Set(routes.flatMap(({ methods }) => methods))].join(', ')
  const message = `${path.slice(0, 100)} does not take ${method}: use ${allow}`
  return new HttpError('invalid', message, { status: 405, headers: { allow } })
}

function headOf(request: IncomingMessage): WriteHead {
  const { method = 'GET', url = '/', headers } = request
  const queryAt = url.indexOf('?')
  return {
    method,
    path: pathOf(request),
    query: new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt + 1)),
    headers,
    contentType: (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/'
}

function refusePlainly(error: AppError): WriteResponse {
  return { status: httpStatusOf(error), headers: { 'content-type': 'text/plain' }, body: `${messageFor(error)}\n` }
}

function send(response: ServerResponse, { status, headers, body = '' }: WriteResponse): void {
  if (response.destroyed) return
  // A 204 has no body and must not announce one.
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { ...length, 'x-content-type-options': 'nosniff', ...headers })
  response.end(status === 204 ? undefined : body)
}
