/** A record that was counted: what it added, and to whom. */
export interface CountedRecord {
  readonly sequence: number
  /** The key of its source. */
  readonly source: string
  readonly items: number
}

const CAPACITY = 16_384

/**
 * The last records that were counted, in a ring. Totals are known as of now; with the last records they are known as of
 * any position near the end of the log: a total at a position is the total now without what stands behind it.
 */
export class RecentRecords {
  readonly #ring: (CountedRecord | undefined)[] = []
  #next = 0
  /** Of all records from here on the ring knows. */
  #from: number

  /** Every record counted from now on has this sequence or a higher one. */
  constructor(from: number) {
    this.#from = from
  }

  add(record: CountedRecord): void {
    const slot = this.#next % CAPACITY
    const forgotten = this.#ring[slot]
    if (forgotten !== undefined) this.#from = Math.max(this.#from, forgotten.sequence + 1)
    this.#ring[slot] = record
    this.#next += 1
  }

  /** The records at and behind the position; undefined when it is too far back to know them all. */
  behind(position: number): readonly CountedRecord[] | undefined {
    if (position < this.#from) return undefined
    const found: CountedRecord[] = []
    // All of them: appends end in nearly the order of their sequences, but not quite.
    for (const record of this.#ring) if (record !== undefined && record.sequence >= position) found.push(record)
    return found
  }
}
