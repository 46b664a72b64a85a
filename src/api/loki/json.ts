import type { Labels } from '../../model/index.ts'
import {
  formatFloatFixed,
  labelsKey,
  labelValue,
  type LogStream,
  type MetricResult,
  sortedNames,
} from '../../query/index.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'

/** Times of the steps of a metric query. */
export interface Steps {
  readonly startMs: number
  readonly stepMs: number
}

export function successResponse(data: string): ApiResponse {
  return jsonResponse(`{"status":"success","data":${data}}`)
}

export function renderLabels(labels: Labels): string {
  const pairs = sortedNames(labels).map((name) => `${JSON.stringify(name)}:${JSON.stringify(labelValue(labels, name))}`)
  return `{${pairs.join(',')}}`
}

/**
 * Streams in the form that the header `X-Loki-Response-Encoding-Flags: categorize-labels` asks for: the index labels
 * on the stream, structured metadata as third element of each line.
 */
export function renderCategorized(streams: readonly LogStream[]): string {
  const rows = streams.map(({ labels, lines }) => {
    const values = lines.map(({ timeNs, line, structuredMetadata }) => {
      const names = Object.keys(structuredMetadata)
      const third = names.length === 0 ? '{}' : `{"structuredMetadata":${renderLabels(structuredMetadata)}}`
      return `["${timeNs.toString()}",${JSON.stringify(line)},${third}]`
    })
    return `{"stream":${renderLabels(labels)},"values":[${values.join(',')}]}`
  })
  return `{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[${rows.join(',')}],"stats":{}}`
}

/** Streams in Loki's plain form, in which structured metadata are labels like others and so split streams. */
export function renderStreams(streams: readonly LogStream[]): string {
  const rows = new Map<string, { readonly labels: Labels; readonly values: string[] }>()
  for (const stream of streams) {
    for (const { timeNs, line, structuredMetadata } of stream.lines) {
      const labels: Labels = { ...structuredMetadata, ...stream.labels }
      const key = labelsKey(labels)
      const row = rows.get(key) ?? { labels, values: [] }
      rows.set(key, row)
      row.values.push(`["${timeNs.toString()}",${JSON.stringify(line)}]`)
    }
  }
  const rendered = [...rows.values()].map(
    ({ labels, values }) => `{"stream":${renderLabels(labels)},"values":[${values.join(',')}]}`,
  )
  return `{"resultType":"streams","result":[${rendered.join(',')}],"stats":{}}`
}

/** The first step of a metric query, as a vector or a scalar. */
export function renderInstant(result: MetricResult, timeMs: number): string {
  const time = renderTime(timeMs)
  if (result.type === 'scalar') {
    const value = formatFloatFixed(result.values[0] ?? NaN)
    return `{"resultType":"scalar","result":[${time},"${value}"],"stats":{}}`
  }
  const rows = result.series.map(
    ({ labels, values }) =>
      `{"metric":${renderLabels(labels)},"value":[${time},"${formatFloatFixed(values[0] ?? NaN)}"]}`,
  )
  return `{"resultType":"vector","result":[${rows.join(',')}],"stats":{}}`
}

export function renderMatrix(result: MetricResult, steps: Steps): string {
  const rows =
    result.type === 'scalar'
      ? [renderRow({}, result.values, undefined, steps)]
      : result.series.map(({ labels, values, present }) => renderRow(labels, values, present, steps))
  return `{"resultType":"matrix","result":[${rows.join(',')}],"stats":{}}`
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
