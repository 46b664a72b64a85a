import type { SampleCounts } from '../sample-counts.ts'
import type { MatrixValue, RangeSeries, RowCells, ScalarValue, StepGrid } from '../values.ts'
import type { Notes } from './range-function.ts'

/** Windows may be long and steps many, so that one series can hold the thread: it is looked at after so many steps. */
export const STEPS_AT_ONCE = 64

/**
 * A range function for windows that neither are extended nor have histograms or starts: it puts the values of some steps
 * of a series into its row and says whether there are any. Windows of a series come in order, and a series is new when
 * `windows.first` is 0; what a kernel remembers is of the series that it was called for last.
 */
export type FloatKernel = (windows: FloatWindows, row: RowCells, notes: Notes) => boolean

/**
 * The windows of up to `STEPS_AT_ONCE` steps of one series: that of step `first + k` has the samples from `froms[k]` up to,
 * not including, `tos[k]`. Both ends go over the samples once. The object is used again for the next steps and series.
 */
export class FloatWindows {
  readonly rangeMs: number
  readonly scalars: readonly ScalarValue[]
  readonly grid: StepGrid
  /** Where the window of each step ends; by step, not by place. */
  readonly endsMs: Float64Array
  readonly froms = new Int32Array(STEPS_AT_ONCE)
  readonly tos = new Int32Array(STEPS_AT_ONCE)
  timesMs: Float64Array = NOTHING
  values: Float64Array = NOTHING
  first = 0
  count = 0

  constructor({ rangeMs, endsMs }: MatrixValue, scalars: readonly ScalarValue[], grid: StepGrid) {
    this.rangeMs = rangeMs
    this.endsMs = endsMs
    this.scalars = scalars
    this.grid = grid
  }

  /** Stands before the first step of a series. */
  begin({ timesMs, values }: Pick<RangeSeries, 'timesMs' | 'values'>): void {
    this.timesMs = timesMs
    this.values = values
    this.first = 0
    this.count = 0
  }

  /** Goes on to the windows behind these, up to that of the step before `end`. */
  moveTo(end: number): void {
    const { timesMs, endsMs, rangeMs, froms, tos } = this
    const first = this.first + this.count
    const count = end - first
    let from = this.count === 0 ? 0 : (froms[this.count - 1] ?? 0)
    let to = this.count === 0 ? 0 : (tos[this.count - 1] ?? 0)
    const { length } = timesMs
    for (let k = 0; k < count; k++) {
      const endMs = endsMs[first + k] ?? 0
      const startMs = endMs - rangeMs
      while (to < length && (timesMs[to] ?? 0) <= endMs) to += 1
      while (from < to && (timesMs[from] ?? 0) <= startMs) from += 1
      froms[k] = from
      tos[k] = to
    }
    this.first = first
    this.count = count
  }

  countInto(counts: SampleCounts): void {
    for (let k = 0; k < this.count; k++) counts.add(this.first + k, (this.tos[k] ?? 0) - (this.froms[k] ?? 0))
  }

  /** About how many windows a sample is in. */
  get overlap(): number {
    const { grid, rangeMs } = this
    return grid.count === 1 ? 1 : Math.min(grid.count, rangeMs / grid.stepMs)
  }
}

const NOTHING = new Float64Array(0)
