/** Running totals of what arrives as differences, by series. At the limit the one that was silent longest goes. */
export class DeltaSums<T> {
  readonly #limit: number
  readonly #add: (total: T, delta: T) => T
  /** Least recently added to first. */
  readonly #totals = new Map<string, { readonly timeMs: number; readonly total: T }>()

  constructor(limit: number, add: (total: T, delta: T) => T) {
    this.#limit = limit
    this.#add = add
  }

  /** The new total; undefined, and nothing added, when the time is not after that of the last difference. */
  add(series: string, timeMs: number, delta: T): T | undefined {
    const before = this.#totals.get(series)
    if (before !== undefined && timeMs <= before.timeMs) return undefined
    const total = before === undefined ? delta : this.#add(before.total, delta)
    this.#totals.delete(series)
    this.#totals.set(series, { timeMs, total })
    if (this.#totals.size > this.#limit) this.#dropOldest()
    return total
  }

  #dropOldest(): void {
    for (const series of this.#totals.keys()) {
      this.#totals.delete(series)
      return
    }
  }
}
