import { Backoff, type BackoffOptions, type Clock } from '../../../core/index.ts'

export interface SendGateOptions extends BackoffOptions {
  /** The most requests at once. */
  readonly window: number
}

/** What is new, and what has waited for the hub. */
export type Lane = 'live' | 'backlog'

/** Where there is room for one request at a time, the backlog gets every fourth turn: it must not wait for ever. */
const LIVE_IN_A_ROW = 3

/**
 * Through it goes every attempt. After one has failed it holds all of them back: a hub that is away or overloaded is
 * asked again by one edge at times that grow, not by each of its requests; a connection that comes back opens it early.
 *
 * And it narrows when requests time out: on a slow line, requests under way share the line and would time out together,
 * for ever. Half as many may go then, down to one, and one more after each success.
 */
export class SendGate {
  readonly #backoff: Backoff
  readonly #window: number
  #limit: number
  #inside = 0
  #closed: Promise<void> | undefined
  /** Attempts that wait for a place, in order. */
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { live: [], backlog: [] }
  #liveInARow = 0

  constructor(clock: Clock, options: SendGateOptions) {
    this.#backoff = new Backoff(clock, options)
    this.#window = options.window
    this.#limit = options.window
  }

  /** How many may be under way at once, as things are. */
  get limit(): number {
    return this.#limit
  }

  /** Resolves when an attempt may begin; `leave` must follow. What is live goes before what has waited for long. */
  async pass(lane: Lane = 'live'): Promise<void> {
    for (;;) {
      if (this.#closed !== undefined) await this.#closed
      else if (this.#inside >= this.#limit) await new Promise<void>((resolve) => this.#waiting[lane].push(resolve))
      else break
    }
    this.#inside += 1
  }

  leave(how: 'succeeded' | 'timed out' | 'failed'): void {
    this.#inside -= 1
    if (how === 'succeeded') {
      this.#backoff.reset()
      this.#limit = Math.min(this.#window, this.#limit + 1)
    } else if (how === 'timed out') {
      this.#limit = Math.max(1, Math.floor(this.#limit / 2))
    }
    for (let free = this.#limit - this.#inside; free > 0; free--) this.#takeWaiting()?.()
  }

  #takeWaiting(): (() => void) | undefined {
    const { live, backlog } = this.#waiting
    const isBacklogsTurn = live.length === 0 || (backlog.length > 0 && this.#liveInARow >= LIVE_IN_A_ROW)
    this.#liveInARow = isBacklogsTurn ? 0 : this.#liveInARow + 1
    return isBacklogsTurn ? backlog.shift() : live.shift()
  }

  /** Closes the gate, unless it is closed. `opensEarly` resolves when there is a reason to try at once. */
  close(signal: AbortSignal, atLeastMs: number, opensEarly: (signal: AbortSignal) => Promise<void>): void {
    if (this.#closed !== undefined) return
    const opened = new AbortController()
    const either = AbortSignal.any([signal, opened.signal])
    const opens = Promise.race([this.#backoff.wait(either, atLeastMs), opensEarly(either)])
    this.#closed = opens.finally(() => {
      opened.abort()
      this.#closed = undefined
    })
  }
}
