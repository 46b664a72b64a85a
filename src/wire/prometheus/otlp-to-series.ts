import type { Identity } from '../../model/index.ts'
import type { MetricType } from '../metric-type.ts'
import {
  hasNoValue,
  type ReadExemplar,
  type ReadExponentialPoint,
  type ReadHistogramPoint,
  type ReadMetric,
  type ReadMetricPoint,
  type ReadResource,
  type ReadSummaryPoint,
  readMetricPoints,
  toPlainText,
} from '../otlp/read/index.ts'
import { DeltaSums } from './delta-sums.ts'
import { addHistograms, type ExponentialHistogram, isStorable, MAX_SCALE, rescale } from './exponential.ts'
import { toNative } from './exponential-to-native.ts'
import { formatBound } from './format-bound.ts'
import { type NameStrategy, type OtlpMetricKind, toMetricName, toMetricUnit } from './metric-names.ts'
import { type LabelOptions, OtlpLabels } from './otlp-labels.ts'
import { type MetricAbout, type PendingEntry, PendingSeries, type WrittenSeries } from './pending-series.ts'

export interface OtlpMetrics {
  readonly payload: Uint8Array
  readonly identity: Identity
}

/** Running totals of deltas, by series; more than these and the one that was silent longest begins anew. */
const MAX_DELTA_SERIES = 200_000
const MAX_TARGETS = 100_000
/** OpenMetrics allows an exemplar's labels this many characters, names and values together. */
const EXEMPLAR_RUNES = 128
const MAX_NAMES = 50_000

/**
 * OTLP metrics as Prometheus series, as Prometheus itself translates them: names with unit and type, `job` and
 * `instance`, `target_info`, classic histograms, native ones for exponential histograms, stale markers. What arrives as
 * deltas is added up; the totals live in this object, so that a new one begins with a counter reset.
 */
export class OtlpToSeries {
  readonly #options: LabelOptions
  readonly #numbers = new DeltaSums<number>(MAX_DELTA_SERIES, (total, delta) => total + delta)
  readonly #exponentials = new DeltaSums<ExponentialHistogram>(MAX_DELTA_SERIES, addHistograms)
  /** When each target was last told of. */
  readonly #targets = new Map<string, number>()
  readonly #labels: OtlpLabels
  /** Names and units of metrics, by what they are made of. */
  readonly #metrics = new Map<string, MetricWords>()

  constructor(options: LabelOptions) {
    this.#options = options
    this.#labels = new OtlpLabels(options)
  }

