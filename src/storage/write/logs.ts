import { FIXED32, type ProtoReader, VARINT } from '../../wire/index.ts'
import { ANY, readAnyValue, toPlainText } from './any-value.ts'
import { AttributeWriter } from './attribute-writer.ts'
import type { BatchContext } from './batch-context.ts'
import type { StreamDirectory } from './directories.ts'
import { IdentityIndexes } from './identity-indexes.ts'
import { LevelDetector } from './level-detector.ts'
import { toStreamLabels, UNKNOWN_SERVICE } from './log-labels.ts'
import { type AttributeSet, type OtlpScope, type OtlpVisitor, RepeatedAttributes, walkOtlp } from './otlp-walk.ts'
import { ByteRange, nsToMs, RangeList, takeFixed64 } from './payload.ts'
import type { Tables } from './tables.ts'

const NS_PER_MS = 1_000_000n
const TWO_32 = 0x1_0000_0000n

/** The field numbers of LogRecord. */
const TIME = 1
const SEVERITY_NUMBER = 2
const SEVERITY_TEXT = 3
const BODY = 5
const ATTRIBUTES = 6
const DROPPED_ATTRIBUTES = 7
const FLAGS = 8
const TRACE_ID = 9
const SPAN_ID = 10
const OBSERVED_TIME = 11
const EVENT_NAME = 12

/** OTLP logs → rows of `logs` and `log_streams`. */
export function transcodeLogs(tables: Tables, batch: BatchContext, streams: StreamDirectory): void {
  walkOtlp(batch.reader, new LogTranscoder(tables, batch, streams))
}

class LogTranscoder implements OtlpVisitor {
  readonly #tables: Tables
  readonly #batch: BatchContext
  readonly #streams: StreamDirectory
  readonly #attributes = new AttributeWriter()
  readonly #identity = new IdentityIndexes()
  readonly #resourceAttributes = new RepeatedAttributes()
  readonly #scopeAttributes = new RepeatedAttributes()
  readonly #record = new LogRecord()
  readonly #level: LevelDetector
  readonly #receivedLow: number
  readonly #receivedHigh: number
  #serviceName = 0
  #scopeName = 0
  #scopeVersion = 0

  constructor(tables: Tables, batch: BatchContext, streams: StreamDirectory) {
    this.#tables = tables
    this.#batch = batch
    this.#streams = streams
    this.#level = new LevelDetector(batch.reader)
    const receivedNs = BigInt(batch.receivedAtMs) * NS_PER_MS
    this.#receivedLow = Number(receivedNs % TWO_32)
    this.#receivedHigh = Number(receivedNs / TWO_32)
    this.#identity.begin(tables.logs.columns, batch.identity)
  }

