import type { Clock } from './clock.ts'

export interface BackoffOptions {
  readonly initialMs: number
  readonly maxMs: number
  /** In [0, 1); injected by tests. */
  readonly random?: () => number
}

/**
 * Exponential back-off with full jitter: the n-th wait is uniform in (0, min(max, initial × 2ⁿ)], so that many
 * clients that failed together do not come back together. It never gives up; the caller's signal ends it.
 */
export class Backoff {
  readonly #clock: Clock
  readonly #options: BackoffOptions
  #failures = 0

  constructor(clock: Clock, options: BackoffOptions) {
    this.#clock = clock
    this.#options = options
  }

  get failures(): number {
    return this.#failures
  }

  /** Waits before the next attempt, at least `atLeastMs` (a server's hint). */
  async wait(signal: AbortSignal, atLeastMs = 0): Promise<void> {
    const ceiling = Math.min(this.#options.maxMs, this.#options.initialMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    const random = this.#options.random ?? Math.random
    await this.#clock.sleep(atLeastMs + Math.max(1, random() * ceiling), signal)
  }

  reset(): void {
    this.#failures = 0
  }
}
