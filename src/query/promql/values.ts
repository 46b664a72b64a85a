import type { Labels } from '../../model/index.ts'
import { dropMetricName, labelsKey } from '../labels.ts'
import { evaluationError } from './errors.ts'

/** The times at which an expression is evaluated; an instant query has one. */
export interface StepGrid {
  readonly startMs: number
  readonly stepMs: number
  readonly count: number
}

export function stepTime(grid: StepGrid, step: number): number {
  return grid.startMs + step * grid.stepMs
}

/** One row of the matrix series × steps: `values[i]` counts where `present[i]` is 1. NaN is a value like any other. */
export interface StepSeries {
  readonly labels: Labels
  readonly values: Float64Array
  readonly present: Uint8Array
  /** The name is to go, but only at the end, so that `label_replace` and `by (__name__)` can still see it. */
  readonly dropName: boolean
}

/** The samples that a range selector works on, without stale markers. */
export interface RangeSeries {
  readonly labels: Labels
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly dropName: boolean
}

export interface ScalarValue {
  readonly type: 'scalar'
  /** One a step. */
  readonly values: Float64Array
}

export interface VectorValue {
  readonly type: 'vector'
  readonly series: readonly StepSeries[]
}

export interface MatrixValue {
  readonly type: 'matrix'
  readonly series: readonly RangeSeries[]
  readonly rangeMs: number
  /** Where the window of each step ends; it holds end - range < t ≤ end. Never descends. */
  readonly endsMs: Float64Array
}

export interface StringValue {
  readonly type: 'string'
  readonly value: string
}

export type Value = ScalarValue | VectorValue | MatrixValue | StringValue

export function newSeries(labels: Labels, count: number, dropName: boolean): StepSeries {
  return { labels, values: new Float64Array(count), present: new Uint8Array(count), dropName }
}

/** Series with no value at any step are dropped: they would show as empty rows. */
export function hasValues(series: StepSeries): boolean {
  return series.present.includes(1)
}

/**
 * Rows by their labels. Operators that change labels can give one output row from several inputs, each at other
 * steps; two values for one row and step are an error that the caller words.
 */
export class SeriesCollector {
  readonly #count: number
  readonly #rows = new Map<string, StepSeries>()

  constructor(count: number) {
    this.#count = count
  }

  row(labels: Labels, dropName: boolean): StepSeries {
    const key = labelsKey(labels)
    const known = this.#rows.get(key)
    if (known !== undefined) return known
    const row = newSeries(labels, this.#count, dropName)
    this.#rows.set(key, row)
    return row
  }

  /** Adds the values of one row to another with the same labels. */
  merge(series: StepSeries, message: string): void {
    const key = labelsKey(series.labels)
    const row = this.#rows.get(key)
    if (row === undefined) {
      this.#rows.set(key, series)
      return
    }
    const merged: StepSeries = { ...row, values: row.values.slice(), present: row.present.slice() }
    for (let i = 0; i < this.#count; i++) {
      if (series.present[i] !== 1) continue
      if (merged.present[i] === 1) throw evaluationError(message)
      merged.present[i] = 1
      merged.values[i] = series.values[i] ?? 0
    }
    this.#rows.set(key, merged)
  }

  finish(): StepSeries[] {
    return [...this.#rows.values()].filter(hasValues)
  }
}

export const SAME_LABELSET = 'vector cannot contain metrics with the same labelset'

/** Takes away the names that are to go and puts rows together that then have the same labels. */
export function dropNames(series: readonly StepSeries[], count: number): StepSeries[] {
  const collector = new SeriesCollector(count)
  for (const row of series) {
    const named = row.dropName ? { ...row, labels: dropMetricName(row.labels), dropName: false } : row
    collector.merge(named, SAME_LABELSET)
  }
  return collector.finish()
}
