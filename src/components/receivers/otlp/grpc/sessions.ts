import { constants, performServerHandshake, type ServerHttp2Session, type ServerOptions } from 'node:http2'
import type { Duplex } from 'node:stream'

const KEEPALIVE_TIME_MS = 30_000
const KEEPALIVE_TIMEOUT_MS = 10_000
const CONNECTION_GRACE_MS = 20_000
/** For how long an ageing connection still takes calls that were sent before its end was known. */
const FAREWELL_MS = 1_000
/** Ages differ by so much, so that senders which came together do not come back together. */
const AGE_JITTER = 0.1

/** Of one connection, not yet read: with a round trip of 100 ms an edge may send 10 MB of compressed data a second. */
const WINDOW_BYTES = 1024 * 1024

const OPTIONS: ServerOptions = {
  settings: {
    maxConcurrentStreams: 100,
    maxHeaderListSize: 16_384,
    initialWindowSize: 256 * 1024,
    enableConnectProtocol: false,
  },
  maxHeaderListPairs: 100,
}

const HIGHEST_STREAM = 2 ** 31 - 1

export interface SessionsOptions {
  /** After this time a connection takes no more calls. Absent: connections live as long as their clients like. */
  readonly maxAgeMs?: number | undefined
  readonly onSession: (session: ServerHttp2Session, socket: Duplex) => void
}

/** HTTP/2 on connections that somebody else accepted: are they alive, how old may they get, how do they end. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #open = new Set<ServerHttp2Session>()
  #isClosing = false

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  accept(socket: Duplex): void {
    const session = performServerHandshake(socket, OPTIONS)
    this.#open.add(session)
    session.setLocalWindowSize(WINDOW_BYTES)
    const stopPinging = keepAlive(session)
    const stopAgeing = this.#limitAge(session)
    // A broken connection ends its calls, and they tell; there is nothing else to do about it.
    session.on('error', () => session.destroy())
    session.once('close', () => {
      stopPinging()
      stopAgeing()
      this.#open.delete(session)
      socket.destroy()
    })
    this.#options.onSession(session, socket)
    if (this.#isClosing) session.close()
  }

  /** Resolves when all calls under way have ended, or the signal has aborted and they were broken off. */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosing = true
    const closed = [...this.#open].map(
      (session) =>
        new Promise<void>((resolve) => {
          session.once('close', resolve)
          session.close()
        }),
    )
    const breakOff = (): void => {
      for (const session of this.#open) session.destroy()
    }
    signal.addEventListener('abort', breakOff, { once: true })
    if (signal.aborted) breakOff()
    await Promise.all(closed)
    signal.removeEventListener('abort', breakOff)
  }

  /** First says that the connection will end, then refuses new calls, then ends it whatever is under way. */
  #limitAge(session: ServerHttp2Session): () => void {
    const { maxAgeMs } = this.#options
    if (maxAgeMs === undefined) return () => undefined
    let timer: NodeJS.Timeout | undefined
    const after = (ms: number, step: () => void): void => {
      timer = setTimeout(step, ms).unref()
    }
    after(maxAgeMs * (1 + AGE_JITTER * (2 * Math.random() - 1)), () => {
      session.goaway(constants.NGHTTP2_NO_ERROR, HIGHEST_STREAM, Buffer.from('max_age'))
      after(FAREWELL_MS, () => {
        session.close()
        after(CONNECTION_GRACE_MS, () => session.destroy())
      })
    })
    return () => clearTimeout(timer)
  }
}

/** Pings, and ends the connection when there is no answer: a half-open one would hold its place for ever. */
function keepAlive(session: ServerHttp2Session): () => void {
  let overdue: NodeJS.Timeout | undefined
  const ping = setInterval(() => {
    if (session.destroyed || overdue !== undefined) return
    overdue = setTimeout(() => session.destroy(), KEEPALIVE_TIMEOUT_MS)
    session.ping(() => {
      clearTimeout(overdue)
      overdue = undefined
    })
  }, KEEPALIVE_TIME_MS)
  ping.unref()
  return () => {
    clearInterval(ping)
    clearTimeout(overdue)
  }
}
