import { Backoff, type BackoffOptions, type Clock } from '../../core/index.ts'

/**
 * Through it goes every request of a lane. While the destination fails, one request at a time tries again, at times
 * that grow: a destination that is down is not asked by each of the requests that wait for it.
 */
export class RetryGate {
  readonly #backoff: Backoff
  #failing = false
  #inside = 0
  /** Resolved when somebody leaves or the wait after a failure is over. */
  readonly #waiting = new Set<() => void>()
  #closed = false

  constructor(clock: Clock, options: BackoffOptions) {
    this.#backoff = new Backoff(clock, options)
  }

  /** Resolves when an attempt may be made, or the signal aborts; `leave` must follow in both cases. */
  async pass(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.#closed || (this.#failing && this.#inside > 0))) await this.#change(signal)
    this.#inside += 1
  }

  /** After an attempt that was answered, whatever the answer. */
  leave(): void {
    this.#inside -= 1
    this.#wake()
  }

  succeeded(): void {
    this.#failing = false
    this.#backoff.reset()
  }

  /** Holds everybody back for a while that grows with each failure, `atLeastMs` at the least. */
  failed(signal: AbortSignal, atLeastMs = 0): void {
    this.#failing = true
    if (this.#closed) return
    this.#closed = true
    void this.#backoff.wait(signal, atLeastMs).then(() => {
      this.#closed = false
      this.#wake()
    })
  }

  #wake(): void {
    for (const resolve of [...this.#waiting]) resolve()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
