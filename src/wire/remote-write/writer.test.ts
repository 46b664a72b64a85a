import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { METRIC_TYPES } from '../metric-type.ts'
import { type NativeHistogram, RESET_HINTS, RemoteWriteWriter } from './index.ts'
import { readRemoteWriteRequest } from './testing/read-request.ts'

// The official definition (2.0-rc.4), field for field.
const Request = protobuf
  .parse(
    `syntax = "proto3";
    message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
    message TimeSeries {
      repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
      repeated Exemplar exemplars = 4; Metadata metadata = 5;
    }
    message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
    message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
    message Metadata { uint32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
    message Histogram {
      oneof count { uint64 count_int = 1; double count_float = 2; }
      double sum = 3; sint32 schema = 4; double zero_threshold = 5;
      oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
      repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
      repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
      uint32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16; int64 start_timestamp = 17;
    }
    message BucketSpan { sint32 offset = 1; uint32 length = 2; }`,
    { keepCase: true },
  )
  .root.lookupType('Request')

interface Decoded {
  readonly symbols: readonly string[]
  readonly timeseries: readonly {
    readonly labels_refs: readonly number[]
    readonly samples: readonly object[]
    readonly histograms: readonly object[]
    readonly exemplars: readonly object[]
    readonly metadata: object | null
  }[]
}

function decode(bytes: Uint8Array): Decoded {
  const options = { longs: String, defaults: true, arrays: true }
  return Request.toObject(Request.decode(bytes), options) as unknown as Decoded
}

describe('RemoteWriteWriter', () => {
  it('writes what the official definition reads', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 })
    const ms = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            labels: fc.array(text, { maxLength: 40 }),
            value: fc.double({ noNaN: true }),
            ms,
            start: ms,
            text,
          }),
        ),
        (series) => {
          const writer = new RemoteWriteWriter()
          for (const one of series) {
            writer.beginSeries(one.labels)
            writer.sample(one.value, one.ms, one.start)
            writer.exemplar(one.labels, one.value, one.ms)
            writer.metadata('histogram', one.text, '')
            writer.endSeries()
          }
          const bytes = writer.finish()
          const { symbols, timeseries } = decode(bytes)
          expect(symbols[0]).toBe('')
          expect(new Set(symbols).size).toBe(symbols.length)
          expect(bytes).toHaveLength(writer.byteLength)
          expect(timeseries.map(({ labels_refs }) => labels_refs.map((ref) => symbols[ref]))).toEqual(
            series.map(({ labels }) => labels),
          )
          expect(timeseries.map(({ samples }) => samples)).toEqual(
            series.map((one) => [{ value: one.value, timestamp: String(one.ms), start_timestamp: String(one.start) }]),
          )
          expect(timeseries.map(({ exemplars, labels_refs }) => [exemplars, labels_refs])).toEqual(
            series.map((one, i) => {
              const labels_refs = timeseries[i]?.labels_refs
              return [[{ labels_refs, value: one.value, timestamp: String(one.ms) }], labels_refs]
            }),
          )
          expect(timeseries.map(({ metadata }) => metadata)).toEqual(
            series.map((one) => ({ type: 3, help_ref: symbols.indexOf(one.text), unit_ref: 0 })),
          )
        },
      ),
    )
  })

  it('numbers the types of metrics as the definition does', () => {
    const writer = new RemoteWriteWriter()
    for (const type of METRIC_TYPES) {
      writer.beginSeries(['__name__', 'a'])
      writer.metadata(type, 'help', 'seconds')
      writer.endSeries()
    }
    expect(decode(writer.finish()).timeseries.map(({ metadata }) => metadata)).toEqual(
      METRIC_TYPES.map((_, type) => ({ type, help_ref: 3, unit_ref: 4 })),
    )
    expect(RESET_HINTS).toEqual(['unspecified', 'yes', 'no', 'gauge'])
  })

  it('writes native histograms of integers', () => {
    const histogram: NativeHistogram = {
      timestampMs: 1_700_000_000_000,
      startTimestampMs: 1_600_000_000_000,
      schema: -4,
      zeroThreshold: 1e-128,
      sum: -7.5,
      resetHint: 'no',
      negativeSpans: [{ offset: -3, length: 1 }],
      positiveSpans: [
        { offset: 2, length: 2 },
        { offset: 1, length: 1 },
      ],
      counts: {
        kind: 'integer',
        count: 2n ** 63n,
        zeroCount: 3n,
        negativeDeltas: [5n],
        positiveDeltas: [1n, -1n, 2n ** 62n],
      },
    }
    expect(decode(writeHistogram(histogram)).timeseries[0]?.histograms).toEqual([
      {
        count_int: '9223372036854775808',
        sum: -7.5,
        schema: -4,
        zero_threshold: 1e-128,
        zero_count_int: '3',
        negative_spans: [{ offset: -3, length: 1 }],
        negative_deltas: ['5'],
        negative_counts: [],
        positive_spans: [
          { offset: 2, length: 2 },
          { offset: 1, length: 1 },
        ],
        positive_deltas: ['1', '-1', '4611686018427387904'],
        positive_counts: [],
        reset_hint: 2,
        timestamp: '1700000000000',
        custom_values: [],
        start_timestamp: '1600000000000',
      },
    ])
  })

  it('writes native histograms of floats with custom bounds', () => {
    const histogram: NativeHistogram = {
      timestampMs: 1,
      schema: -53,
      zeroThreshold: 0,
      sum: 0,
      resetHint: 'gauge',
      negativeSpans: [],
      positiveSpans: [{ offset: 0, length: 2 }],
      counts: { kind: 'float', count: 1.5, zeroCount: 0, negativeCounts: [], positiveCounts: [0.5, 1] },
      customValues: [0.1, 10],
    }
    expect(decode(writeHistogram(histogram)).timeseries[0]?.histograms).toMatchObject([
      { count_float: 1.5, schema: -53, zero_count_float: 0, positive_counts: [0.5, 1], custom_values: [0.1, 10] },
    ])
  })

  it('keeps the stale marker, other NaNs and minus zero apart', () => {
    const writer = new RemoteWriteWriter()
    writer.beginSeries(['__name__', 'a'])
    writer.staleMarker(1)
    writer.sample(NaN, 2)
    writer.sample(-0, 3)
    writer.sample(0, 4)
    writer.endSeries()
    expect(writer.items).toBe(4)
    const bytes = writer.finish()
    expect(readRemoteWriteRequest(bytes)[0]?.samples.map(({ value }) => value)).toEqual(['stale', NaN, -0, 0])
    expect(Buffer.from(bytes).includes(Buffer.from([2, 0, 0, 0, 0, 0, 0xf0, 0x7f]))).toBe(true)
    expect(Buffer.from(bytes).includes(Buffer.from([1, 0, 0, 0, 0, 0, 0xf8, 0x7f]))).toBe(true)
  })
})

function writeHistogram(histogram: NativeHistogram): Uint8Array {
  const writer = new RemoteWriteWriter()
  writer.beginSeries(['__name__', 'a'])
  writer.histogram(histogram)
  writer.endSeries()
  return writer.finish()
}
