import type { Labels } from '../../model/index.ts'
import { formatFloatFixed, formatFloatSample, labelValue, type QueryData, sortedNames } from '../../query/index.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'

export interface Annotations {
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

/** Prometheus' envelope around data that is JSON text already. */
export function successResponse(data: string, { warnings = [], infos = [] }: Annotations = {}): ApiResponse {
  const extra =
    (warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`) +
    (infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`)
  return jsonResponse(`{"status":"success","data":${data}${extra}}`)
}

/** The result of a query: `{"resultType":…,"result":…}`. */
export function renderQueryData(data: QueryData): string {
  return `{"resultType":"${data.type}","result":${renderResult(data)}}`
}

function renderResult(data: QueryData): string {
  switch (data.type) {
    // Go marshals these two by another way than samples: floats without exponent, the time as a plain number.
    case 'scalar':
      return `[${String(data.timeMs / 1000)},"${formatFloatFixed(data.value)}"]`
    case 'string':
      return `[${String(data.timeMs / 1000)},${JSON.stringify(data.value)}]`
    case 'vector': {
      const time = renderTime(data.timeMs)
      const rows = data.samples.map(
        ({ labels, value }) => `{"metric":${renderLabels(labels)},"value":[${time},"${formatFloatSample(value)}"]}`,
      )
      return `[${rows.join(',')}]`
    }
    case 'matrix': {
      const rows = data.series.map(({ labels, timesMs, values }) => {
        const points: string[] = []
        for (let i = 0; i < timesMs.length; i++) {
          points.push(`[${renderTime(timesMs[i] ?? 0)},"${formatFloatSample(values[i] ?? NaN)}"]`)
        }
        return `{"metric":${renderLabels(labels)},"values":[${points.join(',')}]}`
      })
      return `[${rows.join(',')}]`
    }
  }
}

/** Seconds, with exactly three decimals when there are milliseconds. */
function renderTime(timeMs: number): string {
  const seconds = Math.trunc(timeMs / 1000)
  const rest = timeMs % 1000
  return rest === 0 ? String(seconds) : `${String(seconds)}.${String(Math.abs(rest)).padStart(3, '0')}`
}

/** The labels as a JSON object in the order of their names. */
export function renderLabels(labels: Labels): string {
  const pairs = sortedNames(labels).map((name) => `${JSON.stringify(name)}:${JSON.stringify(labelValue(labels, name))}`)
  return `{${pairs.join(',')}}`
}
