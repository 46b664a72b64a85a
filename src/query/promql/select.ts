import { isStaleAt, type Matcher } from '../../model/index.ts'
import type { HistogramSamples, SeriesSamples } from '../metric-source.ts'
import type { AtModifier, MatrixSelector, VectorSelector } from './ast.ts'
import type { EvalContext } from './context.ts'
import type { FloatHistogram } from './histogram/index.ts'
import { readLeaf } from './leaf.ts'
import type { Leaf } from './plan.ts'
import { smoothedRow } from './smoothed.ts'
import {
  FLOAT,
  hasValues,
  type MatrixValue,
  type RangeHistograms,
  type RangeSeries,
  type RowPool,
  RowWriter,
  type StepSeries,
  stepTime,
} from './values.ts'

/** Where a selector looks, other than at the steps themselves. */
type Shift = Pick<VectorSelector, 'at' | 'offsetMs'>

/** The times that the steps look at, after `@` and `offset`. */
export function lookTimes(context: EvalContext, shift: Shift): Float64Array {
  const fixed = fixedTime(context, shift.at)
  const times = new Float64Array(context.grid.count)
  for (let step = 0; step < times.length; step++) {
    times[step] = (fixed ?? stepTime(context.grid, step)) - shift.offsetMs
  }
  return times
}

function fixedTime(context: EvalContext, at: AtModifier | undefined): number | undefined {
  switch (at?.t) {
    case undefined:
      return undefined
    case 'time':
      return at.ms
    case 'start':
      return context.queryStartMs
    case 'end':
      return context.queryEndMs
  }
}

/** A leaf, and how a row is made of each of its series. Rows share no memory with the samples. */
export interface RowReader {
  readonly leaf: Leaf
  readonly rowOf: (series: SeriesSamples, rows?: RowPool) => StepSeries
}

/** An instant selector: at each step the last sample within the look-back, unless that is a stale marker. */
export function instantReader(selector: VectorSelector, context: EvalContext, labels?: readonly string[]): RowReader {
  const times = lookTimes(context, selector)
  const { lookbackMs } = context
  const smoothed = selector.extension === 'smoothed'
  const leaf: Leaf = {
    matchers: selector.matchers,
    endsMs: times,
    beforeMs: lookbackMs,
    behindMs: smoothed ? lookbackMs : 0,
    reducedBy: undefined,
    labels,
  }
  if (!smoothed) return { leaf, rowOf: (series, rows) => instantRow(series, times, lookbackMs, rows) }
  const rowOf = (series: SeriesSamples): StepSeries =>
    smoothedRow(withoutStaleMarkers(series), times, lookbackMs, (metric) => {
      context.annotations.mixedBounds(metric, selector)
    })
  return { leaf, rowOf }
}

/** Instead of the samples the times at which they were taken, in seconds: for `timestamp()`. */
export function timesReader(selector: VectorSelector, context: EvalContext, labels?: readonly string[]): RowReader {
  const { leaf } = instantReader(selector, context, labels)
  const rowOf = (series: SeriesSamples): StepSeries => {
    const row = instantRow(series, leaf.endsMs, leaf.beforeMs)
    const values = lastTimes(series, leaf.endsMs).map((ms) => ms / 1000)
    return { labels: row.labels, values, present: row.present.map((one) => (one === 0 ? 0 : FLOAT)), dropName: true }
  }
  return { leaf, rowOf }
}

/** What is stored with these matchers, with the series that the rows are made of. */
export async function selectStored(
  matchers: readonly Matcher[],
  times: Float64Array,
  context: EvalContext,
): Promise<{ readonly series: SeriesSamples; readonly row: StepSeries }[]> {
  const { lookbackMs } = context
  const leaf = { matchers, endsMs: times, beforeMs: lookbackMs, behindMs: 0, reducedBy: undefined, labels: undefined }
  const found = await readLeaf(leaf, context)
  return found
    .map((series) => ({ series, row: instantRow(series, times, lookbackMs) }))
    .filter(({ row }) => hasValues(row))
}

/** The rows of series that have a value at any step. They count against the limit. */
export async function rowsOf(
  found: readonly SeriesSamples[],
  { leaf, rowOf }: RowReader,
  context: EvalContext,
): Promise<StepSeries[]> {
  const count = leaf.endsMs.length
  const rows: StepSeries[] = []
  for (const series of found) {
    if (context.pacer.due()) await context.pacer.pause()
    // Before the row is made: a few series over many steps are as large as many over few.
    context.samples.check(count)
    const row = rowOf(series, context.rows)
    if (!hasValues(row)) {
      context.rows?.giveBack(row)
      continue
    }
    rows.push(row)
    context.counts?.addRow(row)
    context.samples.take(count)
  }
  return rows
}

function instantRow(series: SeriesSamples, times: Float64Array, lookbackMs: number, rows?: RowPool): StepSeries {
  const row = new RowWriter(series.labels, times.length, false, rows?.take(times.length))
  if (series.histograms === undefined) fillFloats(row, series, times, lookbackMs)
  else fillMixed(row, series, series.histograms, { times, lookbackMs })
  return row.finish()
}

function fillFloats(row: RowWriter, { timesMs, values }: SeriesSamples, times: Float64Array, lookbackMs: number): void {
  const words = wordsOf(values)
  let at = -1
  for (let step = 0; step < times.length; step++) {
    const time = times[step] ?? 0
    while (at + 1 < timesMs.length && (timesMs[at + 1] ?? 0) <= time) at += 1
    if (at < 0 || (timesMs[at] ?? 0) <= time - lookbackMs || isStaleAt(words, at)) continue
    row.present[step] = FLOAT
    row.values[step] = values[at] ?? 0
  }
}

