interface Stretch {
  /** The sequence behind it. */
  readonly end: number
  /** When its oldest record was collected; absent for records that are passed over. */
  readonly collectedAtMs: number | undefined
  done: boolean
}

/**
 * What has been read from the log and how much of it, counted from the front without a hole, is dealt with. Requests
 * end in any order; the cursor may only move over what is complete.
 */
export class Progress {
  readonly #stretches: Stretch[] = []
  #position: number

  constructor(position: number) {
    this.#position = position
  }

  /** Everything before this sequence is dealt with. */
  get position(): number {
    return this.#position
  }

  /** When the oldest record was collected that is not dealt with. */
  get oldestAtMs(): number | undefined {
    const times = this.#stretches.flatMap(({ done, collectedAtMs }) =>
      done || collectedAtMs === undefined ? [] : [collectedAtMs],
    )
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Adds what comes next in the log, up to `end`; call the result when it is dealt with. */
  begin(end: number, collectedAtMs?: number): () => void {
    const stretch: Stretch = { end, collectedAtMs, done: false }
    this.#stretches.push(stretch)
    return () => {
      stretch.done = true
      while (this.#stretches[0]?.done === true) this.#position = this.#stretches.shift()?.end ?? this.#position
    }
  }
}
