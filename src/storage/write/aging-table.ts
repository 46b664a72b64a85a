import { KeyTable } from './key-table.ts'

/**
 * A bounded table from 64-bit keys to a few numbers each, which drops what was not seen for longest: when the present
 * generation is full it becomes the previous one, whose entries are taken over as they are seen again; what was left
 * in the one before is gone.
 */
export class AgingTable {
  /** Entries that were dropped. */
  dropped = 0
  readonly #limit: number
  readonly #width: number
  #keys = new KeyTable()
  #fields: Float64Array
  #previousKeys = new KeyTable()
  #previousFields: Float64Array
  #takenOver = 0

  /** At most `limit` entries a generation, `width` numbers an entry. */
  constructor(limit: number, width: number) {
    this.#limit = limit
    this.#width = width
    this.#fields = new Float64Array(INITIAL_ENTRIES * width)
    this.#previousFields = new Float64Array(0)
  }

  get size(): number {
    return this.#keys.size + this.#previousKeys.size - this.#takenOver
  }

  /** The key's entry, or -1. An entry is valid until the next `find` or `add`. */
  find(low: number, high: number): number {
    const entry = this.#keys.find(low, high)
    if (entry >= 0) return entry
    const previous = this.#previousKeys.find(low, high)
    if (previous < 0) return -1
    const start = previous * this.#width
    const fields = this.#previousFields.slice(start, start + this.#width)
    this.#takenOver++
    const taken = this.add(low, high)
    this.#fields.set(fields, taken * this.#width)
    return taken
  }

  /** Adds a key that was not found; its numbers are 0. */
  add(low: number, high: number): number {
    if (this.#keys.size >= this.#limit) this.#turnOver()
    const entry = this.#keys.add(low, high)
    const start = entry * this.#width
    if (start === this.#fields.length) {
      const bigger = new Float64Array(2 * this.#fields.length)
      bigger.set(this.#fields)
      this.#fields = bigger
    }
    this.#fields.fill(0, start, start + this.#width)
    return entry
  }

  get(entry: number, field: number): number {
    return this.#fields[entry * this.#width + field] ?? 0
  }

  set(entry: number, field: number, value: number): void {
    this.#fields[entry * this.#width + field] = value
  }

  #turnOver(): void {
    this.dropped += this.#previousKeys.size - this.#takenOver
    this.#takenOver = 0
    this.#previousKeys = this.#keys
    this.#previousFields = this.#fields
    this.#keys = new KeyTable()
    this.#fields = new Float64Array(INITIAL_ENTRIES * this.#width)
  }
}

const INITIAL_ENTRIES = 256
