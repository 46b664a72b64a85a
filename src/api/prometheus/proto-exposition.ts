import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { type FloatHistogram, labelValue, sortedNames, spansOf } from '../../query/index.ts'
import { ProtoWriter } from '../../wire/index.ts'
import { LABEL, METRIC, underscored } from './exposition-names.ts'
import type { LatestSample } from './latest-sample.ts'

/*
 * Prometheus' protobuf format, the one that holds native histograms: io.prometheus.client.MetricFamily, each behind its
 * length. MetricFamily: name = 1, type = 3, metric = 4. Metric: label = 1 (name = 1, value = 2), untyped = 5 (value = 1),
 * timestamp_ms = 6, histogram = 7. Histogram: sample_count = 1, sample_sum = 2, bucket = 3 (upper_bound = 2,
 * cumulative_count_float = 4), sample_count_float = 4, schema = 5, zero_threshold = 6, zero_count_float = 8,
 * negative_span = 9, negative_count = 11, positive_span = 12, positive_count = 14. BucketSpan: offset = 1, length = 2.
 */
const UNTYPED = 3
const HISTOGRAM = 4
const GAUGE_HISTOGRAM = 5
const CUSTOM_BOUNDS = -53

/** Writes samples one after the other; those of a metric must come together. */
export function createProtoExposition({ utf8Names }: { readonly utf8Names: boolean }): {
  add(labels: Labels, sample: LatestSample): void
  finish(): Uint8Array
} {
  const out = new ProtoWriter(4_096)
  const family = new ProtoWriter(4_096)
  let current = ''
  const nameOf = (name: string, plain: RegExp): string => (utf8Names || plain.test(name) ? name : underscored(name))
  const end = (): void => {
    if (current === '') return
    out.varint32(family.view().length)
    out.raw(family.view())
    family.reset()
  }
  return {
    add: (labels, { timeMs, value, histogram }) => {
      const metric = labelValue(labels, METRIC_NAME)
      if (metric === '') return
      const type = typeOf(histogram)
      const key = `${String(type)} ${metric}`
      if (key !== current) {
        end()
        current = key
        family.string(1, nameOf(metric, METRIC))
        family.uint32(3, type)
      }
      const message = family.begin(4)
      for (const name of sortedNames(labels)) {
        if (name === METRIC_NAME) continue
        const label = family.begin(1)
        family.string(1, nameOf(name, LABEL))
        family.string(2, labelValue(labels, name))
        family.end(label)
      }
      if (histogram === undefined) {
        const untyped = family.begin(5)
        family.double(1, value)
        family.end(untyped)
      }
      family.int64(6, timeMs)
      if (histogram !== undefined) writeHistogram(family, histogram)
      family.end(message)
    },
    finish: () => {
      end()
      return out.finish()
    },
  }
}

function typeOf(histogram: FloatHistogram | undefined): number {
  if (histogram === undefined) return UNTYPED
  return histogram.resetHint === 'gauge' ? GAUGE_HISTOGRAM : HISTOGRAM
}

function writeHistogram(writer: ProtoWriter, histogram: FloatHistogram): void {
  const message = writer.begin(7)
  writer.double(2, histogram.sum)
  writer.double(4, histogram.count)
  if (histogram.schema === CUSTOM_BOUNDS) writeCustomBuckets(writer, histogram)
  else {
    writer.sint32(5, histogram.schema)
    writer.double(6, histogram.zeroThreshold)
    writer.double(8, histogram.zeroCount)
    writeBuckets(writer, histogram.negative, 9)
    writeBuckets(writer, histogram.positive, 12)
    // Without any span a reader would take it for a classic one.
    if (histogram.positive.counts.length + histogram.negative.counts.length === 0) writer.end(writer.begin(12))
  }
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
  for (const count of buckets.counts) writer.double(spansField + 2, count)
}

/** The format has no custom bounds; they are the buckets of a classic histogram. */
function writeCustomBuckets(writer: ProtoWriter, { positive, customValues }: FloatHistogram): void {
  let at = 0
  let cumulative = 0
  const bounds = [...customValues, Infinity]
  bounds.forEach((bound, index) => {
    while (at < positive.indexes.length && (positive.indexes[at] ?? 0) <= index)
      cumulative += positive.counts[at++] ?? 0
    const bucket = writer.begin(3)
    writer.double(2, bound)
    writer.double(4, cumulative)
    writer.end(bucket)
  })
}
