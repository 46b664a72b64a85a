import protobuf from 'protobufjs'

/**
 * The messages of Prometheus' remote write for protobufjs, as an independent judge of our own readers and writers. The
 * field numbers and types are those of `prompb/remote.proto`, `prompb/types.proto` and
 * `prompb/io/prometheus/write/v2/types.proto`; nothing here is shared with the code under test.
 */
const REMOTE_WRITE_1 = `
syntax = "proto3";
message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
message TimeSeries {
  repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3;
  repeated Histogram histograms = 4;
}
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
message Histogram {
  oneof count { uint64 count_int = 1; double count_float = 2; }
  double sum = 3; sint32 schema = 4; double zero_threshold = 5;
  oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
  repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
  repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
  int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16;
}
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
`

const REMOTE_WRITE_2 = `
syntax = "proto3";
message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
message TimeSeries {
  repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
  repeated Exemplar exemplars = 4; Metadata metadata = 5;
}
message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
message Histogram {
  oneof count { uint64 count_int = 1; double count_float = 2; }
  double sum = 3; sint32 schema = 4; double zero_threshold = 5;
  oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
  repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
  repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
  int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16; int64 start_timestamp = 17;
}
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
`

/** `prometheus.WriteRequest` and `io.prometheus.write.v2.Request`. */
export const WRITE_REQUEST = protobuf.parse(REMOTE_WRITE_1).root.lookupType('WriteRequest')
export const REQUEST_2 = protobuf.parse(REMOTE_WRITE_2).root.lookupType('Request')

/** A series of either version with its labels spelt out; timestamps as decimal strings, absent fields absent. */
export interface PlainSeries {
  readonly labels: readonly (readonly [string, string])[]
  readonly samples?: readonly Readonly<Record<string, unknown>>[]
  readonly histograms?: readonly Readonly<Record<string, unknown>>[]
  readonly exemplars?: readonly {
    readonly labels: readonly (readonly [string, string])[]
    readonly value?: unknown
    readonly timestamp?: unknown
  }[]
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string }
}

export interface PlainFamily {
  readonly type?: number
  readonly metricFamilyName: string
  readonly help?: string
  readonly unit?: string
}

export function encodeWriteRequest(series: readonly PlainSeries[], metadata: readonly PlainFamily[] = []): Uint8Array {
  const spelt = (labels: readonly (readonly [string, string])[]): readonly unknown[] =>
    labels.map(([name, value]) => ({ name, value }))
  const timeseries = series.map(({ labels, samples, histograms, exemplars }) => ({
    labels: spelt(labels),
    ...(samples === undefined ? {} : { samples }),
    ...(histograms === undefined ? {} : { histograms }),
    exemplars: (exemplars ?? []).map((exemplar) => ({ ...exemplar, labels: spelt(exemplar.labels) })),
  }))
  return WRITE_REQUEST.encode(WRITE_REQUEST.fromObject({ timeseries, metadata })).finish()
}

export function encodeRequest2(series: readonly PlainSeries[], symbols: string[] = ['']): Uint8Array {
  const refer = (text: string): number => {
    const at = symbols.indexOf(text)
    return at >= 0 ? at : symbols.push(text) - 1
  }
  const timeseries = series.map(({ labels, samples = [], histograms = [], exemplars = [], metadata }) => ({
    labelsRefs: labels.flat().map(refer),
    samples,
    histograms,
    exemplars: exemplars.map((exemplar) => ({ ...exemplar, labelsRefs: exemplar.labels.flat().map(refer) })),
    ...(metadata === undefined
      ? {}
      : { metadata: { type: metadata.type, helpRef: refer(metadata.help), unitRef: refer(metadata.unit) } }),
  }))
  return REQUEST_2.encode(REQUEST_2.fromObject({ symbols, timeseries })).finish()
}

interface Raw {
  readonly symbols?: readonly string[]
  readonly timeseries?: readonly (Readonly<Record<string, unknown>> & {
    readonly labelsRefs?: readonly number[]
    readonly labels?: readonly { readonly name?: string; readonly value?: string }[]
    readonly exemplars?: readonly {
      readonly labelsRefs?: readonly number[]
      readonly labels?: readonly { readonly name?: string; readonly value?: string }[]
    }[]
    readonly metadata?: { readonly type?: number; readonly helpRef?: number; readonly unitRef?: number }
  })[]
  readonly metadata?: readonly PlainFamily[]
}

const AS_PLAIN = { longs: String, bytes: String } as const

export function decodeWriteRequest(bytes: Uint8Array): {
  readonly series: readonly PlainSeries[]
  readonly metadata: readonly PlainFamily[]
} {
  const { timeseries = [], metadata = [] } = WRITE_REQUEST.toObject(WRITE_REQUEST.decode(bytes), AS_PLAIN) as Raw
  const pairs = (labels: readonly { readonly name?: string; readonly value?: string }[] = []): [string, string][] =>
    labels.map(({ name = '', value = '' }) => [name, value])
  const series = timeseries.map(({ labels, exemplars, ...rest }) => ({
    ...rest,
    labels: pairs(labels),
    ...(exemplars === undefined
      ? {}
      : { exemplars: exemplars.map((exemplar) => ({ ...exemplar, labels: pairs(exemplar.labels) })) }),
  }))
  return { series: series as unknown as readonly PlainSeries[], metadata }
}

export function decodeRequest2(bytes: Uint8Array): readonly PlainSeries[] {
  const { symbols = [], timeseries = [] } = REQUEST_2.toObject(REQUEST_2.decode(bytes), AS_PLAIN) as Raw
  const pairs = (refs: readonly number[] = []): [string, string][] => {
    const texts = refs.map((ref) => symbols[ref] ?? '')
    return Array.from({ length: Math.floor(texts.length / 2) }, (_, i) => [texts[2 * i] ?? '', texts[2 * i + 1] ?? ''])
  }
  const series = timeseries.map(({ labelsRefs, exemplars, metadata, ...rest }) => ({
    ...rest,
    labels: pairs(labelsRefs),
    ...(exemplars === undefined
      ? {}
      : {
          exemplars: exemplars.map(({ labelsRefs: of, ...exemplar }) => ({ ...exemplar, labels: pairs(of) })),
        }),
    ...(metadata === undefined
      ? {}
      : {
          metadata: {
            type: metadata.type ?? 0,
            help: symbols[metadata.helpRef ?? 0] ?? '',
            unit: symbols[metadata.unitRef ?? 0] ?? '',
          },
        }),
  }))
  return series
}
