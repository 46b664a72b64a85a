import { CANONICAL_LABELS, CANONICAL_RESOURCE_ATTRIBUTES, type Identity, METRIC_NAME } from '../../model/index.ts'
import type { AttributeValue } from '../otlp/write/attributes.ts'
import { beginResourceBlock, beginScopeBlock, encodeResource } from '../otlp/write/index.ts'
import { ProtoWriter } from '../proto/index.ts'
import { type ReadSample, type ReadSeries, readSeries } from '../remote-write/index.ts'
import { ClassicFamilies, type FamilyMember, FamilyPoint } from './classic-families.ts'
import { nativeToOtlp } from './native-to-exponential.ts'
import {
  encodeExponentialPoint,
  encodeHistogramPoint,
  encodeNumberPoint,
  encodeSummaryPoint,
  type PointHead,
} from './otlp-points.ts'

export interface TranslatedSeries {
  /** An OTLP metrics request. */
  readonly payload: Uint8Array
  /** Data points in it. */
  readonly items: number
  /** Samples that OTLP has no form for. */
  readonly undelivered: readonly { readonly reason: string; readonly items: number }[]
}

/** Metric, its data, and the numbers of what it can hold. */
const METRIC = { field: 2, name: 1, description: 2, unit: 3 } as const
const DATA = { gauge: 5, sum: 7, histogram: 9, exponential: 10, summary: 11 } as const
const POINTS = 1
const TEMPORALITY = 2
const IS_MONOTONIC = 3
const CUMULATIVE = 2

type Kind = keyof typeof DATA

/**
 * A remote write 2.0 request as OTLP metrics, by OpenTelemetry's specification of compatibility with Prometheus:
 *
 *  - `job` and `instance` become `service.name` and `service.instance.id`; the labels of `target_info` and the sender's
 *    identity stand on the resource too; `otel_scope_name` and `otel_scope_version` are the scope.
 *  - Counters are monotonic sums, info and stateset sums, everything else gauges, all under the name they have.
 *  - A classic histogram or summary whose parts are all there is one point; otherwise its parts are sent as they are.
 *  - Native histograms are exponential, or with custom bounds explicit; those of gauges and those with fractions of
 *    counts have no form in OTLP. Stale markers are points without a value.
 *
 * Throws AppError `invalid` for damaged bytes.
 */
export function seriesToOtlp(payload: Uint8Array, identity: Identity): TranslatedSeries {
  return new SeriesTranslator(identity).run([...readSeries(payload)])
}

interface Metric {
  readonly name: string
  readonly kind: Kind
  readonly monotonic: boolean
  readonly description: string
  readonly unit: string
  readonly points: Uint8Array[]
}

interface Scope {
  readonly name: string
  readonly version: string
  readonly metrics: Map<string, Metric>
}

interface Target {
  readonly attributes: Record<string, AttributeValue>
  readonly scopes: Map<string, Scope>
}

/** A classic histogram or summary of one label set. */
interface Family {
  readonly member: FamilyMember
  readonly scope: Scope
  readonly attributes: Record<string, AttributeValue>
  readonly unit: string
  readonly description: string
  readonly points: Map<number, FamilyPoint>
}

class SeriesTranslator {
  readonly #identity: Identity
  readonly #targets = new Map<string, Target>()
  readonly #classic = new ClassicFamilies()
  readonly #families = new Map<string, Family>()
  readonly #undelivered = new Map<string, number>()
  #items = 0

  constructor(identity: Identity) {
    this.#identity = identity
  }

