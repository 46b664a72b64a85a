/** What was read from the store, by what was asked and by a stamp that changes when it may be another. */
export class Remembered<T> {
  readonly #maxWeight: number
  readonly #entries = new Map<string, { readonly stamp: number; readonly value: T; readonly weight: number }>()
  #weight = 0

  /** What was not asked for longest goes first when all together weighs more. */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight
  }

  /** What is remembered, or else what is read, which is remembered then. `stamp` was taken before the call. */
  async get(key: string, stamp: number, read: () => Promise<T>, weigh: (value: T) => number): Promise<T> {
    const known = this.#entries.get(key)
    if (known?.stamp === stamp) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known.value
    }
    const value = await read()
    this.#put(key, { stamp, value, weight: 1 + weigh(value) })
    return value
  }

  #put(key: string, entry: { readonly stamp: number; readonly value: T; readonly weight: number }): void {
    this.#drop(key)
    if (entry.weight > this.#maxWeight / 2) return
    this.#entries.set(key, entry)
    this.#weight += entry.weight
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#maxWeight) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#weight -= entry.weight
  }
}
