import type { BatchContext } from './batch-context.ts'
import type { SeriesId } from './sample-rows.ts'
import type { SampleStartColumns, Tables } from './tables.ts'

/** Writes into `sample_starts` when the counters of one batch's samples began to count. */
export class StartRows {
  readonly #row: SampleStartColumns
  readonly #batch: BatchContext

  constructor(tables: Tables, batch: BatchContext) {
    this.#row = tables.sampleStarts.columns
    this.#batch = batch
  }

  push(series: SeriesId, ms: number, startMs: number): void {
    const row = this.#row
    row.tenant_id.pushText(this.#batch.tenant)
    row.series.pushLanes(series.idLow, series.idHigh)
    row.time.pushInteger(ms)
    row.start.pushInteger(startMs)
    row.version.pushInteger(this.#batch.sequence)
    row.received.push(this.#batch.receivedDay)
  }
}
