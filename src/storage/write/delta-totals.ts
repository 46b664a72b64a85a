import { AgingTable } from './aging-table.ts'

const WIDTH = 2
const TOTAL = 0
const LAST_MS = 1

/**
 * Running totals of series that arrive as deltas, so that they are stored as Prometheus wants them. Kept in memory
 * only: after a restart, or when a series was dropped for want of room, its total begins at zero again, which
 * queries see as the counter reset that it is.
 */
export class DeltaTotals {
  /** The total after the last `add`. */
  total = 0
  readonly #table: AgingTable

  constructor(limit: number) {
    this.#table = new AgingTable(limit, WIDTH)
  }

  get size(): number {
    return this.#table.size
  }

  get dropped(): number {
    return this.#table.dropped
  }

  /** Adds to the series' total. False, and nothing added, when the time is not after that of the series' last delta. */
  add(idLow: number, idHigh: number, ms: number, delta: number): boolean {
    const table = this.#table
    const found = table.find(idLow, idHigh)
    if (found >= 0 && ms <= table.get(found, LAST_MS)) return false
    const entry = found >= 0 ? found : table.add(idLow, idHigh)
    this.total = table.get(entry, TOTAL) + delta
    table.set(entry, TOTAL, this.total)
    table.set(entry, LAST_MS, ms)
    return true
  }
}
