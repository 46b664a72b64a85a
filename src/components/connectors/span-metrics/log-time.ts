interface Mark {
  readonly sequence: number
  /** What the clock showed before the record of this sequence. */
  readonly clockMs: number
}

/** Marks of one stretch of time. */
const MARKS = 16

/**
 * Time as the log tells it, by when its records arrived: it never goes back. Reading a stretch of the log a second time
 * shows the same times at the same records.
 */
export class LogTime {
  nowMs = 0
  readonly #stretchMs: number
  #marks: Mark[]

  /** `stretchMs` is how far back `startOfStretch` looks. */
  constructor(position: number, stretchMs: number) {
    this.#stretchMs = stretchMs
    this.#marks = [{ sequence: position, clockMs: 0 }]
  }

  /** The clock goes on to when this record arrived. */
  see(sequence: number, arrivedAtMs: number): void {
    const last = this.#marks.at(-1)
    if (last === undefined || this.nowMs - last.clockMs >= this.#stretchMs / MARKS) {
      this.#marks.push({ sequence, clockMs: this.nowMs })
      this.#forget()
    }
    this.nowMs = Math.max(this.nowMs, arrivedAtMs)
  }

  /** A sequence from which on all records stand that arrived within the last stretch. */
  get startOfStretch(): number {
    this.#forget()
    return this.#marks[0]?.sequence ?? 0
  }

  /** Keeps one mark that lies before the stretch. */
  #forget(): void {
    const beforeMs = this.nowMs - this.#stretchMs
    const first = this.#marks.findLastIndex(({ clockMs }) => clockMs <= beforeMs)
    if (first > 0) this.#marks = this.#marks.slice(first)
  }
}
