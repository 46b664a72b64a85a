import {
  addHistograms,
  compact,
  divideHistogram,
  EMPTY_HISTOGRAM,
  type FloatHistogram,
  hasCustomBounds,
  isReset,
  subtractHistograms,
  toSchema,
  withHint,
} from '../histogram/index.ts'
import type { Notes } from './range-function.ts'
import type { HistogramSpan } from './window.ts'
import { isRestart } from './start-times.ts'

/** By how much the histograms of a window changed, resets of counters counted in; a gauge. */
export function histogramChange(
  span: HistogramSpan,
  counter: boolean,
  fromZero: boolean,
  notes: Notes,
): FloatHistogram | undefined {
  const points = span.values.slice(span.from, span.to)
  const last = points.at(-1)
  const first = points[0]
  if (first === undefined || last === undefined) return undefined
  warnOfWrongKind(points, counter, notes)
  const base = baseOf(points, span, counter, fromZero)
  const ofOneKind = [base, last, ...(counter ? points.slice(1) : [])]
  if (ofOneKind.some((point) => hasCustomBounds(point) !== hasCustomBounds(base))) {
    notes.annotations.mixedBounds(notes.metric, notes.at)
    return undefined
  }
  const schema = Math.min(...ofOneKind.map((point) => point.schema))
  const difference = subtractHistograms(hasCustomBounds(base) ? last : toSchema(last, schema), base)
  if (difference === undefined) return undefined
  if (difference.reconciled) notes.annotations.reconciledBounds('subtraction', notes.at)
  const before = fromZero ? first : base
  const change = counter
    ? addResets(difference.histogram, [before, ...points.slice(1)], span, notes)
    : difference.histogram
  return change === undefined ? undefined : compact(withHint(change, 'gauge'))
}

/** What the last one is compared to: nothing where the counter began anew with the second, or in the window. */
function baseOf(
  points: readonly FloatHistogram[],
  span: HistogramSpan,
  counter: boolean,
  fromZero: boolean,
): FloatHistogram {
  const first = points[0] ?? EMPTY_HISTOGRAM
  if (fromZero) return emptyLike(first)
  const second = points[1]
  if (!counter || second === undefined || !wasReset(second, first, span, span.from + 1)) return first
  return emptyLike(second)
}

function emptyLike({ schema, customValues, zeroThreshold }: FloatHistogram): FloatHistogram {
  return { ...EMPTY_HISTOGRAM, schema, customValues, zeroThreshold }
}

function wasReset(point: FloatHistogram, previous: FloatHistogram, span: HistogramSpan, i: number): boolean {
  if (isReset(point, previous)) return true
  return span.startsMs !== undefined && isRestart(span.timesMs, span.startsMs, i)
}

/** Adds what was reached before each reset. */
function addResets(
  difference: FloatHistogram,
  points: readonly FloatHistogram[],
  span: HistogramSpan,
  { annotations, at }: Notes,
): FloatHistogram | undefined {
  let change = difference
  let previous: FloatHistogram | undefined
  for (const [i, point] of points.entries()) {
    if (previous !== undefined && wasReset(point, previous, span, span.from + i)) {
      const sum = addHistograms(change, previous)
      if (sum === undefined) return undefined
      if (sum.reconciled) annotations.reconciledBounds('addition', at)
      change = sum.histogram
    }
    previous = point
  }
  return change
}

/** Counters must not be gauges; of gauges the first and the last are looked at. */
export function warnOfWrongKind(points: readonly FloatHistogram[], counter: boolean, notes: Notes): void {
  const { annotations, metric, at } = notes
  if (counter) {
    if (points.some(({ resetHint }) => resetHint === 'gauge')) annotations.histogramIsNoCounter(metric, at)
  } else if (points[0]?.resetHint !== 'gauge' || points.at(-1)?.resetHint !== 'gauge') {
    annotations.histogramIsNoGauge(metric, at)
  }
}

/** The change between the last two histograms. */
export function histogramIrate(
  span: HistogramSpan,
  { counter, perSecond }: { readonly counter: boolean; readonly perSecond: boolean },
  notes: Notes,
): FloatHistogram | undefined {
  const { timesMs, values, to } = span
  const last = values[to - 1]
  const previous = values[to - 2]
  if (last === undefined || previous === undefined) return undefined
  warnOfWrongKind([previous, last], counter, notes)
  let change = last
  if (!counter || !isReset(last, previous)) {
    const difference = subtractHistograms(last, previous)
    if (difference === undefined) {
      notes.annotations.mixedBounds(notes.metric, notes.at)
      return undefined
    }
    if (difference.reconciled) notes.annotations.reconciledBounds('subtraction', notes.at)
    change = difference.histogram
  }
  const result = compact(withHint(change, 'gauge'))
  return perSecond ? divideHistogram(result, ((timesMs[to - 1] ?? 0) - (timesMs[to - 2] ?? 0)) / 1000) : result
}
