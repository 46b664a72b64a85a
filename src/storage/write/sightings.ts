import { AgingTable } from './aging-table.ts'

const WIDTH = 5
const ID_LOW = 0
const ID_HIGH = 1
const FIRST_HOUR = 2
const LAST_HOUR = 3
const LAST_DAY = 4

/** An hour of a record's own time, and the last day of arrival that its row is good for. */
export interface Sighting {
  readonly hour: number
  readonly lastDay: number
}

/**
 * Which ids (of series, of log streams) have been announced for which hours, so that an id's row is written once an
 * hour instead of with each sample. Hours are those of the records' own times, never of the wall clock. Each row says
 * all hours from the first to the last, as the engine does when it has merged an id's rows. An id of which old records
 * go on coming is announced again for its last day of arrival, or its row would be gone before they are. Bounded:
 * forgetting costs a repeated row and nothing else.
 *
 * Exactness over crashes: a replayed flush may announce more than the first attempt did, because this memory was
 * lost. If the first attempt stored its rows, the token makes the engine ignore the longer replay; what that has on
 * top had been stored by earlier flushes, for otherwise the first attempt would have announced it as well.
 */
export class Sightings {
  readonly #table: AgingTable
  /** Keys extended since `save`, low and high alternating. */
  readonly #journal: number[] = []

  constructor(limit: number) {
    this.#table = new AgingTable(limit, WIDTH)
  }

  get size(): number {
    return this.#table.size
  }

  /** Where the key's entry is, or -1. Valid until the next `find` or `add`. */
  find(low: number, high: number): number {
    return this.#table.find(low, high)
  }

  /** Adds a key that was not found, with the id it stands for and no hours. */
  add(low: number, high: number, idLow: number, idHigh: number): number {
    const entry = this.#table.add(low, high)
    this.#table.set(entry, ID_LOW, idLow)
    this.#table.set(entry, ID_HIGH, idHigh)
    this.#forgetHours(entry)
    return entry
  }

  idLow(entry: number): number {
    return this.#table.get(entry, ID_LOW) | 0
  }

  idHigh(entry: number): number {
    return this.#table.get(entry, ID_HIGH) | 0
  }

  firstHour(entry: number): number {
    return this.#table.get(entry, FIRST_HOUR)
  }

  lastHour(entry: number): number {
    return this.#table.get(entry, LAST_HOUR)
  }

  /** Whether a row that says the hour was written, good for what arrives on this day. */
  covers(entry: number, hour: number, day: number): boolean {
    const table = this.#table
    return (
      hour >= table.get(entry, FIRST_HOUR) && hour <= table.get(entry, LAST_HOUR) && day <= table.get(entry, LAST_DAY)
    )
  }

  /** Notes that the row of the key's id is written for the hour, good for what arrives up to this day. */
  extend(entry: number, { hour, lastDay }: Sighting, low: number, high: number): void {
    this.#table.set(entry, LAST_DAY, lastDay)
    this.#table.set(entry, FIRST_HOUR, Math.min(hour, this.#table.get(entry, FIRST_HOUR)))
    this.#table.set(entry, LAST_HOUR, Math.max(hour, this.#table.get(entry, LAST_HOUR)))
    this.#journal.push(low, high)
  }

  save(): void {
    this.#journal.length = 0
  }

  /** The rows written since `save` were taken back: their keys must be announced again. */
  restore(): void {
    for (let i = 0; i < this.#journal.length; i += 2) {
      const entry = this.find(this.#journal[i] ?? 0, this.#journal[i + 1] ?? 0)
      if (entry >= 0) this.#forgetHours(entry)
    }
    this.#journal.length = 0
  }

  #forgetHours(entry: number): void {
    this.#table.set(entry, FIRST_HOUR, Infinity)
    this.#table.set(entry, LAST_HOUR, -Infinity)
  }
}
