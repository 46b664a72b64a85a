import { Backoff, type BackoffOptions, type Clock } from '../../../core/index.ts'

/**
 * Holds all requests back after one has failed: a hub that is away or overloaded is asked again by one edge at a
 * time that grows, not by each of its requests. A connection that comes back opens the gate before its time.
 */
export class SendGate {
  readonly #backoff: Backoff
  #closed: Promise<void> | undefined

  constructor(clock: Clock, options: BackoffOptions) {
    this.#backoff = new Backoff(clock, options)
  }

  async pass(): Promise<void> {
    while (this.#closed !== undefined) await this.#closed
  }

  /** Closes the gate, unless it is closed. `opensEarly` resolves when there is a reason to try at once. */
  fail(signal: AbortSignal, atLeastMs: number, opensEarly: (signal: AbortSignal) => Promise<void>): void {
    if (this.#closed !== undefined) return
    const opened = new AbortController()
    const either = AbortSignal.any([signal, opened.signal])
    const opens = Promise.race([this.#backoff.wait(either, atLeastMs), opensEarly(either)])
    this.#closed = opens.finally(() => {
      opened.abort()
      this.#closed = undefined
    })
  }

  succeed(): void {
    this.#backoff.reset()
  }
}
