import type { FloatHistogram } from '../histogram/index.ts'
import { divideHistogram, scaleHistogram } from '../histogram/index.ts'
import { FLOAT } from '../values.ts'
import { extendedChange } from './extended-change.ts'
import type { FloatKernel } from './float-windows.ts'
import type { PromqlFunction } from './function.ts'
import { histogramChange, histogramIrate } from './histogram-change.ts'
import { type Notes, sampleRangeFunction, type WindowFunction } from './range-function.ts'
import { countsFromZero, isRestart, overlapsStart } from './start-times.ts'
import { countHistograms, type HistogramSpan, type SampleWindow } from './window.ts'

export interface RateKind {
  readonly counter: boolean
  readonly perSecond: boolean
}

/**
 * How much a counter or gauge changes over the window, extrapolated to its edges as Prometheus does: up to the edge
 * when the first (last) sample is closer to it than 1.1 average intervals, else by half an interval; a counter is
 * never extrapolated below zero. Where it is known when the counter began within the window, it was zero then.
 */
function extrapolated(kind: RateKind): WindowFunction {
  return (window, _, __, notes) => {
    const histogramCount = countHistograms(window)
    const floatCount = window.to - window.from
    if (floatCount > 0 && histogramCount > 0) {
      notes.annotations.mixedFloatsHistograms(notes.metric, notes.at)
      return undefined
    }
    if (window.extension !== undefined) {
      const change = extendedChange(window, kind.counter, notes)
      if (kind.counter && typeof change === 'number') warnOfGauge(notes)
      return perSecondOf(change, window, kind)
    }
    const span = floatCount > 0 ? window : window.histograms
    if (span === undefined) return undefined
    const startMs = kind.counter ? countsFromZero(span, window.startMs) : undefined
    if (span.to - span.from < 2 && startMs === undefined) return undefined
    if (kind.counter && overlapsStart(span)) notes.annotations.overlappingStart(notes.metric, notes.at)
    if (span === window) {
      if (kind.counter) warnOfGauge(notes)
      const change = changeOver(window, kind.counter, startMs !== undefined)
      return change * factorOf(window, kind, { first: window.values[window.from] ?? 0, change, startMs })
    }
    return histogramRate(window, kind, startMs, notes)
  }
}

/** `extrapolated` for plain floats: the same arithmetic in the same order, without an object for anything. */
function extrapolatingKernel({ counter, perSecond }: RateKind): FloatKernel {
  // How far it was looked for values below the one before, and where the last of them is.
  let checkedTo = 0
  let lastDrop = -1
  return ({ timesMs, values, rangeMs, endsMs, froms, tos, first, count }, row, notes) => {
    if (first === 0) [checkedTo, lastDrop] = [0, -1]
    const divisor = perSecond ? seconds(rangeMs) : 1
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (to - from < 2) continue
      const step = first + k
      const firstValue = values[from] ?? 0
      let change = (values[to - 1] ?? 0) - firstValue
      if (counter) {
        for (let i = Math.max(checkedTo, from + 1); i < to; i++) {
          if ((values[i] ?? 0) < (values[i - 1] ?? 0)) lastDrop = i
        }
        checkedTo = Math.max(checkedTo, to)
        if (lastDrop > from) change = withDrops(values, from, to, change)
      }
      const firstMs = timesMs[from] ?? 0
      const lastMs = timesMs[to - 1] ?? 0
      const endMs = endsMs[step] ?? 0
      const sampled = (lastMs - firstMs) / 1000
      const interval = sampled / (to - from - 1)
      const threshold = interval * 1.1
      let toStart = (firstMs - (endMs - rangeMs)) / 1000
      if (toStart >= threshold) toStart = interval / 2
      if (counter && change > 0 && firstValue >= 0) toStart = Math.min(toStart, sampled * (firstValue / change))
      let toEnd = (endMs - lastMs) / 1000
      if (toEnd >= threshold) toEnd = interval / 2
      const factor = (sampled + toStart + toEnd) / sampled
      row.values[step] = change * (perSecond ? factor / divisor : factor)
      row.present[step] = FLOAT
      any = true
    }
    if (any && counter) warnOfGauge(notes)
    return any
  }
}

/** The change of a counter, with what it had lost where it began anew. */
function withDrops(values: Float64Array, from: number, to: number, change: number): number {
  let total = change
  let previous = values[from] ?? 0
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? 0
    if (value < previous) total += previous
    previous = value
  }
  return total
}

function histogramRate(
  window: SampleWindow,
  kind: RateKind,
  startMs: number | undefined,
  notes: Notes,
): FloatHistogram | undefined {
  const { histograms } = window
  const first = histograms?.values[histograms.from]
  if (histograms === undefined || first === undefined) return undefined
  const change = histogramChange(histograms, kind.counter, startMs !== undefined, notes)
  if (change === undefined) return undefined
  return scaleHistogram(change, factorOf(window, kind, { first: first.count, change: change.count, startMs }))
}

interface Change {
  /** The count at the first sample, and by how much it changed up to the last one. */
  readonly first: number
  readonly change: number
  /** When it was zero, if that is known. */
  readonly startMs: number | undefined
}

