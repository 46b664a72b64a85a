import { addHistograms, type ExponentialHistogram } from '../../wire/prometheus/index.ts'
import type { SeriesId } from './sample-rows.ts'

interface Total {
  readonly ms: number
  readonly histogram: ExponentialHistogram
}

/** Running totals of exponential histograms that arrive as deltas; see `DeltaTotals` for what happens to them. */
export class ExponentialTotals {
  dropped = 0
  readonly #limit: number
  /** By series, least recently added to first. */
  readonly #totals = new Map<string, Total>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#totals.size
  }

  /** The series' new total; undefined, and nothing added, when the time is not after that of its last delta. */
  add(series: SeriesId, ms: number, delta: ExponentialHistogram): ExponentialHistogram | undefined {
    const key = `${String(series.idLow)},${String(series.idHigh)}`
    const before = this.#totals.get(key)
    if (before !== undefined && ms <= before.ms) return undefined
    const histogram = before === undefined ? delta : addHistograms(before.histogram, delta)
    this.#totals.delete(key)
    this.#totals.set(key, { ms, histogram })
    if (this.#totals.size > this.#limit) this.#dropOldest()
    return histogram
  }

  #dropOldest(): void {
    for (const key of this.#totals.keys()) {
      this.#totals.delete(key)
      this.dropped++
      return
    }
  }
}
