import type { Labels } from '../../model/index.ts'
import { dropMetricIdentity, labelsKey } from '../labels.ts'
import type { Extension } from './ast.ts'
import { evaluationError } from './errors.ts'
import type { FloatHistogram } from './histogram/index.ts'

/** The times at which an expression is evaluated; an instant query has one. */
export interface StepGrid {
  readonly startMs: number
  readonly stepMs: number
  readonly count: number
}

export function stepTime(grid: StepGrid, step: number): number {
  return grid.startMs + step * grid.stepMs
}

/** What `present` holds for a step that has a sample; 0 where there is none. */
export const FLOAT = 1
export const HISTOGRAM = 2

/** By step; undefined where the step has no histogram. */
export type StepHistograms = readonly (FloatHistogram | undefined)[]

/**
 * One row of the matrix series × steps: where `present[i]` is FLOAT, `values[i]` counts (NaN is a value like any
 * other), where it is HISTOGRAM, `histograms[i]`.
 */
export interface StepSeries {
  readonly labels: Labels
  readonly values: Float64Array
  readonly present: Uint8Array
  /** Absent for the many rows that have floats only. */
  readonly histograms?: StepHistograms
  /** The name is to go, but only at the end, so that `label_replace` and `by (__name__)` can still see it. */
  readonly dropName: boolean
}

/** The samples that a range selector works on, without stale markers. */
export interface RangeSeries {
  readonly labels: Labels
  readonly timesMs: Float64Array
  readonly values: Float64Array
  /** See `SeriesSamples`. */
  readonly startsMs?: Float64Array
  readonly histograms?: RangeHistograms
  readonly dropName: boolean
}

export interface RangeHistograms {
  readonly timesMs: Float64Array
  readonly values: readonly FloatHistogram[]
  readonly startsMs?: Float64Array
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
  /** The samples reach further than the windows, for `anchored` and `smoothed`. */
  readonly extension?: { readonly kind: Extension; readonly lookbackMs: number }
}

export interface StringValue {
  readonly type: 'string'
  readonly value: string
}

export type Value = ScalarValue | VectorValue | MatrixValue | StringValue

export function newSeries(labels: Labels, count: number, dropName: boolean): StepSeries {
  return { labels, values: new Float64Array(count), present: new Uint8Array(count), dropName }
}

/** A float or a histogram. */
export type Sample = number | FloatHistogram

export function sampleAt({ present, values, histograms }: StepSeries, step: number): Sample | undefined {
  if (present[step] === FLOAT) return values[step] ?? 0
  return present[step] === HISTOGRAM ? histograms?.[step] : undefined
}

/** The memory of a row: `present` is zero everywhere, `values` may hold anything. */
export type RowCells = Pick<StepSeries, 'values' | 'present'>

function newCells(count: number): RowCells {
  return { values: new Float64Array(count), present: new Uint8Array(count) }
}

/** Memory of rows that pass by: making two arrays for each of a hundred thousand series costs more than filling them. */
export class RowPool {
  readonly #free: RowCells[] = []

  take(count: number): RowCells {
    const cells = this.#free.pop()
    if (cells?.values.length !== count) return newCells(count)
    cells.present.fill(0)
    return cells
  }

  /** Nobody may look at the row any more. */
  giveBack({ values, present }: RowCells): void {
    if (this.#free.length < MAX_FREE_ROWS) this.#free.push({ values, present })
  }
}

const MAX_FREE_ROWS = 10_000

/** Fills a row step by step. Rows are shared between operations, so only who made one may write to it. */
export class RowWriter {
  readonly labels: Labels
  readonly dropName: boolean
  readonly values: Float64Array
  readonly present: Uint8Array
  #histograms: (FloatHistogram | undefined)[] | undefined

  constructor(labels: Labels, count: number, dropName: boolean, cells: RowCells = newCells(count)) {
    this.labels = labels
    this.dropName = dropName
    this.values = cells.values
    this.present = cells.present
  }

  set(step: number, sample: Sample): void {
    if (typeof sample === 'number') {
      this.values[step] = sample
      this.present[step] = FLOAT
      return
    }
    this.#histograms ??= Array.from<undefined>({ length: this.values.length })
    this.#histograms[step] = sample
    this.present[step] = HISTOGRAM
  }

  finish(): StepSeries {
    const { labels, values, present, dropName } = this
    const histograms = this.#histograms
    return histograms === undefined
      ? { labels, values, present, dropName }
      : { labels, values, present, dropName, histograms }
  }
}

/** Series with no value at any step are dropped: they would show as empty rows. */
export function hasValues({ present }: StepSeries): boolean {
  return present.includes(FLOAT) || present.includes(HISTOGRAM)
}

export function hasHistograms(series: readonly StepSeries[]): boolean {
  return series.some(({ histograms }) => histograms !== undefined)
}

/**
 * Rows by their labels. Operators that change labels can give one output row from several inputs, each at other
 * steps; two values for one row and step are an error that the caller words.
 */
export class SeriesCollector {
  readonly #count: number
  readonly #rows = new Map<string, RowWriter>()

  constructor(count: number) {
    this.#count = count
  }

  row(labels: Labels, dropName: boolean): RowWriter {
    const key = labelsKey(labels)
    const known = this.#rows.get(key)
    if (known !== undefined) return known
    const row = new RowWriter(labels, this.#count, dropName)
    this.#rows.set(key, row)
    return row
  }

  finish(): StepSeries[] {
    return [...this.#rows.values()].map((row) => row.finish()).filter(hasValues)
  }
}

export const SAME_LABELSET = 'vector cannot contain metrics with the same labelset'

/** Puts rows with the same labels together, in the order in which they came first. */
export function mergeSameLabels(series: readonly StepSeries[], count: number): StepSeries[] {
  const rows = new Map<string, StepSeries>()
  for (const row of series) {
    const key = labelsKey(row.labels)
    const known = rows.get(key)
    rows.set(key, known === undefined ? row : mergeRows(known, row, count))
  }
  return [...rows.values()].filter(hasValues)
}

function mergeRows(a: StepSeries, b: StepSeries, count: number): StepSeries {
  const merged = new RowWriter(a.labels, count, a.dropName || b.dropName)
  for (let step = 0; step < count; step++) {
    const [left, right] = [sampleAt(a, step), sampleAt(b, step)]
    if (left !== undefined && right !== undefined) throw evaluationError(SAME_LABELSET)
    const sample = left ?? right
    if (sample !== undefined) merged.set(step, sample)
  }
  return merged.finish()
}

/** Takes away the names that are to go and puts rows together that then have the same labels. */
export function dropNames(series: readonly StepSeries[], count: number): StepSeries[] {
  const named = series.map((row) =>
    row.dropName ? { ...row, labels: dropMetricIdentity(row.labels), dropName: false } : row,
  )
  return mergeSameLabels(named, count)
}
