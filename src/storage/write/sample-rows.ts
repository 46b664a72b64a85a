import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import type { BatchContext } from './batch-context.ts'
import type { SampleColumns, Tables } from './tables.ts'

/** What identifies a series in the store. */
export interface SeriesId {
  readonly idLow: number
  readonly idHigh: number
}

/** Writes the float samples of one batch into `samples`. */
export class SampleRows {
  readonly #row: SampleColumns
  readonly #batch: BatchContext
  readonly #tenant: number

  constructor(tables: Tables, batch: BatchContext) {
    this.#row = tables.samples.columns
    this.#batch = batch
    this.#tenant = this.#row.tenant_id.indexOfText(batch.tenant)
  }

  push(series: SeriesId, ms: number, value: number): void {
    this.#pushRow(series, ms)
    this.#row.value.pushDouble(value)
  }

  /** With the value's bits as they came, so that no NaN changes. */
  pushBits(series: SeriesId, ms: number, low: number, high: number): void {
    this.#pushRow(series, ms)
    this.#row.value.pushLanes(low, high)
  }

  /** The mark by which Prometheus ends a series. */
  pushStale(series: SeriesId, ms: number): void {
    this.pushBits(series, ms, STALE_NAN_LOW, STALE_NAN_HIGH)
  }

  #pushRow(series: SeriesId, ms: number): void {
    const row = this.#row
    row.tenant_id.pushIndex(this.#tenant)
    row.series.pushLanes(series.idLow, series.idHigh)
    row.time.pushInteger(ms)
    row.version.pushInteger(this.#batch.sequence)
    row.received.push(this.#batch.receivedDay)
    this.#batch.rows++
  }
}
