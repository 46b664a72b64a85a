import type { BatchContext } from './batch-context.ts'
import type { DeltaTotals } from './delta-totals.ts'
import { ExemplarRows, readExemplars } from './exemplar-rows.ts'
import type { ExponentialTotals } from './exponential-totals.ts'
import { HistogramRows } from './histogram-rows.ts'
import type { OtlpSeries } from './otlp-series.ts'
import type { PointHead } from './point-head.ts'
import { SampleRows } from './sample-rows.ts'
import type { Tables } from './tables.ts'

/** Totals of series whose senders tell differences only. They outlive batches. */
export interface Totals {
  readonly numbers: DeltaTotals
  readonly exponentials: ExponentialTotals
}

/** Where the data points of one batch go. */
export class PointSink {
  readonly batch: BatchContext
  readonly series: OtlpSeries
  readonly samples: SampleRows
  readonly histograms: HistogramRows
  readonly totals: Totals
  /** The time of the latest point accepted since this was last set. */
  latestMs = -Infinity
  readonly #exemplars: ExemplarRows

  constructor(tables: Tables, batch: BatchContext, series: OtlpSeries, totals: Totals) {
    this.batch = batch
    this.series = series
    this.totals = totals
    this.samples = new SampleRows(tables, batch)
    this.histograms = new HistogramRows(tables, batch)
    this.#exemplars = new ExemplarRows(tables, batch)
  }

  /** Turns to the point if its time can be stored; if not, it is counted as rejected. */
  accept(head: PointHead): boolean {
    if (!head.accept(this.batch)) return false
    if (head.ms > this.latestMs) this.latestMs = head.ms
    this.series.beginPoint(head.attributes, head.ms)
    return true
  }

  /** Writes a sample of the present series from a cumulative value or a difference. False if that came too late. */
  pushNumber(ms: number, value: number, isDelta: boolean): boolean {
    const { series } = this
    if (!isDelta) {
      this.samples.push(series, ms, value)
      return true
    }
    if (!this.totals.numbers.add(series.idLow, series.idHigh, ms, value)) return false
    this.samples.push(series, ms, this.totals.numbers.total)
    return true
  }

  /** Writes the point's exemplars, each to the series that `turnTo` resolves for its value. */
  pushExemplars(head: PointHead, turnTo: (value: number) => void): void {
    if (head.exemplars.count === 0) return
    for (const { ms, value, labels } of readExemplars(this.batch.reader, head.exemplars)) {
      const at = ms === 0 ? head.ms : ms
      if (!this.batch.isStorable(at)) continue
      turnTo(value)
      this.#exemplars.push(this.series, at, value, labels)
    }
  }
}
