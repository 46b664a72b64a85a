import type { ProtoWriter } from '../../proto/index.ts'
import { type AttributeValue, writeAttribute, writeTextValue } from './attributes.ts'

const LOG_RECORD = 2
const TIME = 1
const SEVERITY_NUMBER = 2
const SEVERITY_TEXT = 3
const BODY = 5
const ATTRIBUTE = 6
const FLAGS = 8
const TRACE_ID = 9
const SPAN_ID = 10
const OBSERVED_TIME = 11

/** The fields of a log record that are not attributes. The writer copies them; they may be reused afterwards. */
export interface LogFields {
  /** When it happened; absent when the source does not say. */
  readonly timeUnixNano?: bigint | undefined
  readonly observedTimeUnixNano: bigint
  /** 1 to 24, by the log data model. */
  readonly severityNumber?: number | undefined
  readonly severityText?: string | undefined
  /** Valid UTF-8. */
  readonly body: Uint8Array
  /** 16 bytes. */
  readonly traceId?: Uint8Array | undefined
  /** 8 bytes. */
  readonly spanId?: Uint8Array | undefined
  /** The W3C trace flags. */
  readonly traceFlags?: number | undefined
}

/** Begins a log record in a scope block and writes its fields; attributes may follow, then `writer.end`. */
export function beginLogRecord(writer: ProtoWriter, fields: LogFields): number {
  const record = writer.begin(LOG_RECORD)
  if (fields.timeUnixNano !== undefined) writer.fixed64(TIME, fields.timeUnixNano)
  if (fields.severityNumber !== undefined) writer.uint32(SEVERITY_NUMBER, fields.severityNumber)
  if (fields.severityText !== undefined) writer.string(SEVERITY_TEXT, fields.severityText)
  writeTextValue(writer, BODY, fields.body)
  if (fields.traceFlags !== undefined) writer.fixed32(FLAGS, fields.traceFlags)
  if (fields.traceId !== undefined) writer.bytes(TRACE_ID, fields.traceId)
  if (fields.spanId !== undefined) writer.bytes(SPAN_ID, fields.spanId)
  writer.fixed64(OBSERVED_TIME, fields.observedTimeUnixNano)
  return record
}

export function writeLogAttribute(writer: ProtoWriter, key: string, value: AttributeValue): void {
  writeAttribute(writer, ATTRIBUTE, key, value)
}
