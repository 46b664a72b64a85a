import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { AppError, type Clock, type Metrics, systemClock } from '../../../core/index.ts'
import type { Scope } from '../../../model/index.ts'
import { renderError } from '../../render-error.ts'
import type { QueryRunner } from '../../runner.ts'
import { TailClient } from './tail-client.ts'
import { lookOnce, TailFollow } from './tail-follow.ts'

export interface TailServerOptions {
  readonly runner: QueryRunner
  readonly metrics: Metrics
  /** Throws when the caller may read nothing. */
  readonly authorize: (request: IncomingMessage) => Scope
  readonly clock?: Clock
}

const PATH = '/loki/api/v1/tail'
/** Of all callers together, and of one scope. */
const MAX_TAILS = 200
const MAX_TAILS_OF_SCOPE = 50
const MAX_DELAY_S = 5
const DEFAULT_LIMIT = '100'
const HISTORY_MS = 3_600_000
const PING_MS = 20_000
/** Clients have nothing to say. */
const MAX_MESSAGE_BYTES = 4_096

/** Takes over WebSocket requests of `/loki/api/v1/tail`; every other upgrade is refused. */
export function serveTails(server: Server, options: TailServerOptions): { close(): void } {
  const tails = new TailServer(options)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') void tails.upgrade(request, socket, head)
    else passOn(server, request, { socket, head })
  })
  return tails
}

/** Who offers to speak another protocol, as some clients do with HTTP/2, is answered as if it had not. */
function passOn(
  server: Server,
  request: IncomingMessage,
  { socket, head }: { readonly socket: Duplex; readonly head: Buffer },
): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  if (!(socket instanceof Socket)) {
    socket.destroy()
    return
  }
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  let left = Number(request.headers['content-length'] ?? 0)
  const take = (chunk: Buffer): void => {
    const part = chunk.subarray(0, left)
    left -= part.length
    if (part.length > 0) request.push(part)
    if (left === 0) request.push(null)
  }
  take(head)
  if (left > 0) socket.on('data', take)
  server.emit('request', request, response)
}

class TailServer {
  readonly #options: TailServerOptions
  readonly #clock: Clock
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  readonly #follows = new Map<string, TailFollow>()
  readonly #ofScope = new Map<string, number>()
  readonly #dropped: { inc(amount: number): void }
  readonly #closing = new AbortController()

  constructor(options: TailServerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const dropped = options.metrics.counter(
      'fleetglass_tail_dropped_entries_total',
      'Log lines that were not sent to clients of a tail because they were too slow.',
    )
    this.#dropped = {
      inc: (amount) => {
        dropped.inc(amount)
      },
    }
    const clients = options.metrics.gauge('fleetglass_tail_clients', 'Clients that tail logs.', [], () => {
      clients.set([...this.#ofScope.values()].reduce((sum, count) => sum + count, 0))
    })
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      const url = new URL(request.url ?? '', 'http://hub')
      if (url.pathname !== PATH) throw new AppError('not_found', 'not found')
      const scope = this.#options.authorize(request)
      await this.#begin({ request, socket, head }, scope, url.searchParams)
    } catch (reason) {
      refuse(socket, AppError.from(reason))
    }
  }

  close(): void {
    this.#closing.abort(new AppError('cancelled', 'the server stops'))
    for (const follow of this.#follows.values()) {
      follow.stop()
      for (const client of follow.clients) client.socket.close(1001, 'the server stops')
    }
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#follows.clear()
  }

  async #begin(
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
    scope: Scope,
    params: URLSearchParams,
  ): Promise<void> {
    const delayMs = delayOf(params)
    const owner = JSON.stringify(scope)
    this.#take(owner)
    let isOpen = false
    const gone = new AbortController()
    socket.once('close', () => {
      gone.abort(new AppError('cancelled', 'the client went away'))
      if (!isOpen) this.#give(owner)
    })
    const query = params.get('query') ?? ''
    // It also finds out, while an HTTP answer is still possible, whether the query is one.
    const nowMs = this.#clock.now() - delayMs
    const history = await lookOnce(
      this.#options.runner,
      scope,
      new URLSearchParams({
        query,
        start: params.get('start') ?? `${String(nowMs - HISTORY_MS)}000000`,
        end: `${String(nowMs)}000000`,
        limit: params.get('limit') ?? DEFAULT_LIMIT,
      }),
      AbortSignal.any([gone.signal, this.#closing.signal]),
    )
    if (socket.destroyed || this.#closing.signal.aborted) return
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      isOpen = true
      const tail = new TailClient(client, history.entries, (entries) => {
        this.#dropped.inc(entries)
      })
      const key = JSON.stringify([owner, query, delayMs])
      const follow = this.#follow(key, { scope, query, delayMs })
      follow.clients.add(tail)
      keepAlive(client)
      client.on('error', () => {
        client.terminate()
      })
      client.once('close', () => {
        this.#give(owner)
        follow.clients.delete(tail)
        if (follow.clients.size > 0) return
        follow.stop()
        if (this.#follows.get(key) === follow) this.#follows.delete(key)
      })
    })
  }

  #follow(key: string, of: { readonly scope: Scope; readonly query: string; readonly delayMs: number }): TailFollow {
    const known = this.#follows.get(key)
    if (known !== undefined) return known
    const follow = new TailFollow({ ...of, runner: this.#options.runner, clock: this.#clock })
    this.#follows.set(key, follow)
    void follow.run()
    return follow
  }

  #take(owner: string): void {
    const own = this.#ofScope.get(owner) ?? 0
    const all = [...this.#ofScope.values()].reduce((sum, count) => sum + count, 0)
    const [count, limit] = own >= MAX_TAILS_OF_SCOPE ? [own, MAX_TAILS_OF_SCOPE] : [all, MAX_TAILS]
    if (count >= limit) {
      const comparison = `count > limit (${String(count + 1)} > ${String(limit)})`
      throw new AppError('invalid', `max concurrent tail requests limit exceeded, ${comparison}`)
    }
    this.#ofScope.set(owner, own + 1)
  }

  #give(owner: string): void {
    const left = (this.#ofScope.get(owner) ?? 1) - 1
    if (left > 0) this.#ofScope.set(owner, left)
    else this.#ofScope.delete(owner)
  }
}

function delayOf(params: URLSearchParams): number {
  const text = params.get('delay_for') ?? ''
  if (text === '') return 0
  const seconds = Number(text)
  if (!Number.isInteger(seconds) || seconds < 0) throw new AppError('invalid', `could not parse 'delay_for': ${text}`)
  if (seconds > MAX_DELAY_S) throw new AppError('invalid', `delay_for can't be greater than ${String(MAX_DELAY_S)}`)
  return seconds * 1000
}

/** A client that does not answer a ping before the next one is gone. */
function keepAlive(client: WebSocket): void {
  let answered = true
  client.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) {
      client.terminate()
      return
    }
    answered = false
    client.ping()
  }, PING_MS)
  timer.unref()
  client.once('close', () => {
    clearInterval(timer)
  })
}

function refuse(socket: Duplex, error: AppError): void {
  if (socket.destroyed) return
  const { status, headers, body } = renderError('loki', error)
  const lines = [
    `HTTP/1.1 ${String(status)} Refused`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${String(body.byteLength)}`,
    'connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}
