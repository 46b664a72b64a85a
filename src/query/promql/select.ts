import { isStaleAt, type Matcher } from '../../model/index.ts'
import type { HistogramSamples, SeriesSamples } from '../metric-source.ts'
import { clampTimeMs } from '../time-bounds.ts'
import type { AtModifier, MatrixSelector, VectorSelector } from './ast.ts'
import type { EvalContext } from './context.ts'
import type { FloatHistogram } from './histogram/index.ts'
import { smoothedRow } from './smoothed.ts'
import {
  FLOAT,
  hasValues,
  type MatrixValue,
  type RangeHistograms,
  type RangeSeries,
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

/** An instant selector: at each step the last sample within the look-back, unless that is a stale marker. */
export async function selectInstant(selector: VectorSelector, context: EvalContext): Promise<StepSeries[]> {
  const times = lookTimes(context, selector)
  const { lookbackMs } = context
  if (selector.extension === 'smoothed') {
    const found = await fetchSamples(selector.matchers, { times, beforeMs: lookbackMs, behindMs: lookbackMs }, context)
    return await rowsOf(found, times, context, (series) =>
      smoothedRow(withoutStaleMarkers(series), times, lookbackMs, (metric) => {
        context.annotations.mixedBounds(metric, selector)
      }),
    )
  }
  const found = await fetchSamples(selector.matchers, { times, beforeMs: lookbackMs }, context)
  return await rowsOf(found, times, context, (series) => instantRow(series, times, lookbackMs))
}

/** Instead of the samples the times at which they were taken, in seconds: for `timestamp()`. */
export async function selectTimes(selector: VectorSelector, context: EvalContext): Promise<StepSeries[]> {
  const times = lookTimes(context, selector)
  const found = await fetchSamples(selector.matchers, { times, beforeMs: context.lookbackMs }, context)
  return await rowsOf(found, times, context, (series) => {
    const row = instantRow(series, times, context.lookbackMs)
    const at = lastTimes(series, times)
    const values = at.map((ms) => ms / 1000)
    return { labels: row.labels, values, present: row.present.map((one) => (one === 0 ? 0 : FLOAT)), dropName: false }
  })
}

/** What is stored with these matchers, with the series that the rows are made of. */
export async function selectStored(
  matchers: readonly Matcher[],
  times: Float64Array,
  context: EvalContext,
): Promise<{ readonly series: SeriesSamples; readonly row: StepSeries }[]> {
  const found = await fetchSamples(matchers, { times, beforeMs: context.lookbackMs }, context)
  return found
    .map((series) => ({ series, row: instantRow(series, times, context.lookbackMs) }))
    .filter(({ row }) => hasValues(row))
}

async function rowsOf(
  found: readonly SeriesSamples[],
  times: Float64Array,
  context: EvalContext,
  rowOf: (series: SeriesSamples) => StepSeries,
): Promise<StepSeries[]> {
  const rows: StepSeries[] = []
  for (const series of found) {
    if (context.pacer.due()) await context.pacer.pause()
    // Before the row is made: a few series over many steps are as large as many over few.
    context.samples.check(times.length)
    const row = rowOf(series)
    if (!hasValues(row)) continue
    rows.push(row)
    context.samples.take(times.length)
  }
  return rows
}

function instantRow(series: SeriesSamples, times: Float64Array, lookbackMs: number): StepSeries {
  const row = new RowWriter(series.labels, times.length, false)
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

/** A range selector: the samples of all its windows, fetched once. */
export async function selectRange(node: MatrixSelector, context: EvalContext): Promise<MatrixValue> {
  const endsMs = lookTimes(context, node.selector)
  const { lookbackMs } = context
  const { extension } = node.selector
  const beforeMs = node.rangeMs + (extension === undefined ? 0 : lookbackMs)
  const behindMs = extension === 'smoothed' ? lookbackMs : 0
  const found = await fetchSamples(node.selector.matchers, { times: endsMs, beforeMs, behindMs }, context)
  const series = found.map(withoutStaleMarkers).filter((row) => row.timesMs.length > 0 || row.histograms !== undefined)
  const matrix: MatrixValue = { type: 'matrix', series, rangeMs: node.rangeMs, endsMs }
  return extension === undefined ? matrix : { ...matrix, extension: { kind: extension, lookbackMs } }
}

/** From `beforeMs` before the first time to `behindMs` behind the last one. */
interface Reach {
  readonly times: Float64Array
  readonly beforeMs: number
  readonly behindMs?: number
}

/**
 * The one place where stored samples come in. Who pushes work down into the store begins here: what is above needs the
 * samples of these series in this range, and no others.
 */
async function fetchSamples(
  matchers: readonly Matcher[],
  { times, beforeMs, behindMs = 0 }: Reach,
  context: EvalContext,
): Promise<readonly SeriesSamples[]> {
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined) return []
  const range = { startMs: clampTimeMs(first - beforeMs), endMs: clampTimeMs(last + behindMs) }
  if (range.startMs >= range.endMs) return []
  const request = context.startTimes ? { matchers, range, starts: true } : { matchers, range }
  const found = await context.source.select(context.scope, request, context.signal)
  let samples = 0
  for (const { timesMs, histograms } of found) samples += timesMs.length + weightOf(histograms)
  context.samples.take(samples)
  return found
}

/** A histogram counts as many samples as Prometheus counts for it: one for each 16 bytes. */
function weightOf(histograms: HistogramSamples | undefined): number {
  let weight = 0
  for (const histogram of histograms?.values ?? []) {
    weight += 6 + (histogram === undefined ? 0 : histogram.positive.counts.length + histogram.negative.counts.length)
  }
  return weight
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
}: SeriesSamples): Pick<RangeSeries, 'timesMs' | 'values' | 'startsMs'> {
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
