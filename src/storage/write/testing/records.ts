import protobuf from 'protobufjs'
import type { Identity, PayloadFormat, Signal } from '../../../model/index.ts'
import { jsonToOtlp } from '../../../wire/index.ts'
import type { ChdbStore } from '../../native/testing/chdb-store.ts'
import type { StoreRecord } from '../batch-context.ts'
import type { Transcoded } from '../transcoder.ts'

const DEV: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

/** The canonical labels of `DEV`, as they stand on every series. */
export const DEV_LABELS = {
  cluster: 'dev-uaenorth',
  cluster_type: 'workload',
  environment: 'dev',
  region: 'uaenorth',
  tenant_id: 'dev',
}

/** When the test's batches are received. */
export const NOW_MS = Date.UTC(2026, 0, 5, 10, 30)

export interface RecordOptions {
  readonly signal: Signal
  readonly payload: Uint8Array
  readonly format?: PayloadFormat
  readonly sequence?: number
  readonly items?: number
  readonly identity?: Identity
  readonly receivedAtMs?: number
  readonly edge?: { readonly edge: string; readonly epoch: string; readonly sequence: number }
}

export function recordOf(options: RecordOptions): StoreRecord {
  const { signal, payload, format = 'otlp', sequence = 1, items = 1, identity = DEV, receivedAtMs = NOW_MS } = options
  const id =
    options.edge === undefined
      ? {}
      : {
          id: {
            edge: options.edge.edge,
            epoch: options.edge.epoch,
            first: options.edge.sequence,
            last: options.edge.sequence,
          },
        }
  const envelope = { signal, format, items, identity, collectedAtMs: receivedAtMs - 40, receivedAtMs, ...id }
  return { sequence, batch: { envelope, payload } }
}

/** A record out of OTLP/JSON, given as an object. */
export function otlpRecord(signal: Signal, request: unknown, options: Partial<RecordOptions> = {}): StoreRecord {
  return recordOf({ ...options, signal, payload: jsonToOtlp(signal, JSON.stringify(request)) })
}

/** Attributes of OTLP/JSON out of plain strings and numbers. */
export function attributes(values: Readonly<Record<string, string | number | boolean>>): readonly unknown[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: toAnyValue(value) }))
}

/** Nanoseconds as OTLP/JSON writes them. */
export function ns(ms: number): string {
  return `${String(ms)}000000`
}

/** The messages of remote write 2.0 for protobufjs, as an independent writer. */
const REMOTE_WRITE = protobuf
  .parse(`
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
`)
  .root.lookupType('Request')

/** A time series of a remote write request with its labels spelt out. */
export interface TestSeries {
  readonly labels: readonly (readonly [string, string])[]
  readonly samples?: readonly { readonly value: number; readonly timestamp: number; readonly startTimestamp?: number }[]
  readonly histograms?: readonly Readonly<Record<string, unknown>>[]
  readonly exemplars?: readonly {
    readonly labels: [string, string][]
    readonly value: number
    readonly timestamp: number
  }[]
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string }
}

export function remoteWriteRecord(series: readonly TestSeries[], options: Partial<RecordOptions> = {}): StoreRecord {
  const symbols: string[] = ['']
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
  const payload = REMOTE_WRITE.encode(REMOTE_WRITE.fromObject({ symbols, timeseries })).finish()
  return recordOf({ ...options, signal: 'metrics', format: 'remote-write-2', payload })
}

/** Inserts all blocks. */
export async function insertAll(store: ChdbStore, { blocks }: Transcoded, token: string): Promise<void> {
  for (const { table, columns, bytes } of blocks) {
    await store.client.insertNative(table, columns, bytes, `${token}:${table}`)
  }
}

function toAnyValue(value: string | number | boolean): unknown {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
