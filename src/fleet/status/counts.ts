/** Distinct names beyond this many are counted together: names may come from outside. */
const MAX_NAMES = 32
const OTHER = 'other'

/** Counters by name, of bounded number. */
export class Counts {
  readonly #counts = new Map<string, number>()

  /** Returns the name under which it was counted. */
  add(name: string, amount: number): string {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : OTHER
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount)
    return key
  }

  total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  read(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
