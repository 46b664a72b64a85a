import { BYTES, type ProtoReader, VARINT } from '../../wire/index.ts'
import type { BatchContext, RejectReason } from './batch-context.ts'
import type { SeriesDirectory } from './directories.ts'
import { ExponentialPoints } from './exponential-points.ts'
import { HistogramPoints } from './histogram-points.ts'
import type { MetadataDirectory } from './metadata-rows.ts'
import type { MetricCatalog, MetricHead } from './metric-catalog.ts'
import { NumberPoints } from './number-points.ts'
import type { OtlpMetricKind } from '../../wire/prometheus/index.ts'
import { OtlpSeries } from './otlp-series.ts'
import { type AttributeSet, type OtlpScope, type OtlpVisitor, walkOtlp } from './otlp-walk.ts'
import { ByteRange } from './payload.ts'
import { PointSink, type Totals } from './point-sink.ts'
import type { ResourceCatalog, ResourceLabels } from './resource-labels.ts'
import { SummaryPoints } from './summary-points.ts'
import type { Tables } from './tables.ts'

/** What the transcoding of OTLP metrics remembers from batch to batch. */
export interface OtlpMetricState {
  readonly series: SeriesDirectory
  readonly metadata: MetadataDirectory
  readonly metrics: MetricCatalog
  readonly resources: ResourceCatalog
  readonly totals: Totals
  /** Whether the instrumentation scope becomes labels. */
  readonly scopeLabels: boolean
}

/** The field numbers of Metric, and of the messages that hold its points. */
const NAME = 1
const DESCRIPTION = 2
const UNIT = 3
const GAUGE = 5
const SUM = 7
const HISTOGRAM = 9
const EXPONENTIAL_HISTOGRAM = 10
const SUMMARY = 11
const DATA_POINTS = 1
const TEMPORALITY = 2
const IS_MONOTONIC = 3

/** AggregationTemporality. */
const UNSPECIFIED = 0
const DELTA = 1

const TARGET_INFO = { name: 'target_info', type: 'gauge', unit: '', help: 'Target metadata' }

/** OTLP metrics → rows of `series`, `samples`, `histograms`, `exemplars` and `metric_metadata`. */
export function transcodeOtlpMetrics(tables: Tables, batch: BatchContext, state: OtlpMetricState): void {
  walkOtlp(batch.reader, new MetricTranscoder(tables, batch, state))
}

class MetricTranscoder implements OtlpVisitor {
  readonly #tables: Tables
  readonly #batch: BatchContext
  readonly #state: OtlpMetricState
  readonly #metric = new MetricRecord()
  readonly #series: OtlpSeries
  readonly #sink: PointSink
  readonly #numbers: NumberPoints
  readonly #histograms: HistogramPoints
  readonly #exponentials: ExponentialPoints
  readonly #summaries: SummaryPoints
  #resource: ResourceLabels | undefined

  constructor(tables: Tables, batch: BatchContext, state: OtlpMetricState) {
    this.#tables = tables
    this.#batch = batch
    this.#state = state
    this.#series = new OtlpSeries(tables, batch, state.series, state.scopeLabels)
    this.#sink = new PointSink(tables, batch, this.#series, state.totals)
    this.#numbers = new NumberPoints(this.#sink)
    this.#histograms = new HistogramPoints(this.#sink)
    this.#exponentials = new ExponentialPoints(this.#sink)
    this.#summaries = new SummaryPoints(this.#sink)
  }

  resource(attributes: AttributeSet): void {
    this.#resource = this.#state.resources.get(this.#batch, attributes)
    this.#series.beginResource(this.#resource)
    this.#sink.latestMs = -Infinity
  }

  scope(scope: OtlpScope): void {
    this.#series.beginScope(scope)
  }

