import type { Clock } from '../../core/index.ts'

/** The least that a sender is told to wait, how far apart two of them are told to come back, and the most. */
const LEAST_MS = 1_000
const SPACING_MS = 10
const MOST_MS = 30_000

/**
 * When refused senders shall come back: each a little later than the one before, so that they do not come as the herd
 * that they were. The more are refused, the longer they wait; once they stop coming, so do the delays.
 */
export class RetryHints {
  readonly #clock: Clock
  readonly #random: () => number
  #lastMs = 0

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock
    this.#random = random
  }

  /** Milliseconds to wait, `leastMs` or more. */
  next(leastMs = LEAST_MS): number {
    const nowMs = this.#clock.now()
    const slotMs = Math.max(nowMs + leastMs, this.#lastMs + SPACING_MS)
    const mostMs = Math.max(leastMs, MOST_MS)
    if (slotMs - nowMs > mostMs) return Math.round(mostMs * (0.5 + this.#random() / 2))
    this.#lastMs = slotMs
    return Math.round(slotMs - nowMs)
  }
}