  resource(attributes: AttributeSet): void {
    const { logs } = this.#tables
    const service = attributes.text('service.name')
    this.#serviceName = logs.columns.service_name.indexOfText(service === '' ? UNKNOWN_SERVICE : service)
    this.#resourceAttributes.begin(attributes)
    const labels = toStreamLabels(attributes, this.#batch.identity)
    this.#level.resource(labels, attributes)
    this.#streams.begin(this.#batch, labels)
  }

  scope(scope: OtlpScope): void {
    const row = this.#tables.logs.columns
    const { bytes } = this.#batch.reader
    this.#scopeName = row.scope_name.index(bytes, scope.name.start, scope.name.end)
    this.#scopeVersion = row.scope_version.index(bytes, scope.version.start, scope.version.end)
    this.#scopeAttributes.begin(scope.attributes)
    this.#level.scope(scope.attributes)
  }

  endResource(): void {}

  item(): void {
    const batch = this.#batch
    const record = this.#record
    record.read(batch.reader)
    // A record without a time of its own has that of whoever saw it first.
    if (!record.hasObservedTime) record.setObservedTime(this.#receivedLow, this.#receivedHigh)
    if (!record.hasTime) record.setTime(record.observedLow, record.observedHigh)
    const ms = nsToMs(record.timeLow, record.timeHigh)
    if (!batch.acceptsTime(ms)) return
    this.#streams.see(this.#tables, batch, ms)
    this.#pushRow(record, batch.reader)
    batch.rows++
  }

  #pushRow(record: LogRecord, reader: ProtoReader): void {
    const row = this.#tables.logs.columns
    const { bytes } = reader
    this.#identity.push(row)
    row.service_name.pushIndex(this.#serviceName)
    row.stream.pushLanes(this.#streams.idLow, this.#streams.idHigh)
    row.time.pushLanes(record.timeLow, record.timeHigh)
    row.observed_time.pushLanes(record.observedLow, record.observedHigh)
    row.hub_received_at.pushInteger(this.#batch.receivedAtMs)
    row.severity_number.push(record.severityNumber)
    row.severity_text.push(bytes, record.severityText.start, record.severityText.end)
    row.detected_level.pushText(this.#level.detect(record))
    row.event_name.push(bytes, record.eventName.start, record.eventName.end)
    this.#pushBody(record.body, reader)
    row.trace_id.push(bytes, record.traceId.start, record.traceId.end)
    row.span_id.push(bytes, record.spanId.start, record.spanId.end)
    row.flags.push(record.flags)
    row.scope_name.pushIndex(this.#scopeName)
    row.scope_version.pushIndex(this.#scopeVersion)
    this.#scopeAttributes.pushRow(row.scope_attributes, this.#attributes)
    this.#resourceAttributes.pushRow(row.resource_attributes, this.#attributes)
    this.#attributes.push(reader, record.attributes, row.attributes)
    row.attributes.endRow()
    row.dropped_attributes.push(record.droppedAttributes)
  }

  /** A string as it is, anything else as plain JSON. */
  #pushBody(body: ByteRange, reader: ProtoReader): void {
    const column = this.#tables.logs.columns.body
    const { pos: outerPos, end: outerEnd } = reader
    reader.pos = body.start
    reader.end = body.end
    if (reader.next() && reader.field === ANY.string) {
      body.take(reader)
      // A second field would be a second variant; nobody writes one, and the first is as good.
      column.push(reader.bytes, body.start, body.end)
    } else {
      reader.pos = body.start
      column.pushText(toPlainText(readAnyValue(reader)))
    }
    reader.pos = outerPos
    reader.end = outerEnd
  }
}

/** The fields of one LogRecord, read anew for each. */
class LogRecord {
  timeLow = 0
  timeHigh = 0
  observedLow = 0
  observedHigh = 0
  severityNumber = 0
  flags = 0
  droppedAttributes = 0
  readonly severityText = new ByteRange()
  readonly eventName = new ByteRange()
  readonly body = new ByteRange()
  readonly traceId = new ByteRange()
  readonly spanId = new ByteRange()
  readonly attributes = new RangeList()

  get hasTime(): boolean {
    return (this.timeLow | this.timeHigh) !== 0
  }

  get hasObservedTime(): boolean {
    return (this.observedLow | this.observedHigh) !== 0
  }

  setTime(low: number, high: number): void {
    this.timeLow = low
    this.timeHigh = high
  }

  setObservedTime(low: number, high: number): void {
    this.observedLow = low
    this.observedHigh = high
  }

  read(reader: ProtoReader): void {
    this.#clear()
    while (reader.next()) this.#readField(reader)
  }

  #readField(reader: ProtoReader): void {
    switch (reader.field) {
      case TIME: {
        const at = takeFixed64(reader)
        this.setTime(reader.view.getInt32(at, true), reader.view.getInt32(at + 4, true))
        return
      }
      case OBSERVED_TIME: {
        const at = takeFixed64(reader)
        this.setObservedTime(reader.view.getInt32(at, true), reader.view.getInt32(at + 4, true))
        return
      }
      case SEVERITY_NUMBER:
        reader.expect(VARINT)
        this.severityNumber = reader.uint32()
        return
      case SEVERITY_TEXT:
        this.severityText.take(reader)
        return
      case BODY:
        this.body.take(reader)
        return
      case ATTRIBUTES:
        this.attributes.take(reader)
        return
      default:
        this.#readRareField(reader)
    }
  }

  #readRareField(reader: ProtoReader): void {
    switch (reader.field) {
      case TRACE_ID:
        this.traceId.take(reader)
        return
      case SPAN_ID:
        this.spanId.take(reader)
        return
      case FLAGS:
        reader.expect(FIXED32)
        this.flags = reader.fixed32()
        return
      case EVENT_NAME:
        this.eventName.take(reader)
        return
      case DROPPED_ATTRIBUTES:
        reader.expect(VARINT)
        this.droppedAttributes = reader.uint32()
        return
      default:
        reader.skip()
    }
  }

  #clear(): void {
    this.setTime(0, 0)
    this.setObservedTime(0, 0)
    this.severityNumber = 0
    this.flags = 0
    this.droppedAttributes = 0
    this.severityText.clear()
    this.eventName.clear()
    this.body.clear()
    this.traceId.clear()
    this.spanId.clear()
    this.attributes.clear()
  }
}