  item(): void {
    const { reader } = this.#batch
    const metric = this.#metric
    metric.read(reader)
    if (metric.data.isEmpty) return
    const info = this.#state.metrics.get(reader, metric)
    if (info.metadata === undefined) {
      this.#rejectPoints('no_name')
      return
    }
    if (metric.hasTemporality && metric.temporality === UNSPECIFIED) {
      this.#rejectPoints('bad_temporality')
      return
    }
    if (this.#state.metadata.isDue(this.#batch, info.keyLow, info.keyHigh)) {
      this.#state.metadata.push(this.#tables, this.#batch, info.metadata)
    }
    this.#series.beginMetric(info.metadata.name, info)
    this.#eachPoint(() => {
      this.#transcodePoint()
    })
  }

  /** One sample of `target_info` a resource and export, at the time of its latest point. */
  endResource(): void {
    const ms = this.#sink.latestMs
    const resource = this.#resource
    const labels = resource?.targetInfo
    if (resource === undefined || labels === undefined || ms === -Infinity) return
    const { series, metadata } = this.#state
    const key = { low: resource.targetKeyLow, high: resource.targetKeyHigh, ms }
    series.resolve(this.#tables, this.#batch, key, { labels: () => labels })
    this.#sink.samples.push(series, ms, 1)
    if (metadata.isDue(this.#batch, 0, 0)) metadata.push(this.#tables, this.#batch, TARGET_INFO)
  }

  #transcodePoint(): void {
    const { reader } = this.#batch
    const isDelta = this.#metric.temporality === DELTA
    switch (this.#metric.kind) {
      case 'gauge':
        this.#numbers.transcode(reader, false, false)
        return
      case 'counter':
      case 'updowncounter':
        this.#numbers.transcode(reader, isDelta, this.#metric.kind === 'counter')
        return
      case 'histogram':
        this.#histograms.transcode(reader, isDelta)
        return
      case 'exponential_histogram':
        this.#exponentials.transcode(reader, isDelta)
        return
      case 'summary':
        this.#summaries.transcode(reader)
        return
    }
  }

  #rejectPoints(reason: RejectReason): void {
    this.#eachPoint(() => {
      this.#batch.reject(reason)
    })
  }

  /** Calls with the reader inside each data point of the metric. */
  #eachPoint(visit: () => void): void {
    const { reader } = this.#batch
    const { pos: outerPos, end: outerEnd } = reader
    reader.pos = this.#metric.data.start
    reader.end = this.#metric.data.end
    while (reader.next()) {
      if (reader.field !== DATA_POINTS) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      visit()
      reader.leave(outer)
    }
    reader.pos = outerPos
    reader.end = outerEnd
  }
}

/** What a Metric says beside its points, which may stand before it in the bytes. */
class MetricRecord implements MetricHead {
  readonly name = new ByteRange()
  readonly description = new ByteRange()
  readonly unit = new ByteRange()
  /** The Gauge, Sum, Histogram, …; empty where there is none or it is empty. */
  readonly data = new ByteRange()
  kind: OtlpMetricKind = 'gauge'
  temporality = UNSPECIFIED

  get hasTemporality(): boolean {
    return this.kind !== 'gauge' && this.kind !== 'summary'
  }

  read(reader: ProtoReader): void {
    this.name.clear()
    this.description.clear()
    this.unit.clear()
    this.data.clear()
    this.temporality = UNSPECIFIED
    let field = GAUGE
    while (reader.next()) {
      switch (reader.field) {
        case NAME:
          this.name.take(reader)
          break
        case DESCRIPTION:
          this.description.take(reader)
          break
        case UNIT:
          this.unit.take(reader)
          break
        case GAUGE:
        case SUM:
        case HISTOGRAM:
        case EXPONENTIAL_HISTOGRAM:
        case SUMMARY:
          field = reader.field
          this.data.take(reader)
          break
        default:
          reader.skip()
      }
    }
    const isMonotonic = this.#readData(reader)
    this.kind = kindOf(field, isMonotonic)
  }

  /** Reads the temporality and returns whether the sum is monotonic; of other data it is no matter. */
  #readData(reader: ProtoReader): boolean {
    const { pos: outerPos, end: outerEnd } = reader
    reader.pos = this.data.start
    reader.end = this.data.end
    let isMonotonic = false
    while (reader.next()) {
      if (reader.field === TEMPORALITY && reader.wireType === VARINT) this.temporality = reader.uint32()
      else if (reader.field === IS_MONOTONIC && reader.wireType === VARINT) isMonotonic = reader.bool()
      else reader.skip()
    }
    reader.pos = outerPos
    reader.end = outerEnd
    return isMonotonic
  }
}

function kindOf(field: number, isMonotonic: boolean): OtlpMetricKind {
  switch (field) {
    case SUM:
      return isMonotonic ? 'counter' : 'updowncounter'
    case HISTOGRAM:
      return 'histogram'
    case EXPONENTIAL_HISTOGRAM:
      return 'exponential_histogram'
    case SUMMARY:
      return 'summary'
    default:
      return 'gauge'
  }
}
