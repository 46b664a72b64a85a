import type { ArrayColumn } from '../native/array-columns.ts'
import type { BucketSpans } from '../../wire/prometheus/index.ts'
import type { Int32Column, Int64Column } from '../native/fixed-columns.ts'
import type { BatchContext } from './batch-context.ts'
import type { SeriesId } from './sample-rows.ts'
import type { HistogramColumns, Tables } from './tables.ts'

/** A native histogram as Prometheus has it. */
export interface NativeHistogram {
  readonly schema: number
  /** 0 unknown, 1 reset, 2 no reset, 3 gauge. */
  readonly resetHint: number
  readonly isFloat: boolean
  readonly count: number
  /** The bits of the sum: a stale marker stands here. */
  readonly sumLow: number
  readonly sumHigh: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positive: BucketSpans
  readonly negative: BucketSpans
  readonly customValues: readonly number[]
}

/** Writes the native histograms of one batch into `histograms`. */
export class HistogramRows {
  readonly #row: HistogramColumns
  readonly #batch: BatchContext
  readonly #tenant: number

  constructor(tables: Tables, batch: BatchContext) {
    this.#row = tables.histograms.columns
    this.#batch = batch
    this.#tenant = this.#row.tenant_id.indexOfText(batch.tenant)
  }

  push(series: SeriesId, ms: number, histogram: NativeHistogram): void {
    const row = this.#row
    row.tenant_id.pushIndex(this.#tenant)
    row.series.pushLanes(series.idLow, series.idHigh)
    row.time.pushInteger(ms)
    row.version.pushInteger(this.#batch.sequence)
    row.received.push(this.#batch.receivedDay)
    row.schema.push(histogram.schema)
    row.reset_hint.push(histogram.resetHint)
    row.is_float.push(histogram.isFloat ? 1 : 0)
    row.count.pushDouble(histogram.count)
    row.sum.pushLanes(histogram.sumLow, histogram.sumHigh)
    row.zero_threshold.pushDouble(histogram.zeroThreshold)
    row.zero_count.pushDouble(histogram.zeroCount)
    pushIntegers(row.positive_offsets, histogram.positive.offsets)
    pushIntegers(row.positive_lengths, histogram.positive.lengths)
    pushDoubles(row.positive_counts, histogram.positive.counts)
    pushIntegers(row.negative_offsets, histogram.negative.offsets)
    pushIntegers(row.negative_lengths, histogram.negative.lengths)
    pushDoubles(row.negative_counts, histogram.negative.counts)
    pushDoubles(row.custom_values, histogram.customValues)
    this.#batch.rows++
  }
}

function pushIntegers(column: ArrayColumn<Int32Column>, values: readonly number[]): void {
  for (const value of values) column.elements.push(value)
  column.endRow()
}

function pushDoubles(column: ArrayColumn<Int64Column>, values: readonly number[]): void {
  for (const value of values) column.elements.pushDouble(value)
  column.endRow()
}
