import type { Labels } from '../../model/index.ts'
import {
  apiBuckets,
  type FloatHistogram,
  formatFloatFixed,
  formatFloatSample,
  labelValue,
  type QueryData,
  sortedNames,
} from '../../query/index.ts'
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

/** The result of a query: `{"resultType":…,"result":…}`, with `stats` if there are any, as JSON. */
export function renderQueryData(data: QueryData, stats?: string): string {
  const more = stats === undefined ? '' : `,"stats":${stats}`
  return `{"resultType":"${data.type}","result":${renderResult(data)}${more}}`
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
      const rows = data.samples.map(({ labels, value, histogram }) => {
        const sample =
          histogram === undefined
            ? `"value":[${time},"${formatFloatSample(value)}"]`
            : `"histogram":[${time},${renderHistogram(histogram)}]`
        return `{"metric":${renderLabels(labels)},${sample}}`
      })
      return `[${rows.join(',')}]`
    }
    case 'matrix': {
      const rows = data.series.map(({ labels, timesMs, values, histograms }) => {
        const points: string[] = []
        for (let i = 0; i < timesMs.length; i++) {
          points.push(`[${renderTime(timesMs[i] ?? 0)},"${formatFloatSample(values[i] ?? NaN)}"]`)
        }
        const lists = points.length > 0 || histograms === undefined ? [`"values":[${points.join(',')}]`] : []
        if (histograms !== undefined) {
          const { timesMs: times } = histograms
          const found = histograms.values.map((one, i) => `[${renderTime(times[i] ?? 0)},${renderHistogram(one)}]`)
          lists.push(`"histograms":[${found.join(',')}]`)
        }
        return `{"metric":${renderLabels(labels)},${lists.join(',')}}`
      })
      return `[${rows.join(',')}]`
    }
  }
}

/** `buckets` is a list of [boundary rule, lower bound, upper bound, count], absent where there is none. */
function renderHistogram(histogram: FloatHistogram): string {
  const buckets = apiBuckets(histogram).map(
    ([rule, ...numbers]) => `[${String(rule)},${numbers.map((number) => `"${formatFloatSample(number)}"`).join(',')}]`,
  )
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`
  return `{"count":"${formatFloatSample(histogram.count)}","sum":"${formatFloatSample(histogram.sum)}"${list}}`
}

/** Seconds, with exactly three decimals when there are milliseconds. */
export function renderTime(timeMs: number): string {
  const all = Math.abs(timeMs)
  const rest = all % 1000
  const text = String(Math.trunc(all / 1000)) + (rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`)
  return timeMs < 0 ? `-${text}` : text
}

/** The labels as a JSON object in the order of their names. */
export function renderLabels(labels: Labels): string {
  const pairs = sortedNames(labels).map((name) => `${JSON.stringify(name)}:${JSON.stringify(labelValue(labels, name))}`)
  return `{${pairs.join(',')}}`
}
