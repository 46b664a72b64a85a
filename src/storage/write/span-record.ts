import { BYTES, FIXED32, type ProtoReader, VARINT } from '../../wire/index.ts'
import { ByteRange, RangeList, takeFixed64 } from './payload.ts'

export const TRACE_ID_BYTES = 16
export const SPAN_ID_BYTES = 8

/** The field numbers of Span and Status. */
const TRACE_ID = 1
const SPAN_ID = 2
const TRACE_STATE = 3
const PARENT_SPAN_ID = 4
const NAME = 5
const KIND = 6
const START_TIME = 7
const END_TIME = 8
const ATTRIBUTES = 9
const DROPPED_ATTRIBUTES = 10
const EVENTS = 11
const DROPPED_EVENTS = 12
const LINKS = 13
const DROPPED_LINKS = 14
const STATUS = 15
const FLAGS = 16
const STATUS_MESSAGE = 2
const STATUS_CODE = 3

/** The fields of one OTLP Span, read anew for each. */
export class SpanRecord {
  startLow = 0
  startHigh = 0
  /** The end of the span, or its start if that is later or the end is unknown. */
  endLow = 0
  endHigh = 0
  /** The end as it was sent, if it is another. */
  sentEnd: bigint | undefined
  kind = 0
  flags = 0
  statusCode = 0
  droppedAttributes = 0
  droppedEvents = 0
  droppedLinks = 0
  readonly traceId = new ByteRange()
  readonly spanId = new ByteRange()
  readonly parentSpanId = new ByteRange()
  readonly traceState = new ByteRange()
  readonly name = new ByteRange()
  readonly statusMessage = new ByteRange()
  readonly attributes = new RangeList()
  readonly events = new RangeList()
  readonly links = new RangeList()

  get hasStart(): boolean {
    return (this.startLow | this.startHigh) !== 0
  }

  /** End minus start in nanoseconds, as two lanes. */
  get durationLow(): number {
    return (this.endLow - this.startLow) | 0
  }

  get durationHigh(): number {
    const borrow = this.endLow >>> 0 < this.startLow >>> 0 ? 1 : 0
    return (this.endHigh - this.startHigh - borrow) | 0
  }

  /** Reads the Span that the reader stands in, to its end. */
  read(reader: ProtoReader): void {
    this.#clear()
    while (reader.next()) this.#readField(reader)
    if (isBefore(this.endLow, this.endHigh, this.startLow, this.startHigh)) {
      this.sentEnd = (BigInt(this.endHigh >>> 0) << 32n) | BigInt(this.endLow >>> 0)
      this.endLow = this.startLow
      this.endHigh = this.startHigh
    }
  }

  #readField(reader: ProtoReader): void {
    switch (reader.field) {
      case TRACE_ID:
        this.traceId.take(reader)
        return
      case SPAN_ID:
        this.spanId.take(reader)
        return
      case PARENT_SPAN_ID:
        this.parentSpanId.take(reader)
        return
      case NAME:
        this.name.take(reader)
        return
      case KIND:
        reader.expect(VARINT)
        this.kind = reader.uint32()
        return
      case START_TIME:
      case END_TIME:
        this.#readTime(reader)
        return
      case ATTRIBUTES:
        this.attributes.take(reader)
        return
      case EVENTS:
        this.events.take(reader)
        return
      case LINKS:
        this.links.take(reader)
        return
      default:
        this.#readRareField(reader)
    }
  }

  #readRareField(reader: ProtoReader): void {
    switch (reader.field) {
      case TRACE_STATE:
        this.traceState.take(reader)
        return
      case STATUS:
        this.#readStatus(reader)
        return
      case FLAGS:
        reader.expect(FIXED32)
        this.flags = reader.fixed32()
        return
      case DROPPED_ATTRIBUTES:
        reader.expect(VARINT)
        this.droppedAttributes = reader.uint32()
        return
      case DROPPED_EVENTS:
        reader.expect(VARINT)
        this.droppedEvents = reader.uint32()
        return
      case DROPPED_LINKS:
        reader.expect(VARINT)
        this.droppedLinks = reader.uint32()
        return
      default:
        reader.skip()
    }
  }

  #readTime(reader: ProtoReader): void {
    const isStart = reader.field === START_TIME
    const at = takeFixed64(reader)
    const low = reader.view.getInt32(at, true)
    const high = reader.view.getInt32(at + 4, true)
    if (isStart) {
      this.startLow = low
      this.startHigh = high
    } else {
      this.endLow = low
      this.endHigh = high
    }
  }

  #readStatus(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.next()) {
      if (reader.field === STATUS_MESSAGE) {
        this.statusMessage.take(reader)
      } else if (reader.field === STATUS_CODE) {
        reader.expect(VARINT)
        this.statusCode = reader.uint32()
      } else {
        reader.skip()
      }
    }
    reader.leave(outer)
  }

  #clear(): void {
    this.startLow = 0
    this.startHigh = 0
    this.endLow = 0
    this.endHigh = 0
    this.sentEnd = undefined
    this.kind = 0
    this.flags = 0
    this.statusCode = 0
    this.droppedAttributes = 0
    this.droppedEvents = 0
    this.droppedLinks = 0
    this.traceId.clear()
    this.spanId.clear()
    this.parentSpanId.clear()
    this.traceState.clear()
    this.name.clear()
    this.statusMessage.clear()
    this.attributes.clear()
    this.events.clear()
    this.links.clear()
  }
}

/** Compares unsigned 64-bit numbers in lanes. */
export function isBefore(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  const high = (aHigh >>> 0) - (bHigh >>> 0)
  return high === 0 ? aLow >>> 0 < bLow >>> 0 : high < 0
}
