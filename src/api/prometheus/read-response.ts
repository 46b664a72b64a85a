import {
  type FloatHistogram,
  labelValue,
  type ResetHint,
  type SeriesSamples,
  sortedNames,
  spansOf,
} from '../../query/index.ts'
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { BYTES, FIXED64, ProtoWriter } from '../../wire/index.ts'

/*
 * prometheus.ReadResponse: results = 1 (repeated QueryResult: timeseries = 1). TimeSeries: labels = 1 (name = 1,
 * value = 2), samples = 2 (value = 1, timestamp = 2), histograms = 4. Histogram: count_float = 2, sum = 3, schema = 4,
 * zero_threshold = 5, zero_count_float = 7, negative_spans = 8, negative_counts = 10, positive_spans = 11,
 * positive_counts = 13, reset_hint = 14, timestamp = 15, custom_values = 16. BucketSpan: offset = 1 (sint32), length = 2.
 */

const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge']

/** Of series that are encoded already, for each query in the order of the queries. */
export function writeReadResponse(results: readonly (readonly Uint8Array[])[]): Uint8Array {
  const writer = new ProtoWriter()
  for (const series of results) {
    const result = writer.begin(1)
    for (const one of series) writer.bytes(1, one)
    writer.end(result)
  }
  return writer.finish()
}

/** A TimeSeries; empty if it has no samples. */
export function encodeTimeSeries(series: SeriesSamples): Uint8Array {
  const { timesMs, values, histograms } = series
  if (timesMs.length === 0 && histograms === undefined) return new Uint8Array()
  const writer = new ProtoWriter(1_024)
  writeLabels(writer, series)
  timesMs.forEach((time, i) => {
    const sample = writer.begin(2)
    writer.double(1, values[i] ?? NaN)
    writer.int64(2, time)
    writer.end(sample)
  })
  histograms?.values.forEach((histogram, i) => {
    const at = histograms.timesMs[i] ?? 0
    if (histogram === undefined) writeStale(writer, at)
    else writeHistogram(writer, histogram, at)
  })
  return writer.finish()
}

/** Field 1 of TimeSeries and of ChunkedSeries. */
export function writeLabels(writer: ProtoWriter, { labels }: Pick<SeriesSamples, 'labels'>): void {
  for (const name of sortedNames(labels)) {
    const label = writer.begin(1)
    writer.string(1, name)
    writer.string(2, labelValue(labels, name))
    writer.end(label)
  }
}

/** The sum is the marker. */
function writeStale(writer: ProtoWriter, timeMs: number): void {
  const message = writer.begin(4)
  writer.tag(3, FIXED64)
  writer.rawHalves(STALE_NAN_LOW, STALE_NAN_HIGH)
  writer.int64(15, timeMs)
  writer.end(message)
}

function writeHistogram(writer: ProtoWriter, histogram: FloatHistogram, timeMs: number): void {
  const message = writer.begin(4)
  writer.double(2, histogram.count)
  writer.double(3, histogram.sum)
  writer.sint32(4, histogram.schema)
  writer.double(5, histogram.zeroThreshold)
  writer.double(7, histogram.zeroCount)
  writeBuckets(writer, histogram.negative, 8)
  writeBuckets(writer, histogram.positive, 11)
  writer.uint32(14, HINTS.indexOf(histogram.resetHint))
  writer.int64(15, timeMs)
  writeDoubles(writer, 16, histogram.customValues)
  writer.end(message)
}

function writeBuckets(writer: ProtoWriter, buckets: FloatHistogram['positive'], spansField: number): void {
  const { offsets, lengths } = spansOf(buckets)
  offsets.forEach((offset, i) => {
    const span = writer.begin(spansField)
    writer.sint32(1, offset)
    writer.uint32(2, lengths[i] ?? 0)
    writer.end(span)
  })
  writeDoubles(writer, spansField + 2, buckets.counts)
}

function writeDoubles(writer: ProtoWriter, field: number, values: ArrayLike<number>): void {
  if (values.length === 0) return
  writer.tag(field, BYTES)
  writer.varint32(8 * values.length)
  for (let i = 0; i < values.length; i++) writer.rawDouble(values[i] ?? 0)
}
