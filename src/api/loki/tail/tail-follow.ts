import { AppError, type Clock } from '../../../core/index.ts'
import type { Scope } from '../../../model/index.ts'
import type { QueryRunner } from '../../runner.ts'
import type { TailEntry, TailLook } from '../tail-frame.ts'
import type { TailClient } from './tail-client.ts'
import { entryKey, renderFrame } from './tail-frame-text.ts'

export interface FollowOptions {
  readonly runner: QueryRunner
  readonly clock: Clock
  readonly scope: Scope
  readonly query: string
  readonly delayMs: number
}

const INTERVAL_MS = 1_000
const RETRY_MS = 5_000
/** Lines older than this when the hub received them are not shown. */
const LATE_MS = 90_000
/** Clocks of senders may be ahead. */
const EARLY_MS = 600_000
/** Between the time of receipt and the moment when a line can be read. */
const STORED_WITHIN_MS = 60_000
/** Lines are not stored exactly in the order of their receipt. */
const OVERLAP_MS = 3_000
const LIMIT = 5_000
const MAX_REMEMBERED = 100_000

/**
 * One query followed for all clients that tail it with the same scope: it looks for new lines once a second, whoever
 * watches. What is new is told by the time of receipt, so that a line that comes late is shown all the same.
 */
export class TailFollow {
  readonly clients = new Set<TailClient>()
  readonly #options: FollowOptions
  readonly #stop = new AbortController()
  readonly #startedMs: number
  /** Entries that were sent and may be found again; two generations, so that they are forgotten by and by. */
  #sent = new Set<string>()
  #sentBefore: ReadonlySet<string> = new Set()
  #generationMs: number
  #latestMs: number

  constructor(options: FollowOptions) {
    this.#options = options
    this.#startedMs = options.clock.now()
    this.#generationMs = this.#startedMs
    this.#latestMs = this.#startedMs
  }

  stop(): void {
    this.#stop.abort(new AppError('cancelled', 'nobody tails the query any more'))
  }

  /** Until it is stopped. A look that fails is repeated; a query that is wrong ends the tails. */
  async run(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      let waitMs = INTERVAL_MS
      try {
        this.#tell(await this.#lookAtAll())
      } catch (reason) {
        const error = AppError.from(reason)
        if (error.code === 'invalid') {
          for (const { socket } of this.clients) socket.close(1011, error.message.slice(0, 120))
          return
        }
        waitMs = RETRY_MS
      }
      await clock.sleep(waitMs, signal).catch(() => undefined)
    }
  }

  async #lookAtAll(): Promise<readonly TailEntry[]> {
    const nowMs = this.#options.clock.now()
    const sinceMs = Math.max(this.#startedMs, Math.max(this.#latestMs, nowMs - STORED_WITHIN_MS)) - OVERLAP_MS
    const endMs = this.#options.delayMs > 0 ? nowMs - this.#options.delayMs : nowMs + EARLY_MS
    const found: TailEntry[] = []
    let start = `${String(nowMs - LATE_MS - this.#options.delayMs)}000000`
    for (;;) {
      const { entries, receivedMs } = await this.#look({ start, end: `${String(endMs)}000000`, since: sinceMs })
      this.#latestMs = Math.max(this.#latestMs, receivedMs)
      found.push(...entries)
      const last = entries.at(-1)
      if (entries.length < LIMIT || last === undefined || last.ns === start) return found
      start = last.ns
    }
  }

  async #look(range: { readonly start: string; readonly end: string; readonly since: number }): Promise<TailLook> {
    const { runner, scope, query } = this.#options
    const params = new URLSearchParams({
      query,
      start: range.start,
      end: range.end,
      received: String(range.since),
      limit: String(LIMIT),
      direction: 'forward',
    })
    return await lookOnce(runner, scope, params, this.#stop.signal)
  }

  #tell(found: readonly TailEntry[]): void {
    const fresh = found.filter((entry) => {
      const key = entryKey(entry)
      if (this.#sent.has(key) || this.#sentBefore.has(key)) return false
      this.#sent.add(key)
      return true
    })
    const nowMs = this.#options.clock.now()
    if (nowMs - this.#generationMs > LATE_MS + STORED_WITHIN_MS || this.#sent.size > MAX_REMEMBERED) {
      this.#sentBefore = this.#sent
      this.#sent = new Set()
      this.#generationMs = nowMs
      for (const client of this.clients) client.forgetHistory()
    }
    if (fresh.length === 0) return
    let text: string | undefined
    const shared = (): string => (text ??= renderFrame(fresh, []))
    for (const client of this.clients) client.push(fresh, shared)
  }
}

/** Has a worker look once. Errors of the query are AppErrors `invalid` with its text. */
export async function lookOnce(
  runner: QueryRunner,
  scope: Scope,
  params: URLSearchParams,
  signal: AbortSignal,
): Promise<TailLook> {
  const request = { route: 'loki.tail', path: {}, query: params.toString(), form: '', headers: {} } as const
  const { status, body } = await runner.run(request, scope, signal)
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  if (status === 400) throw new AppError('invalid', text)
  if (status !== 200) throw new AppError('unavailable', text)
  // Our own worker wrote it.
  return JSON.parse(text) as TailLook
}
