import type { Labels } from '../../model/index.ts'
import { compareLabels, dropMetricIdentity } from '../labels.ts'
import { evaluationError } from './errors.ts'
import { moveWindow, newWindow } from './functions/index.ts'
import type { FloatHistogram } from './histogram/index.ts'
import {
  FLOAT,
  HISTOGRAM,
  type MatrixValue,
  type RangeHistograms,
  SAME_LABELSET,
  type StepGrid,
  type StepSeries,
  stepTime,
} from './values.ts'

export interface PointSeries {
  readonly labels: Labels
  /** Of the floats, ascending. */
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly histograms?: HistogramPoints
}

export interface HistogramPoints {
  readonly timesMs: Float64Array
  readonly values: readonly FloatHistogram[]
}

/** The steps of a row that have a value, with their times. */
export function pointsOfRow(row: StepSeries, grid: StepGrid): PointSeries {
  const { labels, present } = row
  const size = present.reduce((sum, one) => sum + (one === FLOAT ? 1 : 0), 0)
  const timesMs = new Float64Array(size)
  const values = new Float64Array(size)
  let to = 0
  for (let step = 0; step < grid.count; step++) {
    if (present[step] !== FLOAT) continue
    timesMs[to] = stepTime(grid, step)
    values[to] = row.values[step] ?? NaN
    to += 1
  }
  if (row.histograms === undefined) return { labels, timesMs, values }
  const found: FloatHistogram[] = []
  const times: number[] = []
  row.histograms.forEach((histogram, step) => {
    if (histogram === undefined || present[step] !== HISTOGRAM) return
    found.push(histogram)
    times.push(stepTime(grid, step))
  })
  if (found.length === 0) return { labels, timesMs, values }
  return { labels, timesMs, values, histograms: { timesMs: Float64Array.from(times), values: found } }
}

/** An instant query for `x[5m]` answers the raw samples, one for a subquery its steps. */
export function pointsOfWindow(value: MatrixValue): PointSeries[] {
  if (value.extension !== undefined)
    throw evaluationError(`${value.extension.kind} modifier is only allowed in functions`)
  const found = value.series
    .map((input): PointSeries => {
      const window = newWindow(input, value)
      moveWindow(window, value.endsMs[0] ?? 0)
      const { from, to, histograms } = window
      const floats = {
        labels: input.dropName ? dropMetricIdentity(input.labels) : input.labels,
        timesMs: input.timesMs.slice(from, to),
        values: input.values.slice(from, to),
      }
      const inside = histograms === undefined ? undefined : partOf(histograms, histograms.from, histograms.to)
      return inside === undefined ? floats : { ...floats, histograms: inside }
    })
    .filter((series) => series.timesMs.length > 0 || series.histograms !== undefined)
    .sort((a, b) => compareLabels(a.labels, b.labels))
  const isTwice = found.some((one, i) => i > 0 && compareLabels(one.labels, found[i - 1]?.labels ?? {}) === 0)
  if (isTwice) throw evaluationError(SAME_LABELSET)
  return found
}

function partOf(
  { timesMs, values }: Pick<RangeHistograms, 'timesMs' | 'values'>,
  from: number,
  to: number,
): HistogramPoints | undefined {
  return from === to ? undefined : { timesMs: timesMs.slice(from, to), values: values.slice(from, to) }
}
