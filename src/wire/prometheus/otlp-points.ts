import { type Attributes, writeAttribute, writeAttributes } from '../otlp/write/attributes.ts'
import { ProtoWriter } from '../proto/index.ts'
import type { ReadSeriesExemplar } from '../remote-write/index.ts'

/** What all kinds of OTLP data points have. Times in ms since the epoch; a start of 0 is unknown. */
export interface PointHead {
  readonly timeMs: number
  readonly startMs: number
  readonly attributes: Attributes
  /** The series has ended. */
  readonly stale: boolean
  readonly exemplars: readonly ReadSeriesExemplar[]
}

export interface HistogramValue {
  readonly count: number
  readonly sum: number | undefined
  /** One more than bounds, or none of either. */
  readonly bucketCounts: readonly number[]
  readonly bounds: readonly number[]
}

export interface ExponentialValue {
  readonly count: number
  readonly sum: number
  readonly scale: number
  readonly zeroCount: number
  readonly zeroThreshold: number
  readonly positive: { readonly offset: number; readonly counts: readonly number[] }
  readonly negative: { readonly offset: number; readonly counts: readonly number[] }
}

export interface SummaryValue {
  readonly count: number
  readonly sum: number
  readonly quantiles: readonly (readonly [quantile: number, value: number])[]
}

/** `DataPointFlags`. */
const NO_RECORDED_VALUE = 1
const START = 2
const TIME = 3
const NUMBER = { double: 4, exemplars: 5, attributes: 7, flags: 8 } as const
const HISTOGRAM = { count: 4, sum: 5, counts: 6, bounds: 7, exemplars: 8, attributes: 9, flags: 10 } as const
const EXPONENTIAL = {
  attributes: 1,
  count: 4,
  sum: 5,
  scale: 6,
  zeroCount: 7,
  positive: 8,
  negative: 9,
  flags: 10,
  exemplars: 11,
  zeroThreshold: 14,
} as const
const BUCKETS = { offset: 1, counts: 2 } as const
const SUMMARY = { count: 4, sum: 5, quantiles: 6, attributes: 7, flags: 8 } as const
const QUANTILE = { quantile: 1, value: 2 } as const
const EXEMPLAR = { time: 2, double: 3, spanId: 4, traceId: 5, attributes: 7 } as const

interface HeadFields {
  readonly attributes: number
  readonly flags: number
  readonly exemplars?: number
}

/** Each returns the body of one data point. */
export function encodeNumberPoint(head: PointHead, value: number): Uint8Array {
  const writer = new ProtoWriter(128)
  writeHead(writer, head, NUMBER)
  if (!head.stale) writer.double(NUMBER.double, value)
  return writer.finish()
}

export function encodeHistogramPoint(head: PointHead, value: HistogramValue): Uint8Array {
  const writer = new ProtoWriter(256)
  writeHead(writer, head, HISTOGRAM)
  writer.fixed64(HISTOGRAM.count, BigInt(value.count))
  if (value.sum !== undefined) writer.double(HISTOGRAM.sum, value.sum)
  packed(writer, HISTOGRAM.counts, value.bucketCounts, (count) => writer.rawFixed64(BigInt(count)))
  packed(writer, HISTOGRAM.bounds, value.bounds, (bound) => writer.rawDouble(bound))
  return writer.finish()
}

export function encodeExponentialPoint(head: PointHead, value: ExponentialValue): Uint8Array {
  const writer = new ProtoWriter(256)
  writeHead(writer, head, EXPONENTIAL)
  writer.fixed64(EXPONENTIAL.count, BigInt(value.count))
  writer.double(EXPONENTIAL.sum, value.sum)
  writer.sint32(EXPONENTIAL.scale, value.scale)
  writer.fixed64(EXPONENTIAL.zeroCount, BigInt(value.zeroCount))
  for (const [field, { offset, counts }] of [
    [EXPONENTIAL.positive, value.positive],
    [EXPONENTIAL.negative, value.negative],
  ] as const) {
    if (counts.length === 0) continue
    const message = writer.begin(field)
    writer.sint32(BUCKETS.offset, offset)
    packed(writer, BUCKETS.counts, counts, (count) => writer.varint64(BigInt(count)))
    writer.end(message)
  }
  writer.double(EXPONENTIAL.zeroThreshold, value.zeroThreshold)
  return writer.finish()
}

export function encodeSummaryPoint(head: PointHead, value: SummaryValue): Uint8Array {
  const writer = new ProtoWriter(256)
  writeHead(writer, head, SUMMARY)
  writer.fixed64(SUMMARY.count, BigInt(value.count))
  writer.double(SUMMARY.sum, value.sum)
  for (const [quantile, at] of value.quantiles) {
    const message = writer.begin(SUMMARY.quantiles)
    writer.double(QUANTILE.quantile, quantile)
    writer.double(QUANTILE.value, at)
    writer.end(message)
  }
  return writer.finish()
}

function writeHead(writer: ProtoWriter, head: PointHead, fields: HeadFields): void {
  if (head.startMs > 0) writer.fixed64(START, toNs(head.startMs))
  writer.fixed64(TIME, toNs(head.timeMs))
  writeAttributes(writer, fields.attributes, head.attributes)
  if (head.stale) writer.uint32(fields.flags, NO_RECORDED_VALUE)
  if (fields.exemplars === undefined) return
  for (const exemplar of head.exemplars) writeExemplar(writer, fields.exemplars, exemplar)
}

function writeExemplar(writer: ProtoWriter, field: number, { labels, value, timestampMs }: ReadSeriesExemplar): void {
  const message = writer.begin(field)
  writer.fixed64(EXEMPLAR.time, toNs(timestampMs))
  writer.double(EXEMPLAR.double, value)
  for (const [name, text] of labels) {
    if (name === 'trace_id' && /^[0-9a-f]{32}$/.test(text)) writer.bytes(EXEMPLAR.traceId, Buffer.from(text, 'hex'))
    else if (name === 'span_id' && /^[0-9a-f]{16}$/.test(text)) writer.bytes(EXEMPLAR.spanId, Buffer.from(text, 'hex'))
    else writeAttribute(writer, EXEMPLAR.attributes, name, text)
  }
  writer.end(message)
}

function packed(writer: ProtoWriter, field: number, values: readonly number[], write: (value: number) => void): void {
  if (values.length === 0) return
  const message = writer.begin(field)
  for (const value of values) write(value)
  writer.end(message)
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n
}
