import protobuf from 'protobufjs'

const root = protobuf
  .parse(`
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message LogRecord {
  fixed64 time_unix_nano = 1; fixed64 observed_time_unix_nano = 11; int32 severity_number = 2; string severity_text = 3;
  AnyValue body = 5; repeated KeyValue attributes = 6; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
}
message Scope { string name = 1; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message LogsData { repeated ResourceLogs resource_logs = 1; }
`)
  .root.lookupType('LogsData')

interface RawValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: number
}
interface RawPair {
  readonly key: string
  readonly value: RawValue
}
interface RawLogs {
  readonly resourceLogs?: readonly {
    readonly resource: { readonly attributes?: readonly RawPair[] }
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly timeUnixNano?: string
        readonly severityNumber?: number
        readonly severityText?: string
        readonly body: RawValue
        readonly attributes?: readonly RawPair[]
        readonly flags?: number
        readonly traceId?: string
        readonly spanId?: string
      }[]
    }[]
  }[]
}

export type Plain = Readonly<Record<string, string | number | boolean | undefined>>

export interface DecodedLog {
  readonly body: string
  readonly resource: Plain
  readonly attributes: Plain
  readonly timeUnixNano: string | undefined
  readonly severityNumber: number | undefined
  readonly severityText: string | undefined
  readonly flags: number | undefined
  /** Base64. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
}

/** The records of an OTLP logs request, read by protobufjs. */
export function decodeLogs(payload: Uint8Array): readonly DecodedLog[] {
  const message = root.decode(payload)
  const raw = root.toObject(message, { longs: Number, bytes: String }) as RawLogs
  const exact = root.toObject(message, { longs: String, bytes: String }) as RawLogs
  return (raw.resourceLogs ?? []).flatMap((block, b) =>
    block.scopeLogs.flatMap((scope, s) =>
      scope.logRecords.map((record, r) => ({
        body: record.body.stringValue ?? '',
        resource: toPlain(block.resource.attributes),
        attributes: toPlain(record.attributes),
        timeUnixNano: exact.resourceLogs?.[b]?.scopeLogs[s]?.logRecords[r]?.timeUnixNano,
        severityNumber: record.severityNumber,
        severityText: record.severityText,
        flags: record.flags,
        traceId: record.traceId,
        spanId: record.spanId,
      })),
    ),
  )
}

function toPlain(pairs: readonly RawPair[] = []): Plain {
  return Object.fromEntries(
    pairs.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? value.intValue] as const),
  )
}