/** Whichever is the last, a float or a histogram, is the one that counts. */
function fillMixed(
  row: RowWriter,
  floats: SeriesSamples,
  histograms: HistogramSamples,
  { times, lookbackMs }: { readonly times: Float64Array; readonly lookbackMs: number },
): void {
  const words = wordsOf(floats.values)
  const [float, histogram] = [new Cursor(floats.timesMs), new Cursor(histograms.timesMs)]
  for (let step = 0; step < times.length; step++) {
    const time = times[step] ?? 0
    const floatMs = float.moveTo(time)
    const histogramMs = histogram.moveTo(time)
    if (Math.max(floatMs, histogramMs) <= time - lookbackMs) continue
    if (histogramMs > floatMs) {
      const sample = histograms.values[histogram.at]
      if (sample !== undefined) row.set(step, sample)
    } else if (!isStaleAt(words, float.at)) {
      row.set(step, floats.values[float.at] ?? 0)
    }
  }
}

/** Stands on the last of ascending times that is not later than where it was moved to. */
class Cursor {
  readonly #timesMs: Float64Array
  at = -1

  constructor(timesMs: Float64Array) {
    this.#timesMs = timesMs
  }

  /** Its time; -Infinity before the first. Must not be moved back. */
  moveTo(timeMs: number): number {
    const times = this.#timesMs
    while (this.at + 1 < times.length && (times[this.at + 1] ?? 0) <= timeMs) this.at += 1
    return times[this.at] ?? -Infinity
  }
}

/** For each step the time of the last sample that is not later. */
export function lastTimes({ timesMs, histograms }: SeriesSamples, times: Float64Array): Float64Array {
  const [float, histogram] = [new Cursor(timesMs), new Cursor(histograms?.timesMs ?? new Float64Array(0))]
  return times.map((time) => Math.max(float.moveTo(time), histogram.moveTo(time)))
}

/** A leaf, and how a range vector is made of its series. It shares memory with the samples. */
export interface MatrixReader {
  readonly leaf: Leaf
  readonly matrixOf: (series: readonly SeriesSamples[]) => MatrixValue
}

/** A range selector whose windows go into the function `reducedBy`, or are wanted as they are. */
export function matrixReader(
  node: MatrixSelector,
  context: EvalContext,
  reducedBy?: string,
  labels?: readonly string[],
): MatrixReader {
  const endsMs = lookTimes(context, node.selector)
  const { lookbackMs } = context
  const { extension, matchers } = node.selector
  const beforeMs = node.rangeMs + (extension === undefined ? 0 : lookbackMs)
  const behindMs = extension === 'smoothed' ? lookbackMs : 0
  const { rangeMs } = node
  const windows = extension === undefined ? {} : { extension: { kind: extension, lookbackMs } }
  const matrixOf = (found: readonly SeriesSamples[]): MatrixValue => {
    const series = found
      .map(withoutStaleMarkers)
      .filter((row) => row.timesMs.length > 0 || row.histograms !== undefined)
    return { type: 'matrix', series, rangeMs, endsMs, ...windows }
  }
  return { leaf: { matchers, endsMs, beforeMs, behindMs, reducedBy, labels }, matrixOf }
}

function withoutStaleMarkers(series: SeriesSamples): RangeSeries {
  const { labels } = series
  const histograms = knownHistograms(series.histograms)
  const floats = knownFloats(series)
  return histograms === undefined
    ? { labels, ...floats, dropName: false }
    : { labels, ...floats, histograms, dropName: false }
}

function knownFloats({
  timesMs,
  values,
  startsMs,
  staleFree = false,
}: SeriesSamples): Pick<RangeSeries, 'timesMs' | 'values' | 'startsMs'> {
  if (staleFree) return startsMs === undefined ? { timesMs, values } : { timesMs, values, startsMs }
  const words = wordsOf(values)
  let stale = 0
  for (let i = 0; i < values.length; i++) if (isStaleAt(words, i)) stale += 1
  if (stale === 0) return startsMs === undefined ? { timesMs, values } : { timesMs, values, startsMs }
  const length = values.length - stale
  const kept = { timesMs: new Float64Array(length), values: new Float64Array(length) }
  const starts = new Float64Array(length)
  let to = 0
  for (let i = 0; i < values.length; i++) {
    if (isStaleAt(words, i)) continue
    kept.timesMs[to] = timesMs[i] ?? 0
    kept.values[to] = values[i] ?? 0
    starts[to] = startsMs?.[i] ?? 0
    to += 1
  }
  return startsMs === undefined ? kept : { ...kept, startsMs: starts }
}

function knownHistograms(samples: HistogramSamples | undefined): RangeHistograms | undefined {
  if (samples === undefined) return undefined
  const { startsMs } = samples
  const values: FloatHistogram[] = []
  const at: number[] = []
  samples.values.forEach((histogram, i) => {
    if (histogram === undefined) return
    values.push(histogram)
    at.push(i)
  })
  if (values.length === 0) return undefined
  const pick = (from: Float64Array): Float64Array => Float64Array.from(at, (i) => from[i] ?? 0)
  const timesMs = pick(samples.timesMs)
  return startsMs === undefined ? { timesMs, values } : { timesMs, values, startsMs: pick(startsMs) }
}

function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
}
