import type { Extension } from '../ast.ts'
import type { FloatHistogram } from '../histogram/index.ts'
import { weightOfHistogram } from '../sample-counts.ts'
import type { MatrixValue, RangeSeries } from '../values.ts'

/** The samples of one series in one step's window. The object is reused: nothing may keep it. */
export interface SampleWindow extends Span {
  values: Float64Array
  /** Undefined where the series has no histograms at all. */
  histograms: HistogramSpan | undefined
  startMs: number
  endMs: number
  rangeMs: number
  /** For functions of counters: how far it was looked for values below the one before, and where the last one is. */
  readonly drops: { checkedTo: number; last: number }
  /** Set when the window has the sample before it, too, and with `smoothed` the one behind it. */
  extension: Extension | undefined
}

/** A part of a list of samples. */
interface Span {
  timesMs: Float64Array
  startsMs: Float64Array | undefined
  /** First index in the window, and the first behind it. */
  from: number
  to: number
}

export interface HistogramSpan extends Span {
  values: readonly FloatHistogram[]
}

/** As they count against limits. */
export function samplesIn({ from, to, histograms }: SampleWindow): number {
  let samples = to - from
  if (histograms === undefined) return samples
  for (let i = histograms.from; i < histograms.to; i++) samples += weightOfHistogram(histograms.values[i])
  return samples
}

export function countHistograms({ histograms }: SampleWindow): number {
  return histograms === undefined ? 0 : histograms.to - histograms.from
}

/** A window before the first step. */
export function newWindow(input: RangeSeries, { rangeMs, extension }: MatrixValue): SampleWindow {
  const { timesMs, values, startsMs, histograms } = input
  return {
    timesMs,
    values,
    startsMs,
    from: 0,
    to: 0,
    histograms:
      histograms === undefined
        ? undefined
        : { timesMs: histograms.timesMs, values: histograms.values, startsMs: histograms.startsMs, from: 0, to: 0 },
    startMs: 0,
    endMs: 0,
    rangeMs,
    drops: { checkedTo: 0, last: -1 },
    extension: extension?.kind,
  }
}

/** Windows only move forward, so both ends advance over the samples once. */
export function moveWindow(window: SampleWindow, endMs: number): void {
  window.endMs = endMs
  window.startMs = endMs - window.rangeMs
  moveSpan(window, window.startMs, endMs)
  if (window.histograms !== undefined) moveSpan(window.histograms, window.startMs, endMs)
}

function moveSpan(span: Span, startMs: number, endMs: number): void {
  const { timesMs } = span
  while (span.to < timesMs.length && (timesMs[span.to] ?? 0) <= endMs) span.to += 1
  while (span.from < span.to && (timesMs[span.from] ?? 0) <= startMs) span.from += 1
}

/** Sets `view` to the window with the sample before it, if the look-back reaches that, and the one behind it. */
export function extendWindow(
  view: SampleWindow,
  window: SampleWindow,
  { kind, lookbackMs }: NonNullable<MatrixValue['extension']>,
): void {
  const { startMs, endMs } = window
  view.startMs = startMs
  view.endMs = endMs
  view.from = window.from
  view.to = window.to
  const [to, from] = [view.histograms, window.histograms]
  if (to !== undefined && from !== undefined) {
    to.from = from.from
    to.to = from.to
  }
  const isEmpty = view.from === view.to && countHistograms(view) === 0
  if (isEmpty && kind === 'anchored') return
  const before = later(timeAt(view, view.from - 1), to && timeAt(to, to.from - 1))
  if (before.timeMs > startMs - lookbackMs) {
    if (before.isHistogram && to !== undefined) to.from -= 1
    else view.from -= 1
  }
  if (kind === 'anchored') return
  const behind = later(-timeAt(view, view.to), to && -timeAt(to, to.to))
  // NaN, where there is none, is not within the look-back.
  if (-behind.timeMs <= endMs + lookbackMs) {
    if (behind.isHistogram && to !== undefined) to.to += 1
    else view.to += 1
  }
}

function timeAt({ timesMs }: Span, i: number): number {
  return timesMs[i] ?? NaN
}

function later(floatMs: number, histogramMs = NaN): { readonly timeMs: number; readonly isHistogram: boolean } {
  const isHistogram = Number.isNaN(floatMs) || histogramMs > floatMs
  return { timeMs: isHistogram ? histogramMs : floatMs, isHistogram }
}
