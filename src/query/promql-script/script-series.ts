import { type Labels, METRIC_NAME, STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { labelsKey } from '../labels.ts'
import type { HistogramSamples, SeriesSamples } from '../metric-source.ts'
import { parseSelector } from '../promql/index.ts'
import { type FloatHistogram, hintAfter, withHint } from '../promql/histogram/index.ts'
import { expandOffsets, expandValues, type ScriptValue } from './script-value.ts'

export interface ScriptPoint {
  readonly timeMs: number
  readonly value: number | 'stale' | FloatHistogram
  /** When the counter began to count; 0 when not known. */
  readonly startMs: number
}

/** A series as a script loads it, in the order of its times. */
export interface ScriptSeries {
  readonly labels: Labels
  readonly points: readonly ScriptPoint[]
}

const BRACES = /^[^\s{]*\{(?:[^"'`}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\}/

/** The labels at the start of a line and what follows them; a line may be a bare value. */
export function splitSeriesLine(line: string): { readonly labels: Labels; readonly rest: string } {
  const brace = line.startsWith('{{') ? undefined : BRACES.exec(line)?.[0]
  const head = brace ?? /^[^\s@]+/.exec(line)?.[0] ?? ''
  if (/^([-+.\d]|(nan|inf|_|stale)(x\d+)?$|\{\{)/i.test(head)) return { labels: {}, rest: line }
  const name = head.split('{')[0] ?? ''
  const braces = head.slice(name.length)
  const entries = /^(\{\s*\})?$/.test(braces)
    ? []
    : parseSelector(braces).map((matcher) => [matcher.name, matcher.value] as const)
  if (name !== '') entries.push([METRIC_NAME, name])
  return { labels: Object.fromEntries(entries.filter(([, value]) => value !== '')), rest: line.slice(head.length) }
}

/** The series of a `load`, one sample a step from time 0. A line with `@st` says when the samples' counters began. */
export function loadSeries(stepMs: number, lines: readonly string[]): ScriptSeries[] {
  const offsets = new Map<string, (number | undefined)[]>()
  const series: { readonly labels: Labels; readonly values: readonly ScriptValue[] }[] = []
  for (const line of lines) {
    const { labels, rest } = splitSeriesLine(line)
    if (rest.startsWith('@st')) offsets.set(labelsKey(labels), expandOffsets(rest.slice('@st'.length)))
    else series.push({ labels, values: expandValues(rest) })
  }
  return series.map(({ labels, values }) => {
    const starts = offsets.get(labelsKey(labels)) ?? []
    const points = values.flatMap((value, i): ScriptPoint[] => {
      if (value === undefined) return []
      const timeMs = i * stepMs
      const offset = starts[i]
      return [{ timeMs, value, startMs: offset === undefined ? 0 : timeMs + offset }]
    })
    return { labels, points }
  })
}

/** Puts series with the same labels together; of samples of one time the one loaded last counts. */
export function mergeSeries(all: readonly ScriptSeries[]): ScriptSeries[] {
  const merged = new Map<string, { readonly labels: Labels; readonly points: Map<number, ScriptPoint> }>()
  for (const { labels, points } of all) {
    const key = labelsKey(labels)
    const known = merged.get(key) ?? { labels, points: new Map<number, ScriptPoint>() }
    merged.set(key, known)
    for (const point of points) known.points.set(point.timeMs, point)
  }
  return [...merged.values()].map(({ labels, points }) => ({
    labels,
    points: [...points.values()].sort((a, b) => a.timeMs - b.timeMs),
  }))
}

/** The series as a data source gives it. */
export function seriesSamples({ labels, points }: ScriptSeries): SeriesSamples {
  const floats: ScriptPoint[] = []
  const histograms: { readonly point: ScriptPoint; readonly value: FloatHistogram }[] = []
  let previous: FloatHistogram | undefined
  for (const point of points) {
    if (typeof point.value !== 'object') {
      previous = undefined
      floats.push(point)
      continue
    }
    const value = withHint(point.value, hintAfter(previous, point.value))
    histograms.push({ point, value })
    previous = value
  }
  const samples = {
    labels,
    timesMs: Float64Array.from(floats, ({ timeMs }) => timeMs),
    values: floatsWithStaleMarkers(floats),
    ...startsOf(floats),
  }
  if (histograms.length === 0) return samples
  const found: HistogramSamples = {
    timesMs: Float64Array.from(histograms, ({ point }) => point.timeMs),
    values: histograms.map(({ value }) => value),
    ...startsOf(histograms.map(({ point }) => point)),
  }
  return { ...samples, histograms: found }
}

function startsOf(points: readonly ScriptPoint[]): { readonly startsMs?: Float64Array } {
  if (points.every(({ startMs }) => startMs === 0)) return {}
  return { startsMs: Float64Array.from(points, ({ startMs }) => startMs) }
}

function floatsWithStaleMarkers(points: readonly ScriptPoint[]): Float64Array {
  const values = new Float64Array(points.length)
  const words = new Uint32Array(values.buffer)
  points.forEach(({ value }, i) => {
    if (typeof value === 'number') values[i] = value
    if (value !== 'stale') return
    words[2 * i] = STALE_NAN_LOW
    words[2 * i + 1] = STALE_NAN_HIGH
  })
  return values
}
