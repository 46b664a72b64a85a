import type { Labels } from '../../../model/index.ts'
import { compareLabels, labelsKey } from '../../labels.ts'
import type { HistogramPoints, PointSeries } from '../eval.ts'

/** What a query answers at all steps from the first to the last, both inclusive. */
export interface Extent {
  readonly firstMs: number
  readonly lastMs: number
  readonly stepMs: number
  /** Ordered by labels; without points beyond the bounds. */
  readonly series: readonly PointSeries[]
  /** Which selectors were read from rollups, for any of the steps. */
  readonly rollups: readonly string[]
}

/** The steps of it between two times, both inclusive, in memory of their own. Undefined if there are none. */
export function cutExtent(extent: Extent, earliestMs: number, latestMs: number): Extent | undefined {
  const { firstMs, lastMs, stepMs } = extent
  const from = earliestMs <= firstMs ? firstMs : firstMs + Math.ceil((earliestMs - firstMs) / stepMs) * stepMs
  const to = latestMs >= lastMs ? lastMs : firstMs + Math.floor((latestMs - firstMs) / stepMs) * stepMs
  if (from > to) return undefined
  if (from === firstMs && to === lastMs) return extent
  const series = extent.series.map((one) => cutSeries(one, from, to)).filter(hasPoints)
  return { firstMs: from, lastMs: to, stepMs, series, rollups: extent.rollups }
}

/** Extents that follow each other in time, as one. */
export function joinExtents(extents: readonly Extent[]): Extent | undefined {
  const first = extents[0]
  const last = extents.at(-1)
  if (first === undefined || last === undefined || extents.length === 1) return first
  const rows = new Map<string, PointSeries[]>()
  for (const { series } of extents) {
    for (const one of series) {
      const key = labelsKey(one.labels)
      const known = rows.get(key)
      if (known === undefined) rows.set(key, [one])
      else known.push(one)
    }
  }
  const series = [...rows.values()].map(joinSeries).sort((a, b) => compareLabels(a.labels, b.labels))
  const rollups = [...new Set(extents.flatMap((extent) => extent.rollups))]
  return { firstMs: first.firstMs, lastMs: last.lastMs, stepMs: first.stepMs, series, rollups }
}

/** Bytes that it takes, roughly. */
export function sizeOf({ series }: Extent): number {
  let bytes = EXTENT_BYTES
  for (const { labels, timesMs, values, histograms } of series) {
    bytes += sizeOfLabels(labels) + timesMs.byteLength + values.byteLength + SERIES_BYTES
    if (histograms === undefined) continue
    bytes += histograms.timesMs.byteLength
    for (const { positive, negative, customValues } of histograms.values) {
      bytes += HISTOGRAM_BYTES + 12 * (positive.counts.length + negative.counts.length) + 8 * customValues.length
    }
  }
  return bytes
}

const EXTENT_BYTES = 512
const SERIES_BYTES = 512
const HISTOGRAM_BYTES = 512
const LABEL_BYTES = 64

function sizeOfLabels(labels: Labels): number {
  let bytes = 0
  for (const [name, value] of Object.entries(labels)) bytes += LABEL_BYTES + 2 * (name.length + value.length)
  return bytes
}

function cutSeries({ labels, timesMs, values, histograms }: PointSeries, firstMs: number, lastMs: number): PointSeries {
  const [from, to] = boundsOf(timesMs, firstMs, lastMs)
  const floats = { labels, timesMs: timesMs.slice(from, to), values: values.slice(from, to) }
  const inside = histograms === undefined ? undefined : cutHistograms(histograms, firstMs, lastMs)
  return inside === undefined ? floats : { ...floats, histograms: inside }
}

function cutHistograms(
  { timesMs, values }: HistogramPoints,
  firstMs: number,
  lastMs: number,
): HistogramPoints | undefined {
  const [from, to] = boundsOf(timesMs, firstMs, lastMs)
  return from === to ? undefined : { timesMs: timesMs.slice(from, to), values: values.slice(from, to) }
}

/** The indexes from the first time that is not before `firstMs` up to the first that is behind `lastMs`. */
function boundsOf(timesMs: Float64Array, firstMs: number, lastMs: number): readonly [number, number] {
  const from = timesMs.findIndex((time) => time >= firstMs)
  if (from === -1) return [0, 0]
  const to = timesMs.findIndex((time) => time > lastMs)
  return [from, to === -1 ? timesMs.length : Math.max(from, to)]
}

function hasPoints({ timesMs, histograms }: PointSeries): boolean {
  return timesMs.length > 0 || histograms !== undefined
}

function joinSeries(parts: readonly PointSeries[]): PointSeries {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const floats = {
    labels: only?.labels ?? {},
    timesMs: joinFloats(parts.map(({ timesMs }) => timesMs)),
    values: joinFloats(parts.map(({ values }) => values)),
  }
  const histograms = parts.flatMap((part) => (part.histograms === undefined ? [] : [part.histograms]))
  if (histograms.length === 0) return floats
  const timesMs = joinFloats(histograms.map((part) => part.timesMs))
  return { ...floats, histograms: { timesMs, values: histograms.flatMap(({ values }) => values) } }
}

function joinFloats(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