  run(all: readonly ReadSeries[]): TranslatedSeries {
    const labelled = all.map((series) => ({ series, labels: new Map(series.labels) }))
    for (const { series, labels } of labelled) {
      this.#classic.learn(labels.get(METRIC_NAME) ?? '', series.type, (name) => labels.get(name))
    }
    for (const { series, labels } of labelled) this.#addSeries(series, labels)
    for (const family of this.#families.values()) this.#endFamily(family)
    return {
      payload: this.#write(),
      items: this.#items,
      undelivered: [...this.#undelivered].map(([reason, items]) => ({ reason, items })),
    }
  }

  #addSeries(series: ReadSeries, labels: ReadonlyMap<string, string>): void {
    const name = labels.get(METRIC_NAME) ?? ''
    const target = this.#targetOf(labels)
    if (name === 'target_info') {
      Object.assign(target.attributes, toAttributes(labels, []))
      return
    }
    const scope = scopeOf(target, labels)
    for (const histogram of series.histograms) this.#addNative(scope, name, { series, labels, histogram })
    if (series.samples.length === 0) return
    const member = this.#classic.find(name, series.type, (label) => labels.get(label))
    if (member !== undefined) {
      this.#addToFamily(member, scope, series, labels)
      return
    }
    for (const [i, sample] of series.samples.entries()) {
      const exemplars = i === series.samples.length - 1 ? series.exemplars : []
      this.#addNumber(scope, series, sample, exemplars)
    }
  }

  #addNumber(scope: Scope, series: ReadSeries, sample: ReadSample, exemplars: ReadSeries['exemplars']): void {
    const labels = new Map(series.labels)
    const name = labels.get(METRIC_NAME) ?? ''
    const { kind, monotonic } = toNumberKind(series.type, name)
    const metric = metricOf(scope, { name, kind, monotonic, description: series.help, unit: series.unit })
    const { timestampMs: timeMs, startTimestampMs, stale, value } = sample
    // Only sums have a beginning.
    const startMs = kind === 'sum' ? startTimestampMs : 0
    metric.points.push(
      encodeNumberPoint({ timeMs, startMs, attributes: toAttributes(labels, []), stale, exemplars }, value),
    )
    this.#items += 1
  }

  #addNative(
    scope: Scope,
    name: string,
    {
      series,
      labels,
      histogram,
    }: {
      readonly series: ReadSeries
      readonly labels: ReadonlyMap<string, string>
      readonly histogram: ReadSeries['histograms'][number]
    },
  ): void {
    const native = nativeToOtlp(histogram)
    if (native.t === 'none') {
      this.#undelivered.set(native.reason, (this.#undelivered.get(native.reason) ?? 0) + 1)
      return
    }
    const head: PointHead = {
      timeMs: histogram.timestampMs,
      startMs: histogram.startTimestampMs ?? 0,
      attributes: toAttributes(labels, []),
      // A stale marker stands in the sum, and nothing else is in the histogram.
      stale: Number.isNaN(histogram.sum) && native.value.count === 0,
      exemplars: histogram === series.histograms.at(-1) ? series.exemplars : [],
    }
    const about = { name, monotonic: false, description: series.help, unit: series.unit }
    if (native.t === 'explicit') {
      metricOf(scope, { ...about, kind: 'histogram' }).points.push(encodeHistogramPoint(head, native.value))
    } else {
      metricOf(scope, { ...about, kind: 'exponential' }).points.push(encodeExponentialPoint(head, native.value))
    }
    this.#items += 1
  }

  #addToFamily(member: FamilyMember, scope: Scope, series: ReadSeries, labels: ReadonlyMap<string, string>): void {
    const attributes = toAttributes(labels, member.kind === 'histogram' ? ['le'] : ['quantile'])
    const { job = '', instance = '' } = Object.fromEntries(labels)
    const key = JSON.stringify([member.kind, member.name, job, instance, scope.name, scope.version, attributes])
    let family = this.#families.get(key)
    if (family === undefined) {
      family = { member, scope, attributes, unit: series.unit, description: series.help, points: new Map() }
      this.#families.set(key, family)
    }
    for (const sample of series.samples) {
      const point = family.points.get(sample.timestampMs) ?? new FamilyPoint()
      family.points.set(sample.timestampMs, point)
      point.add(member.part, sample, series)
    }
    const last = series.samples.at(-1)
    if (last !== undefined) family.points.get(last.timestampMs)?.exemplars.push(...series.exemplars)
  }

  #endFamily({ member, scope, attributes, unit, description, points }: Family): void {
    const { kind, name } = member
    for (const [timeMs, point] of points) {
      const head = { timeMs, startMs: point.startMs, attributes, stale: point.stale, exemplars: point.exemplars }
      const histogram = kind === 'histogram' ? point.toHistogram() : undefined
      const summary = kind === 'summary' ? point.toSummary() : undefined
      const about = { name, monotonic: false, description, unit }
      if (histogram !== undefined) {
        metricOf(scope, { ...about, kind: 'histogram' }).points.push(encodeHistogramPoint(head, histogram))
        this.#items += 1
      } else if (summary !== undefined) {
        metricOf(scope, { ...about, kind: 'summary' }).points.push(encodeSummaryPoint(head, summary))
        this.#items += 1
      } else {
        for (const { series, sample } of point.sources) this.#addNumber(scope, series, sample, [])
      }
    }
  }

  #targetOf(labels: ReadonlyMap<string, string>): Target {
    const job = labels.get('job') ?? ''
    const instance = labels.get('instance') ?? ''
    const key = `${job}\0${instance}`
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const target: Target = { attributes: {}, scopes: new Map() }
    if (job !== '') target.attributes['service.name'] = job
    if (instance !== '') target.attributes['service.instance.id'] = instance
    for (const [attribute, part] of Object.entries(CANONICAL_RESOURCE_ATTRIBUTES)) {
      if (this.#identity[part] !== '') target.attributes[attribute] = this.#identity[part]
    }
    target.attributes['cluster_type'] = this.#identity.clusterType
    target.attributes['tenant_id'] = this.#identity.tenant
    this.#targets.set(key, target)
    return target
  }

  #write(): Uint8Array {
    const writer = new ProtoWriter(16_384)
    for (const { attributes, scopes } of this.#targets.values()) {
      if (scopes.size === 0) continue
      const resource = beginResourceBlock(writer, encodeResource(attributes))
      for (const scope of scopes.values()) {
        const block = beginScopeBlock(writer, scope.name, scope.version === '' ? undefined : scope.version)
        for (const metric of scope.metrics.values()) writeMetric(writer, metric)
        writer.end(block)
      }
      writer.end(resource)
    }
    return writer.finish()
  }
}

