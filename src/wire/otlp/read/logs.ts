import {
  type ProtoReader,
  takeFixed32,
  takeFixed64,
  takeHex,
  takeInt32,
  takeMessage,
  takeString,
  takeUint32,
} from '../../proto/index.ts'
import { type AnyValue, readAnyValue } from './any-value.ts'
import { type AttributeMap, takeAttribute } from './attributes.ts'
import { type ReadResource, type ReadScope, walkItems } from './items.ts'

/** A log record as it was sent: absent fields have protobuf's defaults. Times are nanoseconds since the epoch. */
export interface ReadLogRecord {
  readonly timeNs: bigint
  readonly observedTimeNs: bigint
  /** 0 is not specified, 1…24 trace to fatal4. */
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  readonly body: AnyValue
  readonly attributes: AttributeMap
  readonly droppedAttributes: number
  readonly flags: number
  /** Lower-case hexadecimal, '' if absent. */
  readonly traceId: string
  readonly spanId: string
}

export interface ReadLog {
  readonly resource: ReadResource
  readonly scope: ReadScope
  readonly record: ReadLogRecord
}

/** The log records of an OTLP logs request, one after the other. Throws AppError `invalid` for damaged bytes. */
export function* readLogs(payload: Uint8Array): Generator<ReadLog> {
  for (const { resource, scope, reader } of walkItems(payload)) {
    yield { resource, scope, record: readLogRecord(reader) }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function readLogRecord(reader: ProtoReader): ReadLogRecord {
  const attributes = new Map<string, AnyValue>()
  const record: Mutable<ReadLogRecord> = {
    timeNs: 0n,
    observedTimeNs: 0n,
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body: { kind: 'none' },
    attributes,
    droppedAttributes: 0,
    flags: 0,
    traceId: '',
    spanId: '',
  }
  while (reader.next()) {
    if (reader.field === ATTRIBUTES) takeAttribute(reader, attributes)
    else {
      const take = FIELDS[reader.field]
      if (take === undefined) reader.skip()
      else take(reader, record)
    }
  }
  return record
}

const ATTRIBUTES = 6

/** By field number of LogRecord. */
const FIELDS: Readonly<Record<number, (reader: ProtoReader, record: Mutable<ReadLogRecord>) => void>> = {
  1: (reader, record) => (record.timeNs = takeFixed64(reader)),
  2: (reader, record) => (record.severityNumber = takeInt32(reader)),
  3: (reader, record) => (record.severityText = takeString(reader)),
  5: (reader, record) => (record.body = takeMessage(reader, readAnyValue)),
  7: (reader, record) => (record.droppedAttributes = takeUint32(reader)),
  8: (reader, record) => (record.flags = takeFixed32(reader)),
  9: (reader, record) => (record.traceId = takeHex(reader)),
  10: (reader, record) => (record.spanId = takeHex(reader)),
  11: (reader, record) => (record.observedTimeNs = takeFixed64(reader)),
  12: (reader, record) => (record.eventName = takeString(reader)),
}
