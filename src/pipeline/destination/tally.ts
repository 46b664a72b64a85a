/** More reasons than any protocol has: what comes beyond is counted together. */
const MAX_KEYS = 64
const OTHER = 'other'

/** Counts by a short word. The words come from protocols, so their number is bounded. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(key: string, count = 1): void {
    const known = this.#counts.has(key) || this.#counts.size < MAX_KEYS ? key : OTHER
    this.#counts.set(known, (this.#counts.get(known) ?? 0) + count)
  }

  read(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
