import { METRIC_TYPES, type MetricType } from '../metric-type.ts'
import { BYTES, ProtoWriter } from '../proto/index.ts'
import { BUCKET_SPAN, EXEMPLAR, HISTOGRAM, METADATA, REQUEST, SAMPLE, TIME_SERIES } from './fields.ts'
import { type BucketSpan, type NativeHistogram, RESET_HINTS } from './native-histogram.ts'

/** 64-bit patterns: a NaN's payload must not pass through a JavaScript number, which may lose it. */
const STALE_NAN_BITS = 0x7ff0000000000002n
const NORMAL_NAN_BITS = 0x7ff8000000000001n

/**
 * Writes one `io.prometheus.write.v2.Request`. For each series: `beginSeries`, then samples *or* histograms in order of
 * time, exemplars, metadata, then `endSeries`. Strings go into the table of symbols once. `finish` gives the bytes, the
 * symbols before the series, so that readers can do with one pass.
 */
export class RemoteWriteWriter {
  /** Samples and histograms written so far. */
  items = 0
  readonly #refs = new Map<string, number>()
  readonly #symbols = new ProtoWriter(4096)
  readonly #series = new ProtoWriter(16_384)
  #open = 0

  constructor() {
    this.#ref('')
  }

  /** What `finish` would return, in bytes. */
  get byteLength(): number {
    return this.#symbols.length + this.#series.length
  }

  /** Labels as name, value, name, value, …; sorted by name, unique, without empty values, `__name__` among them. */
  beginSeries(labels: readonly string[]): void {
    this.#open = this.#series.begin(REQUEST.timeseries)
    this.#labels(TIME_SERIES.labelsRefs, labels)
  }

  endSeries(): void {
    this.#series.end(this.#open)
  }

  /** Timestamps in integer milliseconds since the epoch; `startMs` is when the counter began to count, if known. */
  sample(value: number, timestampMs: number, startMs?: number): void {
    const message = this.#series.begin(TIME_SERIES.samples)
    this.#double(SAMPLE.value, value)
    this.#timestamp(SAMPLE.timestamp, timestampMs)
    this.#timestamp(SAMPLE.startTimestamp, startMs ?? 0)
    this.#series.end(message)
    this.items += 1
  }

  /** The sample that says that the series has ended. */
  staleMarker(timestampMs: number): void {
    const message = this.#series.begin(TIME_SERIES.samples)
    this.#series.fixed64(SAMPLE.value, STALE_NAN_BITS)
    this.#timestamp(SAMPLE.timestamp, timestampMs)
    this.#series.end(message)
    this.items += 1
  }

  histogram(histogram: NativeHistogram): void {
    const writer = this.#series
    const message = writer.begin(TIME_SERIES.histograms)
    if (histogram.counts.kind === 'integer') writer.int64(HISTOGRAM.countInt, histogram.counts.count)
    else writer.double(HISTOGRAM.countFloat, histogram.counts.count)
    this.#double(HISTOGRAM.sum, histogram.sum)
    writer.sint32(HISTOGRAM.schema, histogram.schema)
    this.#double(HISTOGRAM.zeroThreshold, histogram.zeroThreshold)
    this.#spans(HISTOGRAM.negativeSpans, histogram.negativeSpans)
    this.#spans(HISTOGRAM.positiveSpans, histogram.positiveSpans)
    this.#buckets(histogram)
    writer.uint32(HISTOGRAM.resetHint, RESET_HINTS.indexOf(histogram.resetHint))
    this.#timestamp(HISTOGRAM.timestamp, histogram.timestampMs)
    this.#doubles(HISTOGRAM.customValues, histogram.customValues ?? [])
    this.#timestamp(HISTOGRAM.startTimestamp, histogram.startTimestampMs ?? 0)
    writer.end(message)
    this.items += 1
  }

  /** Labels as for a series; they may be none. */
  exemplar(labels: readonly string[], value: number, timestampMs: number): void {
    const message = this.#series.begin(TIME_SERIES.exemplars)
    this.#labels(EXEMPLAR.labelsRefs, labels)
    this.#double(EXEMPLAR.value, value)
    this.#timestamp(EXEMPLAR.timestamp, timestampMs)
    this.#series.end(message)
  }

  metadata(type: MetricType, help: string, unit: string): void {
    const helpRef = this.#ref(help)
    const unitRef = this.#ref(unit)
    const message = this.#series.begin(TIME_SERIES.metadata)
    this.#series.uint32(METADATA.type, METRIC_TYPES.indexOf(type))
    if (helpRef !== 0) this.#series.uint32(METADATA.helpRef, helpRef)
    if (unitRef !== 0) this.#series.uint32(METADATA.unitRef, unitRef)
    this.#series.end(message)
  }

  /** The request. The writer must not be used afterwards. */
  finish(): Uint8Array {
    const bytes = new Uint8Array(this.byteLength)
    bytes.set(this.#symbols.view())
    bytes.set(this.#series.view(), this.#symbols.length)
    return bytes
  }

  #ref(text: string): number {
    const known = this.#refs.get(text)
    if (known !== undefined) return known
    const ref = this.#refs.size
    this.#refs.set(text, ref)
    this.#symbols.string(REQUEST.symbols, text)
    return ref
  }

  #labels(field: number, labels: readonly string[]): void {
    if (labels.length === 0) return
    const packed = this.#series.begin(field)
    for (const text of labels) this.#series.varint32(this.#ref(text))
    this.#series.end(packed)
  }

  /** Zero is what an absent field means; minus zero is not. */
  #double(field: number, value: number): void {
    if (Number.isNaN(value)) this.#series.fixed64(field, NORMAL_NAN_BITS)
    else if (!Object.is(value, 0)) this.#series.double(field, value)
  }

  #timestamp(field: number, timestampMs: number): void {
    if (timestampMs !== 0) this.#series.int64(field, timestampMs)
  }

  #buckets({ counts }: NativeHistogram): void {
    const writer = this.#series
    if (counts.kind === 'float') {
      writer.double(HISTOGRAM.zeroCountFloat, counts.zeroCount)
      this.#doubles(HISTOGRAM.negativeCounts, counts.negativeCounts)
      this.#doubles(HISTOGRAM.positiveCounts, counts.positiveCounts)
      return
    }
    writer.int64(HISTOGRAM.zeroCountInt, counts.zeroCount)
    this.#deltas(HISTOGRAM.negativeDeltas, counts.negativeDeltas)
    this.#deltas(HISTOGRAM.positiveDeltas, counts.positiveDeltas)
  }

  #spans(field: number, spans: readonly BucketSpan[]): void {
    for (const { offset, length } of spans) {
      const message = this.#series.begin(field)
      this.#series.sint32(BUCKET_SPAN.offset, offset)
      this.#series.uint32(BUCKET_SPAN.length, length)
      this.#series.end(message)
    }
  }

  #deltas(field: number, deltas: readonly bigint[]): void {
    if (deltas.length === 0) return
    const packed = this.#series.begin(field)
    for (const delta of deltas) this.#series.varint64(BigInt.asUintN(64, (delta << 1n) ^ (delta >> 63n)))
    this.#series.end(packed)
  }

  #doubles(field: number, values: readonly number[]): void {
    if (values.length === 0) return
    this.#series.tag(field, BYTES)
    this.#series.varint32(8 * values.length)
    for (const value of values) this.#series.rawDouble(value)
  }
}
