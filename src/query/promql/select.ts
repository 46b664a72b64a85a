import { isStaleAt } from '../../model/index.ts'
import type { SeriesSamples } from '../metric-source.ts'
import { clampTimeMs } from '../time-bounds.ts'
import type { AtModifier, MatrixSelector, VectorSelector } from './ast.ts'
import type { EvalContext } from './context.ts'
import { hasValues, type MatrixValue, newSeries, type RangeSeries, type StepSeries, stepTime } from './values.ts'

/** The times that the steps look at, after `@` and `offset`. */
export function lookTimes(
  context: EvalContext,
  selector: { readonly at?: AtModifier; readonly offsetMs: number },
): Float64Array {
  const fixed = fixedTime(context, selector.at)
  return Float64Array.from(
    { length: context.grid.count },
    (_, step) => (fixed ?? stepTime(context.grid, step)) - selector.offsetMs,
  )
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

/**
 * An instant selector: at each step the last sample within the look-back, unless that is a stale marker.
 * With `take: 'time'` the rows hold the samples' times in seconds instead, for `timestamp()`.
 */
export async function selectInstant(
  selector: VectorSelector,
  context: EvalContext,
  take: 'value' | 'time' = 'value',
): Promise<StepSeries[]> {
  const times = lookTimes(context, selector)
  const found = await fetchSamples(selector, times, context.lookbackMs, context)
  const rows: StepSeries[] = []
  for (const series of found) {
    if (context.pacer.due()) await context.pacer.pause()
    const row = instantRow(series, times, context.lookbackMs, take)
    if (hasValues(row)) rows.push(row)
  }
  context.samples.take(rows.length * times.length)
  return rows
}

function instantRow(
  series: SeriesSamples,
  times: Float64Array,
  lookbackMs: number,
  take: 'value' | 'time',
): StepSeries {
  const row = newSeries(series.labels, times.length, false)
  const { timesMs, values } = series
  const words = wordsOf(values)
  let at = -1
  for (let step = 0; step < times.length; step++) {
    const time = times[step] ?? 0
    while (at + 1 < timesMs.length && (timesMs[at + 1] ?? 0) <= time) at += 1
    if (at < 0 || (timesMs[at] ?? 0) <= time - lookbackMs || isStaleAt(words, at)) continue
    row.present[step] = 1
    row.values[step] = take === 'value' ? (values[at] ?? 0) : (timesMs[at] ?? 0) / 1000
  }
  return row
}

/** A range selector: the samples of all its windows, fetched once. */
export async function selectRange(node: MatrixSelector, context: EvalContext): Promise<MatrixValue> {
  const endsMs = lookTimes(context, node.selector)
  const found = await fetchSamples(node.selector, endsMs, node.rangeMs, context)
  const series = found.map(withoutStaleMarkers).filter((row) => row.timesMs.length > 0)
  return { type: 'matrix', series, rangeMs: node.rangeMs, endsMs }
}

async function fetchSamples(
  selector: VectorSelector,
  times: Float64Array,
  windowMs: number,
  context: EvalContext,
): Promise<readonly SeriesSamples[]> {
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined) return []
  const range = { startMs: clampTimeMs(first - windowMs), endMs: clampTimeMs(last) }
  if (range.startMs >= range.endMs) return []
  const found = await context.source.select(context.scope, { matchers: selector.matchers, range }, context.signal)
  let samples = 0
  for (const series of found) samples += series.timesMs.length
  context.samples.take(samples)
  return found
}

function withoutStaleMarkers(series: SeriesSamples): RangeSeries {
  const { labels, timesMs, values } = series
  const words = wordsOf(values)
  let stale = 0
  for (let i = 0; i < values.length; i++) if (isStaleAt(words, i)) stale += 1
  if (stale === 0) return { labels, timesMs, values, dropName: false }
  const times = new Float64Array(values.length - stale)
  const kept = new Float64Array(values.length - stale)
  let to = 0
  for (let i = 0; i < values.length; i++) {
    if (isStaleAt(words, i)) continue
    times[to] = timesMs[i] ?? 0
    kept[to] = values[i] ?? 0
    to += 1
  }
  return { labels, timesMs: times, values: kept, dropName: false }
}

function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
}