/** By what to multiply the change between the samples. */
function factorOf(window: SampleWindow, { counter, perSecond }: RateKind, { first, change, startMs }: Change): number {
  const { timesMs, from, to } = spanOf(window)
  const firstMs = timesMs[from] ?? 0
  const lastMs = timesMs[to - 1] ?? 0
  const sampled = (lastMs - (startMs ?? firstMs)) / 1000
  const interval = to - from > 1 ? (lastMs - firstMs) / 1000 / (to - from - 1) : 0
  const threshold = interval * 1.1

  let toStart = 0
  if (startMs === undefined) {
    toStart = (firstMs - window.startMs) / 1000
    if (toStart >= threshold) toStart = interval / 2
    // How long before the first sample the counter, at this slope, would have been zero.
    if (counter && change > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / change))
  }
  let toEnd = (window.endMs - lastMs) / 1000
  if (toEnd >= threshold) toEnd = interval / 2

  const factor = (sampled + toStart + toEnd) / sampled
  return perSecond ? factor / seconds(window.rangeMs) : factor
}

function spanOf(window: SampleWindow): SampleWindow | HistogramSpan {
  return window.to > window.from ? window : (window.histograms ?? window)
}

function changeOver(window: SampleWindow, counter: boolean, fromZero: boolean): number {
  const { timesMs, values, startsMs, from, to } = window
  let previous = values[from] ?? 0
  const last = values[to - 1] ?? 0
  let change = fromZero ? last : last - previous
  if (!counter || (startsMs === undefined && !hasDrop(window))) return change
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? 0
    if (value < previous || (startsMs !== undefined && isRestart(timesMs, startsMs, i))) change += previous
    previous = value
  }
  return change
}

/** Whether a value in the window is lower than the one before it. Windows overlap, so each sample is looked at once. */
function hasDrop(window: SampleWindow): boolean {
  const { values, from, to, drops } = window
  for (let i = Math.max(drops.checkedTo, from + 1); i < to; i++) {
    if ((values[i] ?? 0) < (values[i - 1] ?? 0)) drops.last = i
  }
  drops.checkedTo = Math.max(drops.checkedTo, to)
  return drops.last > from
}

function perSecondOf(
  change: number | FloatHistogram | undefined,
  { rangeMs }: SampleWindow,
  { perSecond }: RateKind,
): number | FloatHistogram | undefined {
  if (change === undefined || !perSecond) return change
  return typeof change === 'number' ? change / seconds(rangeMs) : divideHistogram(change, seconds(rangeMs))
}

/** As Go turns a duration into seconds: whole ones and the rest apart. */
export function seconds(ms: number): number {
  return Math.trunc(ms / 1000) + ((ms % 1000) * 1e6) / 1e9
}

/** Once a series is enough: every window of it would say the same. */
export function warnOfGauge(notes: Notes): void {
  if (notes.isNamed) return
  notes.isNamed = true
  const { annotations, metric, at } = notes
  if (metric === '' || /_(total|sum|count|bucket)$/.test(metric)) return
  annotations.possibleNonCounter(metric, at)
}

/** From the last two samples only. */
function instantaneous(kind: RateKind): WindowFunction {
  return (window, _, __, notes) => {
    const { timesMs, values, from, to, histograms } = window
    if (to - from + countHistograms(window) < 2) return undefined
    if (histograms !== undefined) {
      const taken = histogramsOfLastTwo(window, histograms)
      if (taken === 2) return histogramIrate(histograms, kind, notes)
      if (taken === 1) {
        notes.annotations.mixedFloatsHistograms(notes.metric, notes.at)
        return undefined
      }
    }
    const last = values[to - 1] ?? 0
    const previous = values[to - 2] ?? 0
    const change = kind.counter && last < previous ? last : last - previous
    if (!kind.perSecond) return change
    return change / (((timesMs[to - 1] ?? 0) - (timesMs[to - 2] ?? 0)) / 1000)
  }
}

/** `instantaneous` for plain floats. */
function lastTwoKernel({ counter, perSecond }: RateKind): FloatKernel {
  return ({ timesMs, values, froms, tos, first, count }, row) => {
    let any = false
    for (let k = 0; k < count; k++) {
      const to = tos[k] ?? 0
      if (to - (froms[k] ?? 0) < 2) continue
      const last = values[to - 1] ?? 0
      const previous = values[to - 2] ?? 0
      const change = counter && last < previous ? last : last - previous
      row.values[first + k] = perSecond ? change / (((timesMs[to - 1] ?? 0) - (timesMs[to - 2] ?? 0)) / 1000) : change
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

function ofLastTwo(kind: RateKind): PromqlFunction {
  return sampleRangeFunction(instantaneous(kind), { kernel: () => lastTwoKernel(kind) })
}

/** How many of the last two samples of a window are histograms. */
function histogramsOfLastTwo(window: SampleWindow, histograms: HistogramSpan): number {
  let [float, histogram] = [window.to - 1, histograms.to - 1]
  for (let i = 0; i < 2; i++) {
    const floatMs = float >= window.from ? (window.timesMs[float] ?? 0) : -Infinity
    const histogramMs = histogram >= histograms.from ? (histograms.timesMs[histogram] ?? 0) : -Infinity
    if (histogramMs > floatMs) histogram -= 1
    else float -= 1
  }
  return histograms.to - 1 - histogram
}

function extrapolating(kind: RateKind): PromqlFunction {
  return sampleRangeFunction(extrapolated(kind), { kernel: () => extrapolatingKernel(kind) })
}

export const rateFunctions: Readonly<Record<string, PromqlFunction>> = {
  rate: extrapolating({ counter: true, perSecond: true }),
  increase: extrapolating({ counter: true, perSecond: false }),
  delta: extrapolating({ counter: false, perSecond: false }),
  irate: ofLastTwo({ counter: true, perSecond: true }),
  idelta: ofLastTwo({ counter: false, perSecond: false }),
}
