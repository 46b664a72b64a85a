/** Lets so many in at once; the others wait in the order in which they came. */
export class Turns {
  readonly #limit: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves with true when it is one's turn, and `end` must follow; with false when the signal aborts before. */
  async begin(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    if (this.#inside < this.#limit) {
      this.#inside += 1
      return true
    }
    return await new Promise((resolve) => {
      const admit = (): void => {
        signal.removeEventListener('abort', cancel)
        resolve(true)
      }
      const cancel = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1)
        resolve(false)
      }
      this.#waiting.push(admit)
      signal.addEventListener('abort', cancel, { once: true })
    })
  }

  /** The place passes on to whoever waits longest. */
  end(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#inside -= 1
    else next()
  }
}
