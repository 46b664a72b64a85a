import { METRIC_NAME } from '../../model/index.ts'
import { labelValue } from '../labels.ts'
import {
  addHistograms,
  type FloatHistogram,
  isReset,
  scaleHistogram,
  subtractHistograms,
  withHint,
} from './histogram/index.ts'
import { type RangeSeries, RowWriter, type Sample, type StepSeries } from './values.ts'

/** A sample with its time. */
export interface Point<T extends Sample = Sample> {
  readonly timeMs: number
  readonly sample: T
}

/**
 * The value that a counter or gauge would have had between two samples. A counter that was reset between them is taken
 * to have been so at the first.
 */
export function interpolateFloats(
  before: Point<number>,
  after: Point<number>,
  timeMs: number,
  counter: boolean,
): number {
  const from = counter && after.sample < before.sample ? 0 : before.sample
  return from + ((after.sample - from) * (timeMs - before.timeMs)) / (after.timeMs - before.timeMs)
}

/** The same for histograms; undefined when one has exponential and the other custom bounds. */
export function interpolateHistograms(
  before: Point<FloatHistogram>,
  after: Point<FloatHistogram>,
  timeMs: number,
  counter: boolean,
): FloatHistogram | undefined {
  const share = (timeMs - before.timeMs) / (after.timeMs - before.timeMs)
  const difference = subtractHistograms(after.sample, before.sample)
  if (difference === undefined) return undefined
  if (counter && isReset(after.sample, before.sample)) return scaleHistogram(after.sample, share)
  const between = addHistograms(before.sample, scaleHistogram(difference.histogram, share))
  return between === undefined ? undefined : withHint(between.histogram, before.sample.resetHint)
}

/**
 * An instant selector with `smoothed`: between two samples the value on the line between them; behind the last one
 * that one's, within the look-back.
 */
export function smoothedRow(
  series: RangeSeries,
  times: Float64Array,
  lookbackMs: number,
  onMixedBounds: (metric: string) => void,
): StepSeries {
  const points = pointsOf(series)
  const row = new RowWriter(series.labels, times.length, series.dropName)
  let at = -1
  times.forEach((time, step) => {
    while (at + 1 < points.length && (points[at + 1]?.timeMs ?? 0) <= time) at += 1
    const before = points[at]
    if (before === undefined || before.timeMs <= time - lookbackMs) return
    const after = points[at + 1]
    if (before.timeMs === time || after === undefined || after.timeMs > time + lookbackMs) {
      row.set(step, before.sample)
      return
    }
    const between = interpolate(before, after, time)
    if (between === undefined) onMixedBounds(labelValue(series.labels, METRIC_NAME))
    else row.set(step, between)
  })
  return row.finish()
}

function interpolate(before: Point, after: Point, timeMs: number): Sample | undefined {
  const [from, to] = [before.sample, after.sample]
  if (typeof from === 'number' && typeof to === 'number') {
    return interpolateFloats({ ...before, sample: from }, { ...after, sample: to }, timeMs, false)
  }
  // Between a float and a histogram there is nothing; the one before stays.
  if (typeof from === 'number' || typeof to === 'number') return from
  const counter = from.resetHint !== 'gauge' && to.resetHint !== 'gauge'
  return interpolateHistograms({ ...before, sample: from }, { ...after, sample: to }, timeMs, counter)
}

/** Floats and histograms of a series in the order of their times. */
function pointsOf({ timesMs, values, histograms }: RangeSeries): Point[] {
  const points: Point[] = Array.from(timesMs, (timeMs, i) => ({ timeMs, sample: values[i] ?? 0 }))
  if (histograms === undefined) return points
  histograms.values.forEach((sample, i) => points.push({ timeMs: histograms.timesMs[i] ?? 0, sample }))
  return points.sort((a, b) => a.timeMs - b.timeMs)
}
