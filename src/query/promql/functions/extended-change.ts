import {
  addHistograms,
  compact,
  type FloatHistogram,
  hasCustomBounds,
  isReset,
  subtractHistograms,
  withHint,
} from '../histogram/index.ts'
import { interpolateFloats, interpolateHistograms, type Point } from '../smoothed.ts'
import type { Notes, SampleWindow } from './function.ts'
import { warnOfWrongKind } from './histogram-change.ts'

/**
 * The change over a window with `anchored` or `smoothed`: from its start to its end, nothing extrapolated. Anchored
 * takes the last sample before the start for the value at the start; smoothed calculates the values at both edges from
 * the samples on both sides of them.
 */
export function extendedChange(
  window: SampleWindow,
  counter: boolean,
  notes: Notes,
): number | FloatHistogram | undefined {
  const { timesMs, values, histograms } = window
  if (histograms === undefined || histograms.to === histograms.from) {
    const points: Point<number>[] = []
    for (let i = window.from; i < window.to; i++) points.push({ timeMs: timesMs[i] ?? 0, sample: values[i] ?? 0 })
    return floatChange(edgesOf(points, window), window, counter)
  }
  const points: Point<FloatHistogram>[] = []
  for (let i = histograms.from; i < histograms.to; i++) {
    const sample = histograms.values[i]
    if (sample !== undefined) points.push({ timeMs: histograms.timesMs[i] ?? 0, sample })
  }
  const samples = points.map(({ sample }) => sample)
  if (samples.some((sample) => hasCustomBounds(sample) !== hasCustomBounds(samples[0] ?? sample))) {
    notes.annotations.mixedBounds(notes.metric, notes.at)
    return undefined
  }
  warnOfWrongKind(samples, counter, notes)
  const change = histogramChange(edgesOf(points, window), window, counter, notes)
  return change === undefined ? undefined : compact(withHint(change, 'gauge'))
}

/** The samples around and between the two edges of a window. */
interface Edges<T extends number | FloatHistogram> {
  /** The last sample not later than the start; else the first one in the window. */
  readonly first: Point<T>
  /** Later than `first` and than the start, earlier than the end. */
  readonly between: readonly Point<T>[]
  /** The first sample not earlier than the end; undefined where there is none. */
  readonly last: Point<T> | undefined
}

function edgesOf<T extends number | FloatHistogram>(
  points: readonly Point<T>[],
  { startMs, endMs }: SampleWindow,
): Edges<T> | undefined {
  const [first, ...others] = points
  if (first === undefined || first.timeMs > endMs) return undefined
  if (first.timeMs <= startMs && others.length === 0) return undefined
  return {
    first,
    between: others.filter(({ timeMs }) => timeMs < endMs),
    last: others.find(({ timeMs }) => timeMs >= endMs),
  }
}

function floatChange(edges: Edges<number> | undefined, window: SampleWindow, counter: boolean): number | undefined {
  if (edges === undefined) return undefined
  const { startMs, endMs, extension } = window
  const { first, between, last } = edges
  const next = between[0] ?? last
  const smooth = extension === 'smoothed'
  const isLeftBetween = smooth && first.timeMs < startMs && next !== undefined
  const left = isLeftBetween ? interpolateFloats(first, next, startMs, counter) : first.sample
  const before = between.at(-1) ?? first
  const isRightBetween = smooth && last !== undefined && last.timeMs > endMs
  const right = isRightBetween ? interpolateFloats(before, last, endMs, counter) : (last ?? before).sample
  let change = right - left
  if (!counter) return change
  let previous = left
  for (const { sample } of between) {
    if (sample < previous) change += previous
    previous = sample
  }
  return right < previous ? change + previous : change
}

function histogramChange(
  edges: Edges<FloatHistogram> | undefined,
  window: SampleWindow,
  counter: boolean,
  { annotations, at }: Notes,
): FloatHistogram | undefined {
  if (edges === undefined) return undefined
  const { startMs, endMs, extension } = window
  const { first, between, last } = edges
  const next = between[0] ?? last
  const smooth = extension === 'smoothed'
  const isLeftBetween = smooth && first.timeMs < startMs && next !== undefined
  const left = isLeftBetween ? interpolateHistograms(first, next, startMs, counter) : first.sample
  const before = between.at(-1) ?? first
  const isRightBetween = smooth && last !== undefined && last.timeMs > endMs
  const right = isRightBetween ? interpolateHistograms(before, last, endMs, counter) : (last ?? before).sample
  if (left === undefined || right === undefined) return undefined
  const difference = subtractHistograms(right, left)
  if (difference === undefined) return undefined
  if (difference.reconciled) annotations.reconciledBounds('subtraction', at)
  let change = difference.histogram
  if (!counter) return change
  const addBack = (previous: FloatHistogram): void => {
    const sum = addHistograms(change, previous)
    if (sum === undefined) return
    if (sum.reconciled) annotations.reconciledBounds('addition', at)
    change = sum.histogram
  }
  // A value between two samples already has the reset between them in it.
  let previous = first.sample
  let counted = isLeftBetween
  for (const { sample } of [...between, ...(last === undefined ? [] : [last])]) {
    if (!counted && isReset(sample, previous)) addBack(previous)
    previous = sample
    counted = false
  }
  return change
}
