import type { HistogramSamples } from '../metric-source.ts'
import { FLOAT, HISTOGRAM, type StepSeries } from './values.ts'

/**
 * How many samples each step of a query looked at, as Prometheus counts them: one for each value of a selector, all that is
 * in the window of a range selector. What a subquery reads does not count, but what is in its windows.
 */
export class SampleCounts {
  /** By step of the query's own grid. */
  readonly perStep: Float64Array

  constructor(steps: number) {
    this.perStep = new Float64Array(steps)
  }

  get total(): number {
    return this.perStep.reduce((sum, one) => sum + one, 0)
  }

  add(step: number, samples: number): void {
    this.perStep[step] = (this.perStep[step] ?? 0) + samples
  }

  addRow({ present, histograms }: StepSeries): void {
    for (let step = 0; step < present.length; step++) {
      if (present[step] === FLOAT) this.add(step, 1)
      else if (present[step] === HISTOGRAM) this.add(step, weightOfHistogram(histograms?.[step]))
    }
  }
}

/** A histogram counts as many samples as Prometheus counts for it: one for each 16 bytes. */
export function weightOfHistogram(histogram: HistogramSamples['values'][number]): number {
  return 6 + (histogram === undefined ? 0 : histogram.positive.counts.length + histogram.negative.counts.length)
}
