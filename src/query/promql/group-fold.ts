import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { labelValue } from '../labels.ts'
import { type Accumulator, countsAnySample, createAccumulator, type SimpleAggregator } from './accumulators.ts'
import type { StepContext } from './context.ts'
import { type Grouping, Groups } from './grouping.ts'
import { HistogramSum } from './histogram/index.ts'
import { FLOAT, hasValues, RowWriter, sampleAt, type StepSeries } from './values.ts'

interface Fold {
  readonly labels: Labels
  readonly floats: Accumulator
  /** What `present` is in the result, as far as floats go. */
  readonly present: Uint8Array
  /** Members with histograms are kept: adding those up needs all of a step at once. */
  readonly mixed: StepSeries[]
  dropName: boolean
}

/**
 * An aggregation that keeps of each series only what it adds to its group. Members may come in any number of pieces: the
 * result is that of all of them at once, in the order in which they came.
 */
export class GroupFold {
  readonly #operator: SimpleAggregator
  readonly #node: Grouping
  readonly #context: StepContext
  readonly #groups: Groups<Fold>

  constructor(operator: SimpleAggregator, node: Grouping, context: StepContext) {
    this.#operator = operator
    this.#node = node
    this.#context = context
    const { count } = context.grid
    this.#groups = new Groups(node, (labels) => ({
      labels,
      floats: createAccumulator(operator, count),
      present: new Uint8Array(count),
      mixed: [],
      dropName: false,
    }))
  }

  /** Groups until now; each holds some numbers a step. */
  get size(): number {
    return this.#groups.size
  }

  /** Rows with histograms are kept, others are not. */
  async add(rows: readonly StepSeries[]): Promise<void> {
    const { pacer } = this.#context
    for (const row of rows) {
      if (pacer.due()) await pacer.pause()
      const group = this.#groups.of(row.labels)
      group.dropName ||= row.dropName
      group.floats.add(row.values, row.present)
      markPresent(group.present, row.present, countsAnySample(this.#operator))
      if (row.histograms !== undefined) group.mixed.push(row)
    }
  }

  async finish(): Promise<StepSeries[]> {
    const { pacer } = this.#context
    const rows: StepSeries[] = []
    for (const group of this.#groups.all()) {
      if (pacer.due()) await pacer.pause()
      const row = this.#rowOf(group)
      if (hasValues(row)) rows.push(row)
    }
    return rows
  }

  #rowOf(group: Fold): StepSeries {
    if (group.mixed.length > 0) {
      if (this.#operator === 'sum' || this.#operator === 'avg') return this.#mixedRow(this.#operator, group)
      if (!countsAnySample(this.#operator)) {
        this.#context.annotations.histogramIgnored(this.#operator, this.#node.expr)
      }
    }
    const row = new RowWriter(group.labels, group.present.length, group.dropName)
    for (let step = 0; step < group.present.length; step++) {
      if (group.present[step] === FLOAT) row.set(step, group.floats.result(step))
    }
    return row.finish()
  }

  /** Sums or means of floats or of histograms; a step with both has no result. */
  #mixedRow(operator: 'sum' | 'avg', group: Fold): StepSeries {
    const { annotations } = this.#context
    const { expr } = this.#node
    const row = new RowWriter(group.labels, group.present.length, group.dropName)
    for (let step = 0; step < group.present.length; step++) {
      const total = this.#sumHistograms(group, step)
      if (total === undefined) {
        if (group.present[step] === FLOAT) row.set(step, group.floats.result(step))
        continue
      }
      if (group.present[step] === FLOAT) annotations.mixedInAggregation(expr)
      else if (total !== 'incompatible') row.set(step, operator === 'sum' ? total.total() : total.mean())
    }
    return row.finish()
  }

  #sumHistograms({ mixed }: Fold, step: number): HistogramSum | 'incompatible' | undefined {
    const { annotations } = this.#context
    const { expr } = this.#node
    let total: HistogramSum | undefined
    for (const series of mixed) {
      const sample = sampleAt(series, step)
      if (sample === undefined || typeof sample === 'number') continue
      if (total === undefined) {
        total = new HistogramSum(sample)
      } else if (!total.add(sample)) {
        annotations.mixedBounds(labelValue(series.labels, METRIC_NAME), expr)
        return 'incompatible'
      }
    }
    if (total?.collision === true) annotations.resetCollision('aggregation', expr)
    if (total?.reconciled === true) annotations.reconciledBounds('aggregation', expr)
    return total
  }
}

function markPresent(to: Uint8Array, present: Uint8Array, anySample: boolean): void {
  for (let step = 0; step < to.length; step++) {
    const here = present[step]
    if (here === FLOAT || (anySample && here !== 0)) to[step] = FLOAT
  }
}
