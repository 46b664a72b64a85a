import { FIXED32, type ProtoReader, VARINT } from '../../wire/index.ts'
import { toRestText } from '../otlp-rest.ts'
import type { AttributeWriter } from './attribute-writer.ts'
import { NumberList } from './number-list.ts'
import { ByteRange, type RangeList, takeFixed64 } from './payload.ts'
import type { SpanRecord } from './span-record.ts'
import type { SpanColumns } from './tables.ts'

/** The field numbers of Span.Event and Span.Link. */
const EVENT_TIME = 1
const EVENT_NAME = 2
const EVENT_ATTRIBUTES = 3
const EVENT_DROPPED = 4
const LINK_TRACE_ID = 1
const LINK_SPAN_ID = 2
const LINK_TRACE_STATE = 3
const LINK_ATTRIBUTES = 4
const LINK_DROPPED = 5
const LINK_FLAGS = 6

/** Writes the events and links of spans into their array columns, and then what is seldom said of them. */
export class SpanParts {
  readonly #row: SpanColumns
  readonly #attributes: AttributeWriter
  readonly #keyValue = new ByteRange()
  readonly #name = new ByteRange()
  readonly #traceId = new ByteRange()
  readonly #spanId = new ByteRange()
  readonly #eventDropped = new NumberList()
  readonly #linkDropped = new NumberList()
  readonly #linkFlags = new NumberList()
  #isMoreSaid = false

  constructor(row: SpanColumns, attributes: AttributeWriter) {
    this.#row = row
    this.#attributes = attributes
  }

  /** One row's worth of events, links and the rest; the reader is left where it was. */
  push(reader: ProtoReader, span: SpanRecord): void {
    this.#isMoreSaid = span.sentEnd !== undefined
    this.#pushEvents(reader, span.events)
    this.#pushLinks(reader, span.links)
    if (this.#isMoreSaid) this.#pushRest(span)
    else this.#row.otlp_rest.pushEmpty()
  }

  #pushRest({ sentEnd }: SpanRecord): void {
    const text = toRestText({
      end: sentEnd === undefined ? '' : String(sentEnd),
      eventDroppedAttributes: this.#eventDropped.toArray(),
      linkDroppedAttributes: this.#linkDropped.toArray(),
      linkFlags: this.#linkFlags.toArray(),
    })
    this.#row.otlp_rest.pushText(text)
  }

  #pushEvents(reader: ProtoReader, events: RangeList): void {
    this.#eventDropped.clear()
    const { pos: outerPos, end: outerEnd } = reader
    for (let i = 0; i < events.count; i++) {
      reader.pos = events.start(i)
      reader.end = events.end(i)
      this.#pushEvent(reader)
    }
    this.#row.event_times.endRow()
    this.#row.event_names.endRow()
    this.#row.event_attributes.endRow()
    reader.pos = outerPos
    reader.end = outerEnd
  }

  #pushLinks(reader: ProtoReader, links: RangeList): void {
    this.#linkDropped.clear()
    this.#linkFlags.clear()
    const { pos: outerPos, end: outerEnd } = reader
    for (let i = 0; i < links.count; i++) {
      reader.pos = links.start(i)
      reader.end = links.end(i)
      this.#pushLink(reader)
    }
    this.#row.link_trace_ids.endRow()
    this.#row.link_span_ids.endRow()
    this.#row.link_trace_states.endRow()
    this.#row.link_attributes.endRow()
    reader.pos = outerPos
    reader.end = outerEnd
  }

  #pushEvent(reader: ProtoReader): void {
    const { event_times: times, event_names: names, event_attributes: attributes } = this.#row
    let timeLow = 0
    let timeHigh = 0
    let dropped = 0
    this.#name.clear()
    while (reader.next()) {
      if (reader.field === EVENT_TIME) {
        const at = takeFixed64(reader)
        timeLow = reader.view.getInt32(at, true)
        timeHigh = reader.view.getInt32(at + 4, true)
      } else if (reader.field === EVENT_NAME) {
        this.#name.take(reader)
      } else if (reader.field === EVENT_ATTRIBUTES) {
        this.#keyValue.take(reader)
        this.#attributes.pushOne(reader, this.#keyValue.start, this.#keyValue.end, attributes.elements)
      } else if (reader.field === EVENT_DROPPED) {
        reader.expect(VARINT)
        dropped = reader.uint32()
      } else {
        reader.skip()
      }
    }
    times.elements.pushLanes(timeLow, timeHigh)
    names.elements.push(reader.bytes, this.#name.start, this.#name.end)
    attributes.elements.endRow()
    this.#eventDropped.push(dropped)
    if (dropped !== 0) this.#isMoreSaid = true
  }

  #pushLink(reader: ProtoReader): void {
    const row = this.#row
    const attributes = row.link_attributes.elements
    let dropped = 0
    let flags = 0
    this.#traceId.clear()
    this.#spanId.clear()
    this.#name.clear()
    while (reader.next()) {
      if (reader.field === LINK_TRACE_ID) this.#traceId.take(reader)
      else if (reader.field === LINK_SPAN_ID) this.#spanId.take(reader)
      else if (reader.field === LINK_TRACE_STATE) this.#name.take(reader)
      else if (reader.field === LINK_ATTRIBUTES) {
        this.#keyValue.take(reader)
        this.#attributes.pushOne(reader, this.#keyValue.start, this.#keyValue.end, attributes)
      } else if (reader.field === LINK_DROPPED) {
        reader.expect(VARINT)
        dropped = reader.uint32()
      } else if (reader.field === LINK_FLAGS) {
        reader.expect(FIXED32)
        flags = reader.fixed32()
      } else reader.skip()
    }
    row.link_trace_ids.elements.push(reader.bytes, this.#traceId.start, this.#traceId.end)
    row.link_span_ids.elements.push(reader.bytes, this.#spanId.start, this.#spanId.end)
    row.link_trace_states.elements.push(reader.bytes, this.#name.start, this.#name.end)
    attributes.endRow()
    this.#linkDropped.push(dropped)
    this.#linkFlags.push(flags)
    if (dropped !== 0 || flags !== 0) this.#isMoreSaid = true
  }
}
