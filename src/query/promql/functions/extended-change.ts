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
import type { Notes } from './range-function.ts'
import type { SampleWindow } from './window.ts'
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
    const between: Interpolate<number> = (before, after, timeMs) => interpolateFloats(before, after, timeMs, counter)
    return floatChange(edgesOf(points, window, between), counter)
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
  const between: Interpolate<FloatHistogram> = (before, after, timeMs) =>
    interpolateHistograms(before, after, timeMs, counter)
  const change = histogramChange(edgesOf(points, window, between), counter, notes)
  return change === undefined ? undefined : compact(withHint(change, 'gauge'))
}

/** The samples around and between the two edges of a window, and the values at these. */
interface Edges<T extends number | FloatHistogram> {
  /** The last sample not later than the start; else the first one in the window. */
  readonly first: Point<T>
  /** Those behind it: earlier than the end, and the first one that is not. */
  readonly others: readonly Point<T>[]
  readonly left: T
  readonly right: T
  /** Whether the value at the start lies between two samples. */
  readonly leftBetween: boolean
}

type Interpolate<T extends number | FloatHistogram> = (
  before: Point<T>,
  after: Point<T>,
  timeMs: number,
) => T | undefined

function edgesOf<T extends number | FloatHistogram>(
  points: readonly Point<T>[],
  { startMs, endMs, extension }: SampleWindow,
  interpolate: Interpolate<T>,
): Edges<T> | undefined {
  const [first, second] = points
  if (first === undefined || first.timeMs > endMs || (first.timeMs <= startMs && second === undefined)) return undefined
  const behind = points.slice(1)
  const at = behind.findIndex(({ timeMs }) => timeMs >= endMs)
  const others = at === -1 ? behind : behind.slice(0, at + 1)
  const last = others.at(-1) ?? first
  const before = others.at(-2) ?? first
  const leftBetween = extension === 'smoothed' && first.timeMs < startMs
  const rightBetween = extension === 'smoothed' && last.timeMs > endMs
  const left = leftBetween && second !== undefined ? interpolate(first, second, startMs) : first.sample
  const right = rightBetween ? interpolate(before, last, endMs) : last.sample
  return left === undefined || right === undefined ? undefined : { first, others, left, right, leftBetween }
}

function floatChange(edges: Edges<number> | undefined, counter: boolean): number | undefined {
  if (edges === undefined) return undefined
  const { others, left, right } = edges
  let change = right - left
  if (!counter) return change
  let previous = left
  for (const { sample } of [...others.slice(0, -1), { sample: right }]) {
    if (sample < previous) change += previous
    previous = sample
  }
  return change
}

function histogramChange(
  edges: Edges<FloatHistogram> | undefined,
  counter: boolean,
  { annotations, at }: Notes,
): FloatHistogram | undefined {
  if (edges === undefined) return undefined
  const difference = subtractHistograms(edges.right, edges.left)
  if (difference === undefined) return undefined
  if (difference.reconciled) annotations.reconciledBounds('subtraction', at)
  let change = difference.histogram
  for (const reached of counter ? reachedBeforeResets(edges) : []) {
    const sum = addHistograms(change, reached)
    if (sum === undefined) return undefined
    if (sum.reconciled) annotations.reconciledBounds('addition', at)
    change = sum.histogram
  }
  return change
}

/** A value between the first two samples already has the reset between them in it. */
function reachedBeforeResets({ first, others, leftBetween }: Edges<FloatHistogram>): FloatHistogram[] {
  const reached: FloatHistogram[] = []
  let previous = first.sample
  others.forEach(({ sample }, i) => {
    if (!(i === 0 && leftBetween) && isReset(sample, previous)) reached.push(previous)
    previous = sample
  })
  return reached
}
