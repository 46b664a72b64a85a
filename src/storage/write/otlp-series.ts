import { METRIC_NAME } from '../../model/index.ts'
import type { ProtoReader } from '../../wire/index.ts'
import { formatBound, toLabelName } from '../../wire/prometheus/index.ts'
import { readKeyValue, toPlainText } from './any-value.ts'
import type { BatchContext } from './batch-context.ts'
import type { SeriesDirectory, SeriesKey, SeriesSource } from './directories.ts'
import { Hash64 } from './hash64.ts'
import type { MetricInfo } from './metric-catalog.ts'
import type { OtlpScope } from './otlp-walk.ts'
import type { RangeList } from './payload.ts'
import { joinLabel, type ResourceLabels } from './resource-labels.ts'
import type { SeriesId } from './sample-rows.ts'
import type { Tables } from './tables.ts'

/** Which of the series of one data point is meant. A bucket is told by its upper bound, a quantile by its rank. */
export const ROLE = { value: 0, sum: 1, count: 2, bucket: 3, quantile: 4 } as const
export type Role = (typeof ROLE)[keyof typeof ROLE]

const SUFFIXES = ['', '_sum', '_count', '_bucket', '']

const doubles = new Float64Array(1)
const words = new Int32Array(doubles.buffer)

/**
 * The series of OTLP data points: which series a point belongs to, first by a hash of the bytes that name it, and only
 * where that is unknown by its labels. The caller turns it to resource, scope, metric and point in that order.
 */
export class OtlpSeries implements SeriesSource, SeriesId, SeriesKey {
  idLow = 0
  idHigh = 0
  low = 0
  high = 0
  ms = 0
  readonly #tables: Tables
  readonly #batch: BatchContext
  readonly #directory: SeriesDirectory
  readonly #scopeLabels: boolean
  readonly #reader: ProtoReader
  readonly #hash = new Hash64()
  #resource: ResourceLabels | undefined
  #scope: OtlpScope | undefined
  #name = ''
  #metricLow = 0
  #metricHigh = 0
  #attributes: RangeList | undefined
  #pointLow = 0
  #pointHigh = 0
  #role: Role = ROLE.value
  #detail = 0

  /** With `scopeLabels`, the scope's name, version and attributes become labels `otel_scope_…`. */
  constructor(tables: Tables, batch: BatchContext, directory: SeriesDirectory, scopeLabels: boolean) {
    this.#tables = tables
    this.#batch = batch
    this.#directory = directory
    this.#scopeLabels = scopeLabels
    this.#reader = batch.reader
  }

  beginResource(resource: ResourceLabels): void {
    this.#resource = resource
  }

  beginScope(scope: OtlpScope): void {
    this.#scope = scope
  }

  beginMetric(name: string, metric: MetricInfo): void {
    this.#name = name
    const hash = this.#hash
    hash.start(this.#resource?.keyLow, this.#resource?.keyHigh)
    if (this.#scopeLabels && this.#scope !== undefined) {
      hash.bytes(this.#reader.view, this.#scope.name.start, this.#scope.name.end)
      hash.bytes(this.#reader.view, this.#scope.version.start, this.#scope.version.end)
      this.#scope.attributes.hashTo(hash)
    }
    hash.words(metric.keyLow, metric.keyHigh)
    hash.finish()
    this.#metricLow = hash.low
    this.#metricHigh = hash.high
  }

  beginPoint(attributes: RangeList, ms: number): void {
    this.#attributes = attributes
    this.ms = ms
    const hash = this.#hash
    hash.start(this.#metricLow, this.#metricHigh)
    for (let i = 0; i < attributes.count; i++) {
      hash.bytes(this.#reader.view, attributes.start(i), attributes.end(i))
    }
    hash.finish()
    this.#pointLow = hash.low
    this.#pointHigh = hash.high
  }

  /** Sets `idLow` and `idHigh` to the series of the point that has this role, and announces it if need be. */
  resolve(role: Role, detail = 0): void {
    this.#role = role
    this.#detail = detail
    doubles[0] = detail
    const hash = this.#hash
    hash.start(this.#pointLow, this.#pointHigh)
    hash.words(role, 0)
    hash.words(words[0] ?? 0, words[1] ?? 0)
    hash.finish()
    this.low = hash.low
    this.high = hash.high
    // Never refused: `labels` below always makes a valid set.
    this.#directory.resolve(this.#tables, this.#batch, this, this)
    this.idLow = this.#directory.idLow
    this.idHigh = this.#directory.idHigh
  }

  /** The labels of the series asked for last. What comes later in here wins over what comes before. */
  labels(): ReadonlyMap<string, string> {
    const labels = this.#pointLabels()
    if (this.#resource !== undefined) addResource(labels, this.#resource)
    if (this.#scopeLabels && this.#scope !== undefined) this.#addScope(labels, this.#scope)
    if (this.#role === ROLE.bucket) labels.set('le', formatBound(this.#detail))
    if (this.#role === ROLE.quantile) labels.set('quantile', formatBound(this.#detail))
    for (const [name, value] of this.#resource?.canonical ?? []) labels.set(name, value)
    labels.set(METRIC_NAME, this.#name + (SUFFIXES[this.#role] ?? ''))
    return labels
  }

  /** The point's attributes as labels, in the order of their names where two of them come to one label. */
  #pointLabels(): Map<string, string> {
    const labels = new Map<string, string>()
    const attributes = this.#attributes
    if (attributes === undefined) return labels
    const reader = this.#reader
    const { pos: outerPos, end: outerEnd } = reader
    const pairs: (readonly [string, string])[] = []
    for (let i = 0; i < attributes.count; i++) {
      reader.pos = attributes.start(i)
      reader.end = attributes.end(i)
      const [key, value] = readKeyValue(reader)
      pairs.push([key, toPlainText(value)])
    }
    reader.pos = outerPos
    reader.end = outerEnd
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    for (const [key, value] of pairs) joinLabel(labels, toLabelName(key), value)
    return labels
  }

  #addScope(labels: Map<string, string>, scope: OtlpScope): void {
    const text = (start: number, end: number): string => Buffer.from(this.#reader.bytes.subarray(start, end)).toString()
    const pairs: (readonly [string, string])[] = [
      ['otel_scope_name', text(scope.name.start, scope.name.end)],
      ['otel_scope_version', text(scope.version.start, scope.version.end)],
    ]
    for (const name of scope.attributes.names) {
      pairs.push([`otel_scope_${name.replace(/[^A-Za-z0-9_]/gu, '_')}`, scope.attributes.text(name)])
    }
    for (const [name, value] of pairs) if (value !== '') labels.set(name, value)
  }
}

/** Promoted attributes where the point has none of that name; `job` and `instance` always. */
function addResource(labels: Map<string, string>, resource: ResourceLabels): void {
  for (const [name, value] of resource.promoted) if (!labels.has(name)) labels.set(name, value)
  for (const [name, value] of resource.target) labels.set(name, value)
}
