import type { Labels } from '../../model/index.ts'
import {
  formatFloatFixed,
  labelsKey,
  labelValue,
  type LogResultStream,
  type MetricResult,
  sortedNames,
} from '../../query/index.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'

/** Times of the steps of a metric query. */
export interface Steps {
  readonly startMs: number
  readonly stepMs: number
}

export function successResponse(data: string, warnings: readonly string[] = []): ApiResponse {
  const warned = warnings.length === 0 ? '' : `"warnings":${JSON.stringify(warnings)},`
  return jsonResponse(`{"status":"success",${warned}"data":${data}}`)
}

export function renderLabels(labels: Labels): string {
  const pairs = sortedNames(labels).map((name) => `${JSON.stringify(name)}:${JSON.stringify(labelValue(labels, name))}`)
  return `{${pairs.join(',')}}`
}

/**
 * Streams in the form that the header `X-Loki-Response-Encoding-Flags: categorize-labels` asks for: the index labels
 * on the stream, what else a line has as its third element.
 */
export function renderCategorized(
  streams: readonly LogResultStream[],
  direction: 'forward' | 'backward',
  stats: string,
): string {
  const rows = new Map<string, { readonly labels: Labels; readonly values: { ns: bigint; text: string }[] }>()
  for (const { stream, structuredMetadata, parsed, lines } of streams) {
    const key = labelsKey(stream)
    const row = rows.get(key) ?? { labels: stream, values: [] }
    rows.set(key, row)
    const parts: string[] = []
    if (Object.keys(structuredMetadata).length > 0)
      parts.push(`"structuredMetadata":${renderLabels(structuredMetadata)}`)
    if (Object.keys(parsed).length > 0) parts.push(`"parsed":${renderLabels(parsed)}`)
    const third = `{${parts.join(',')}}`
    for (const { timeNs, line } of lines) {
      row.values.push({ ns: timeNs, text: `["${timeNs.toString()}",${JSON.stringify(line)},${third}]` })
    }
  }
  const sign = direction === 'forward' ? 1 : -1
  const rendered = [...rows.values()].map(({ labels, values }) => {
    values.sort((a, b) => (a.ns === b.ns ? 0 : a.ns < b.ns ? -sign : sign))
    return `{"stream":${renderLabels(labels)},"values":[${values.map(({ text }) => text).join(',')}]}`
  })
  return `{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[${rendered.join(',')}],"stats":${stats}}`
}

/** Streams in Loki's plain form, in which all labels of a line are those of its stream. */
export function renderStreams(streams: readonly LogResultStream[], stats: string): string {
  const rendered = streams.map(({ labels, lines }) => {
    const values = lines.map(({ timeNs, line }) => `["${timeNs.toString()}",${JSON.stringify(line)}]`)
    return `{"stream":${renderLabels(labels)},"values":[${values.join(',')}]}`
  })
  return `{"resultType":"streams","result":[${rendered.join(',')}],"stats":${stats}}`
}

/** The first step of a metric query, as a vector or a scalar. */
export function renderInstant(result: MetricResult, timeMs: number, stats: string): string {
  const time = renderTime(timeMs)
  if (result.type === 'scalar') {
    const value = formatFloatFixed(result.values[0] ?? NaN)
    return `{"resultType":"scalar","result":[${time},"${value}"],"stats":${stats}}`
  }
  const rows = result.series.map(
    ({ labels, values }) =>
      `{"metric":${renderLabels(labels)},"value":[${time},"${formatFloatFixed(values[0] ?? NaN)}"]}`,
  )
  return `{"resultType":"vector","result":[${rows.join(',')}],"stats":${stats}}`
}

export function renderMatrix(result: MetricResult, steps: Steps, stats: string): string {
  const rows =
    result.type === 'scalar'
      ? [renderRow({}, result.values, undefined, steps)]
      : result.series.map(({ labels, values, present }) => renderRow(labels, values, present, steps))
  return `{"resultType":"matrix","result":[${rows.join(',')}],"stats":${stats}}`
}

function renderRow(labels: Labels, values: Float64Array, present: Uint8Array | undefined, steps: Steps): string {
  const points: string[] = []
  values.forEach((value, step) => {
    if (present !== undefined && present[step] !== 1) return
    points.push(`[${renderTime(steps.startMs + step * steps.stepMs)},"${formatFloatFixed(value)}"]`)
  })
  return `{"metric":${renderLabels(labels)},"values":[${points.join(',')}]}`
}

function renderTime(timeMs: number): string {
  return String(timeMs / 1000)
}
