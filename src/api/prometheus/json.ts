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
import { type ApiResponse, JSON_HEADERS, jsonResponse } from '../messages.ts'
import { ByteText } from './byte-text.ts'

export interface Annotations {
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

/** Prometheus' envelope around data that is JSON text already. */
export function successResponse(data: string, annotations: Annotations = {}): ApiResponse {
  return jsonResponse(`{"status":"success","data":${data}${annotationsText(annotations)}}`)
}

function annotationsText({ warnings = [], infos = [] }: Annotations): string {
  return (
    (warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`) +
    (infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`)
  )
}

/** The result of a query: `{"resultType":…,"result":…}`, with `stats` if there are any, in Prometheus' envelope. */
export function queryResponse(data: QueryData, stats: string | undefined, annotations: Annotations): ApiResponse {
  const to = new ByteText(expectedBytes(data))
  to.add(`{"status":"success","data":{"resultType":"${data.type}","result":`)
  addResult(data, to)
  to.add(`${stats === undefined ? '' : `,"stats":${stats}`}}${annotationsText(annotations)}}`)
  return { status: 200, headers: JSON_HEADERS, body: to.finish() }
}

/** Somewhat more than most answers have: what is not needed of it is never touched. */
function expectedBytes(data: QueryData): number {
  if (data.type === 'vector') return 256 * (data.samples.length + 1)
  if (data.type !== 'matrix') return 4_096
  return data.series.reduce((sum, { timesMs }) => sum + 256 + 32 * timesMs.length, 256)
}

function addResult(data: QueryData, to: ByteText): void {
  switch (data.type) {
    // Go marshals these two by another way than samples: floats without exponent, the time as a plain number.
    case 'scalar':
      to.add(`[${String(data.timeMs / 1000)},"${formatFloatFixed(data.value)}"]`)
      return
    case 'string':
      to.add(`[${String(data.timeMs / 1000)},${JSON.stringify(data.value)}]`)
      return
    case 'vector':
      addVector(data, to)
      return
    case 'matrix':
      addMatrix(data.series, to)
  }
}

function addVector({ samples, timeMs }: Extract<QueryData, { type: 'vector' }>, to: ByteText): void {
  const time = renderTime(timeMs)
  let before = '['
  for (const { labels, value, histogram } of samples) {
    const head = `${before}{"metric":${renderLabels(labels)},`
    before = ','
    if (histogram === undefined) {
      to.add(`${head}"value":[${time},"`)
      to.addFloat(value)
      to.add('"]}')
    } else to.add(`${head}"histogram":[${time},${renderHistogram(histogram)}]}`)
  }
  to.add(samples.length === 0 ? '[]' : ']')
}

function addMatrix(series: Extract<QueryData, { type: 'matrix' }>['series'], to: ByteText): void {
  const heads = new PointHeads(series)
  let before = '['
  for (const { labels, timesMs, values, histograms } of series) {
    to.add(`${before}{"metric":${renderLabels(labels)}`)
    before = ','
    if (timesMs.length > 0 || histograms === undefined) {
      to.add(',"values":[')
      heads.begin()
      for (let i = 0; i < timesMs.length; i++) {
        heads.add(timesMs[i] ?? 0, i === 0, to)
        to.addFloat(values[i] ?? NaN)
        to.addBytes(POINT_END, 0, POINT_END.length)
      }
      to.add(']')
    }
    if (histograms !== undefined) {
      const { timesMs: times } = histograms
      const found = histograms.values.map((one, i) => `[${renderTime(times[i] ?? 0)},${renderHistogram(one)}]`)
      to.add(`,"histograms":[${found.join(',')}]`)
    }
    to.add('}')
  }
  to.add(series.length === 0 ? '[]' : ']')
}

const POINT_END = new TextEncoder().encode('"]')

/** What stands before the value of a point, `,[1700000000,"`, for the times of the longest series: others share them. */
class PointHeads {
  readonly #timesMs: Float64Array
  readonly #bytes: Uint8Array
  /** Where the head of each time begins, and where the last one ends. */
  readonly #starts: Int32Array
  #next = 0

  constructor(series: Extract<QueryData, { type: 'matrix' }>['series']) {
    let longest = new Float64Array(0)
    for (const { timesMs } of series) if (timesMs.length > longest.length) longest = Float64Array.from(timesMs)
    const heads = Array.from(longest, pointHead)
    this.#timesMs = longest
    this.#starts = new Int32Array(heads.length + 1)
    heads.forEach((head, i) => {
      this.#starts[i + 1] = (this.#starts[i] ?? 0) + head.length
    })
    this.#bytes = new TextEncoder().encode(heads.join(''))
  }

  /** Another series comes. */
  begin(): void {
    this.#next = 0
  }

  /** Times of a series ascend. */
  add(timeMs: number, isFirst: boolean, to: ByteText): void {
    const times = this.#timesMs
    let at = this.#next
    while (at < times.length && (times[at] ?? 0) < timeMs) at += 1
    this.#next = at
    if (times[at] !== timeMs) {
      to.add(pointHead(timeMs).slice(isFirst ? 1 : 0))
      return
    }
    to.addBytes(this.#bytes, (this.#starts[at] ?? 0) + (isFirst ? 1 : 0), this.#starts[at + 1] ?? 0)
  }
}

function pointHead(timeMs: number): string {
  return `,[${renderTime(timeMs)},"`
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
