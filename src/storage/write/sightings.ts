import { KeyTable } from './key-table.ts'

const FIELDS = 4
const ID_LOW = 0
const ID_HIGH = 1
const FIRST_HOUR = 2
const LAST_HOUR = 3
const NO_FIRST_HOUR = 0x7fff_ffff
const NO_LAST_HOUR = -0x8000_0000

/**
 * Which ids (of series, of log streams) have been announced for which hours, so that an id's row is written once an
 * hour instead of with each sample. Hours are those of the records' own times, never of the wall clock.
 *
 * Bounded: when the present generation is full it becomes the previous one, whose entries are taken over as they are
 * seen again; the one before is dropped. Forgetting costs a repeated row and nothing else.
 *
 * Exactness over crashes: a replayed flush may announce more than the first attempt did, because this memory was
 * lost. If the first attempt stored its rows, the token makes the engine ignore the longer replay; what it has on top
 * had been stored by earlier flushes, for otherwise the first attempt would have announced it as well.
 */
export class Sightings {
  readonly #limit: number
  #keys = new KeyTable()
  #fields = new Int32Array(FIELDS * 256)
  #previousKeys = new KeyTable()
  #previousFields = new Int32Array(0)
  /** Keys extended since `save`, low and high alternating. */
  readonly #journal: number[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Where the key's entry is, or -1. Valid until the next `find` or `add`. */
  find(low: number, high: number): number {
    const entry = this.#keys.find(low, high)
    if (entry >= 0) return entry
    const old = this.#previousKeys.find(low, high)
    if (old < 0) return -1
    const fields = this.#previousFields
    const taken = this.add(low, high, fields[FIELDS * old + ID_LOW] ?? 0, fields[FIELDS * old + ID_HIGH] ?? 0)
    // `add` may have dropped the generation, not these fields.
    this.#fields[FIELDS * taken + FIRST_HOUR] = fields[FIELDS * old + FIRST_HOUR] ?? NO_FIRST_HOUR
    this.#fields[FIELDS * taken + LAST_HOUR] = fields[FIELDS * old + LAST_HOUR] ?? NO_LAST_HOUR
    return taken
  }

  /** Adds a key that was not found, with the id it stands for and no hours. */
  add(low: number, high: number, idLow: number, idHigh: number): number {
    if (this.#keys.size >= this.#limit) this.#turnOver()
    const entry = this.#keys.add(low, high)
    if (FIELDS * entry === this.#fields.length) {
      const bigger = new Int32Array(2 * this.#fields.length)
      bigger.set(this.#fields)
      this.#fields = bigger
    }
    this.#fields[FIELDS * entry + ID_LOW] = idLow
    this.#fields[FIELDS * entry + ID_HIGH] = idHigh
    this.#fields[FIELDS * entry + FIRST_HOUR] = NO_FIRST_HOUR
    this.#fields[FIELDS * entry + LAST_HOUR] = NO_LAST_HOUR
    return entry
  }

  idLow(entry: number): number {
    return this.#fields[FIELDS * entry + ID_LOW] ?? 0
  }

  idHigh(entry: number): number {
    return this.#fields[FIELDS * entry + ID_HIGH] ?? 0
  }

  /** Whether the hour lies within the hours announced. */
  covers(entry: number, hour: number): boolean {
    const at = FIELDS * entry
    return hour >= (this.#fields[at + FIRST_HOUR] ?? 0) && hour <= (this.#fields[at + LAST_HOUR] ?? 0)
  }

  /** Notes that the key's row was written for the hour. */
  extend(entry: number, hour: number, low: number, high: number): void {
    const at = FIELDS * entry
    this.#fields[at + FIRST_HOUR] = Math.min(hour, this.#fields[at + FIRST_HOUR] ?? NO_FIRST_HOUR)
    this.#fields[at + LAST_HOUR] = Math.max(hour, this.#fields[at + LAST_HOUR] ?? NO_LAST_HOUR)
    this.#journal.push(low, high)
  }

  save(): void {
    this.#journal.length = 0
  }

  /** The rows written since `save` were taken back: their keys must be announced again. */
  restore(): void {
    for (let i = 0; i < this.#journal.length; i += 2) {
      const entry = this.find(this.#journal[i] ?? 0, this.#journal[i + 1] ?? 0)
      if (entry < 0) continue
      this.#fields[FIELDS * entry + FIRST_HOUR] = NO_FIRST_HOUR
      this.#fields[FIELDS * entry + LAST_HOUR] = NO_LAST_HOUR
    }
    this.#journal.length = 0
  }

  forgetAll(): void {
    this.#keys.clear()
    this.#previousKeys.clear()
    this.#journal.length = 0
  }

  #turnOver(): void {
    this.#previousKeys = this.#keys
    this.#previousFields = this.#fields
    this.#keys = new KeyTable()
    this.#fields = new Int32Array(FIELDS * 256)
  }
}