  /** Throws AppError `invalid` for damaged bytes. */
  translate(batches: readonly OtlpMetrics[]): WrittenSeries {
    const pending = new PendingSeries()
    // Read before anything is added up: a damaged batch must not leave traces of its neighbours.
    const requests = batches.map(({ payload, identity }) => ({ identity, points: [...readMetricPoints(payload)] }))
    for (const { identity, points } of requests) {
      this.#labels.beginRequest(identity)
      const request = new RequestTranslator(pending, {
        names: this.#options.names,
        labels: this.#labels,
        metrics: this.#metrics,
        numbers: this.#numbers,
        exponentials: this.#exponentials,
        targets: this.#targets,
      })
      for (const point of points) request.point(point)
      request.end()
    }
    if (this.#targets.size > MAX_TARGETS) this.#targets.clear()
    if (this.#metrics.size > MAX_NAMES) this.#metrics.clear()
    return pending.write()
  }
}

interface State {
  readonly names: NameStrategy
  readonly labels: OtlpLabels
  readonly metrics: Map<string, MetricWords>
  readonly numbers: DeltaSums<number>
  readonly exponentials: DeltaSums<ExponentialHistogram>
  readonly targets: Map<string, number>
}

/** What Prometheus calls a metric; the name is undefined where none can be made. */
interface MetricWords {
  readonly name: string | undefined
  readonly about: MetricAbout
}

const KINDS: Readonly<Record<OtlpMetricKind, MetricType>> = {
  gauge: 'gauge',
  counter: 'counter',
  updowncounter: 'gauge',
  histogram: 'histogram',
  exponential_histogram: 'histogram',
  summary: 'summary',
}

/** The data points of one request, in the words of Prometheus. */
class RequestTranslator {
  readonly #pending: PendingSeries
  readonly #state: State
  /** By identity of the object: all points of a resource have the same. */
  #resource: ReadResource | undefined
  #latestMs = 0

  constructor(pending: PendingSeries, state: State) {
    this.#pending = pending
    this.#state = state
  }

  point(read: ReadMetricPoint): void {
    if (read.resource !== this.#resource) {
      this.end()
      this.#resource = read.resource
      this.#state.labels.beginResource(read.resource.attributes)
    }
    const { metric, point } = read
    if (point.timeNs === 0n) {
      this.#pending.reject('no_time')
      return
    }
    const kind = kindOf(read)
    const { name, about } = this.#wordsOf(metric, kind)
    if (name === undefined) {
      this.#pending.reject('no_name')
      return
    }
    if (read.kind !== 'gauge' && read.kind !== 'summary' && metric.temporality === 'unspecified') {
      this.#pending.reject('bad_temporality')
      return
    }
    const timeMs = toMs(point.timeNs)
    this.#latestMs = Math.max(this.#latestMs, timeMs)
    this.#state.labels.beginPoint(point.attributes, read.scope)
    const base: PointPlace = {
      name,
      about,
      timeMs,
      // What has no end has no beginning; and the total of deltas begins with us.
      startMs: read.kind === 'gauge' || metric.temporality === 'delta' ? 0 : toMs(point.startTimeNs),
      isDelta: metric.temporality === 'delta',
      stale: hasNoValue(point),
    }
    switch (read.kind) {
      case 'gauge':
      case 'sum': {
        if (read.point.value === undefined && !base.stale) {
          this.#pending.reject('no_value')
          return
        }
        const series = this.#push(base, '', Number(read.point.value ?? 0))
        if (kind === 'counter') this.#pushExemplars(series, base, read.point.exemplars)
        return
      }
      case 'histogram': {
        this.#histogram(base, read.point)
        return
      }
      case 'exponential-histogram': {
        this.#exponential(base, read.point)
        return
      }
      case 'summary': {
        this.#summary(base, read.point)
        return
      }
    }
  }

  /** One sample of `target_info` for the resource, at the time of its latest point. */
  end(): void {
    const timeMs = this.#latestMs
    this.#latestMs = 0
    const target = this.#resource === undefined || timeMs === 0 ? undefined : this.#state.labels.targetInfo()
    // Requests of one target may come out of order by moments, and Prometheus refuses what is not newer.
    if (target === undefined || timeMs <= (this.#state.targets.get(target.key) ?? 0)) return
    this.#state.targets.set(target.key, timeMs)
    const about: MetricAbout = { type: 'gauge', unit: '', help: 'Target metadata' }
    this.#pending.get(target, about).samples.push({ timeMs, startMs: 0, value: 1 })
  }

  #wordsOf({ name, unit, description }: ReadMetric, kind: OtlpMetricKind): MetricWords {
    const { metrics, names } = this.#state
    const key = `${kind}\u0000${unit}\u0000${name}\u0000${description}`
    const known = metrics.get(key)
    if (known !== undefined) return known
    const words = {
      name: toMetricName(name, unit, kind, names),
      about: { type: KINDS[kind], unit: toMetricUnit(unit), help: description },
    }
    metrics.set(key, words)
    return words
  }

  /** Adds to one series of the point; undefined, and counted, when a delta came too late. */
  #push(place: PointPlace, suffix: string, value: number, extra?: readonly [string, string]): PendingEntry | undefined {
    const series = this.#pending.get(this.#state.labels.series(place.name + suffix, extra), place.about)
    const { timeMs, startMs, stale, isDelta } = place
    if (stale) series.samples.push({ timeMs, startMs: 0, value: 'stale' })
    else {
      const total = isDelta ? this.#state.numbers.add(series.name.key, timeMs, value) : value
      if (total === undefined) {
        // All series of a point have the same times: it is counted once, for the first.
        if (suffix === '' || suffix === '_count') this.#pending.reject('delta_out_of_order')
        return undefined
      }
      series.samples.push({ timeMs, startMs, value: total })
    }
    return series
  }

  #histogram(place: PointPlace, point: ReadHistogramPoint): void {
    const { bounds, bucketCounts, count, sum } = point
    const isWhole = bucketCounts.length === bounds.length + 1 || (bounds.length === 0 && bucketCounts.length === 0)
    const isOrdered = bounds.every((bound, i) => !Number.isNaN(bound) && (i === 0 || bound > (bounds[i - 1] ?? bound)))
    if (!isWhole || !isOrdered) {
      this.#pending.reject('bad_histogram')
      return
    }
    if (this.#push(place, '_count', Number(count)) === undefined) return
    if (sum !== undefined) this.#push(place, '_sum', sum)
    let cumulative = 0n
    const buckets: { readonly bound: number; readonly series: PendingEntry | undefined }[] = []
    for (const [i, bound] of bounds.entries()) {
      cumulative += bucketCounts[i] ?? 0n
      if (bound === Infinity) break
      const series = this.#push(place, '_bucket', Number(cumulative), ['le', formatBound(bound)])
      buckets.push({ bound, series })
    }
    buckets.push({ bound: Infinity, series: this.#push(place, '_bucket', Number(count), ['le', '+Inf']) })
    for (const exemplar of point.exemplars) {
      const bucket = buckets.find(({ bound }) => Number(exemplar.value) <= bound)
      this.#pushExemplars(bucket?.series, place, [exemplar])
    }
  }

  #exponential(place: PointPlace, point: ReadExponentialPoint): void {
    const { timeMs, startMs, stale, isDelta } = place
    if (stale) {
      const series = this.#pending.get(this.#state.labels.series(place.name), place.about)
      // A stale marker of floats ends a series of histograms too.
      series.samples.push({ timeMs, startMs: 0, value: 'stale' })
      return
    }
    const read: ExponentialHistogram = {
      scale: point.scale,
      count: Number(point.count),
      sum: point.sum ?? 0,
      zeroThreshold: point.zeroThreshold,
      zeroCount: Number(point.zeroCount),
      positive: { offset: point.positive.offset, counts: point.positive.counts.map(Number) },
      negative: { offset: point.negative.offset, counts: point.negative.counts.map(Number) },
    }
    if (point.sum === undefined) {
      this.#pending.reject('no_sum')
      return
    }
    if (!isStorable(read)) {
      this.#pending.reject('bad_histogram')
      return
    }
    const series = this.#pending.get(this.#state.labels.series(place.name), place.about)
    const scaled = rescale(read, MAX_SCALE)
    const total = isDelta ? this.#state.exponentials.add(series.name.key, timeMs, scaled) : scaled
    if (total === undefined) {
      this.#pending.reject('delta_out_of_order')
      return
    }
    series.samples.push({ timeMs, startMs, value: toNative(total, timeMs, startMs) })
    this.#pushExemplars(series, place, point.exemplars)
  }

  #summary(place: PointPlace, { count, sum, quantiles }: ReadSummaryPoint): void {
    this.#push(place, '_sum', sum)
    this.#push(place, '_count', Number(count))
    for (const { quantile, value } of quantiles) {
      this.#push({ ...place, startMs: 0 }, '', value, ['quantile', formatBound(quantile)])
    }
  }

  #pushExemplars(series: PendingEntry | undefined, place: PointPlace, exemplars: readonly ReadExemplar[]): void {
    for (const exemplar of exemplars) {
      const labels = this.#exemplarLabels(exemplar)
      const timeMs = exemplar.timeNs === 0n ? place.timeMs : toMs(exemplar.timeNs)
      series?.exemplars.push({ labels, value: Number(exemplar.value), timeMs })
    }
  }

  #exemplarLabels({ traceId, spanId, attributes }: ReadExemplar): readonly string[] {
    const labels = new Map<string, string>()
    const others = [...attributes].map(
      ([name, value]) => [this.#state.labels.labelName(name), toPlainText(value)] as const,
    )
    let runes = 0
    for (const [name, value] of [['trace_id', traceId] as const, ['span_id', spanId] as const, ...others]) {
      const length = Array.from(name).length + Array.from(value).length
      if (name === '' || value === '' || labels.has(name) || runes + length > EXEMPLAR_RUNES) continue
      labels.set(name, value)
      runes += length
    }
    return [...labels].flat()
  }
}

/** What the series of one data point have in common. */
interface PointPlace {
  readonly name: string
  readonly about: MetricAbout
  readonly timeMs: number
  readonly startMs: number
  readonly isDelta: boolean
  readonly stale: boolean
}

function kindOf({
  kind,
  metric,
}: {
  readonly kind: ReadMetricPoint['kind']
  readonly metric: ReadMetric
}): OtlpMetricKind {
  switch (kind) {
    case 'gauge':
    case 'histogram':
    case 'summary':
      return kind
    case 'sum':
      return metric.monotonic ? 'counter' : 'updowncounter'
    case 'exponential-histogram':
      return 'exponential_histogram'
  }
}

function toMs(ns: bigint): number {
  return Number(ns / 1_000_000n)
}
