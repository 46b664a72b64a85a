/** So much is decoded before everything else gets its turn on the thread: some milliseconds' worth of JSON. */
const BYTES_PER_ROUND = 262_144

/**
 * Whose request is decoded next. Decoding holds the thread that takes everything in, so it happens in rounds, between
 * which connections are served; and the owners (clusters) take turns, or the requests of one who floods the hub would
 * stand before everybody else's.
 */
export class Turns {
  /** The owners that wait, each with its line; who was served goes to the end. */
  readonly #lines = new Map<string, { readonly bytes: number; readonly begin: () => void }[]>()
  #leftBytes = BYTES_PER_ROUND
  #isScheduled = false

  /** Resolves when it is the request's turn; what it does then must not wait for anything before it has decoded. */
  async take(owner: string, bytes: number): Promise<void> {
    if (this.#lines.size === 0 && this.#leftBytes > 0) {
      this.#spend(bytes)
      return
    }
    await new Promise<void>((begin) => {
      const line = this.#lines.get(owner)
      if (line === undefined) this.#lines.set(owner, [{ bytes, begin }])
      else line.push({ bytes, begin })
    })
  }

  #spend(bytes: number): void {
    this.#leftBytes -= bytes
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#round()
    })
  }

  #round(): void {
    this.#isScheduled = false
    this.#leftBytes = BYTES_PER_ROUND
    while (this.#leftBytes > 0) {
      const next = this.#next()
      if (next === undefined) return
      this.#spend(next.bytes)
      next.begin()
    }
  }

  #next(): { readonly bytes: number; readonly begin: () => void } | undefined {
    for (const [owner, line] of this.#lines) {
      this.#lines.delete(owner)
      const first = line.shift()
      if (line.length > 0) this.#lines.set(owner, line)
      return first
    }
    return undefined
  }
}