function writeMetric(writer: ProtoWriter, { name, kind, monotonic, description, unit, points }: Metric): void {
  const metric = writer.begin(METRIC.field)
  writer.string(METRIC.name, name)
  if (description !== '') writer.string(METRIC.description, description)
  if (unit !== '') writer.string(METRIC.unit, unit)
  const data = writer.begin(DATA[kind])
  for (const point of points) writer.bytes(POINTS, point)
  if (kind === 'sum' || kind === 'histogram' || kind === 'exponential') writer.uint32(TEMPORALITY, CUMULATIVE)
  if (monotonic) writer.bool(IS_MONOTONIC, true)
  writer.end(data)
  writer.end(metric)
}

function metricOf(scope: Scope, about: Omit<Metric, 'points'>): Metric {
  const key = `${about.kind} ${String(about.monotonic)} ${about.name}`
  const known = scope.metrics.get(key)
  if (known !== undefined) return known
  const metric = { ...about, points: [] }
  scope.metrics.set(key, metric)
  return metric
}

function scopeOf(target: Target, labels: ReadonlyMap<string, string>): Scope {
  const name = labels.get('otel_scope_name') ?? ''
  const version = labels.get('otel_scope_version') ?? ''
  const key = `${name}\0${version}`
  const known = target.scopes.get(key)
  if (known !== undefined) return known
  const scope = { name, version, metrics: new Map<string, Metric>() }
  target.scopes.set(key, scope)
  return scope
}

/** What stands elsewhere: on the resource, in the scope, in the metric's name. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  METRIC_NAME,
  'job',
  'instance',
  'otel_scope_name',
  'otel_scope_version',
  ...Object.keys(CANONICAL_LABELS),
])

function toAttributes(labels: ReadonlyMap<string, string>, without: readonly string[]): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {}
  for (const [name, value] of labels) {
    if (!ELSEWHERE.has(name) && !without.includes(name)) attributes[name] = value
  }
  return attributes
}

/** Parts of an incomplete histogram only grow, but for its sum. */
function toNumberKind(type: ReadSeries['type'], name: string): { readonly kind: Kind; readonly monotonic: boolean } {
  switch (type) {
    case 'counter':
      return { kind: 'sum', monotonic: true }
    case 'histogram':
      return { kind: 'sum', monotonic: !name.endsWith('_sum') }
    case 'summary': {
      const isPart = name.endsWith('_count') || name.endsWith('_sum')
      return isPart ? { kind: 'sum', monotonic: name.endsWith('_count') } : { kind: 'gauge', monotonic: false }
    }
    case 'info':
    case 'stateset':
      return { kind: 'sum', monotonic: false }
    default:
      return { kind: 'gauge', monotonic: false }
  }
}
