import { BYTES, type ProtoReader, VARINT } from '../../wire/index.ts'
import type { MapMark } from '../native/array-columns.ts'
import { readAnyValue, toPlainText } from './any-value.ts'
import type { AttributeMap, AttributeWriter } from './attribute-writer.ts'
import type { Hash64 } from './hash64.ts'
import { ByteRange } from './payload.ts'

/**
 * The attributes of a resource or scope. They may come in several pieces (protobuf merges a message that is given
 * twice, and the hub stamps by appending): the last value of a name counts.
 */
export class AttributeSet {
  /** Name → where its KeyValue lies. */
  readonly #keyValues = new Map<string, { readonly start: number; readonly end: number }>()
  readonly #reader: ProtoReader

  constructor(reader: ProtoReader) {
    this.#reader = reader
  }

  get names(): IterableIterator<string> {
    return this.#keyValues.keys()
  }

  /** Takes the KeyValue at the reader's current field. */
  take(): void {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    const start = reader.pos
    const end = reader.end
    let key = ''
    while (reader.next()) {
      if (reader.field === 1) key = reader.string()
      else reader.skip()
    }
    this.#keyValues.set(key, { start, end })
    reader.leave(outer)
  }

  /** The value as plain text, '' if absent. */
  text(name: string): string {
    const range = this.#keyValues.get(name)
    if (range === undefined) return ''
    const reader = this.#reader
    const { pos: outerPos, end: outerEnd } = reader
    reader.pos = range.start
    reader.end = range.end
    let text = ''
    while (reader.next()) {
      if (reader.field !== 2) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      text = toPlainText(readAnyValue(reader))
      reader.leave(outer)
    }
    reader.pos = outerPos
    reader.end = outerEnd
    return text
  }

  /** Mixes in the bytes of all pairs. */
  hashTo(hash: Hash64): void {
    for (const { start, end } of this.#keyValues.values()) hash.bytes(this.#reader.view, start, end)
  }

  pushTo(column: AttributeMap, writer: AttributeWriter): void {
    for (const { start, end } of this.#keyValues.values()) writer.pushOne(this.#reader, start, end, column)
  }
}

/** The attributes of one resource or scope on row after row of a column: encoded for the first, copied for the rest. */
export class RepeatedAttributes {
  #set: AttributeSet | undefined
  #from: MapMark | undefined
  #to: MapMark | undefined

  /** Begins with another set; nothing is written before the first row. */
  begin(set: AttributeSet): void {
    this.#set = set
    this.#from = undefined
  }

  pushRow(column: AttributeMap, writer: AttributeWriter): void {
    if (this.#from !== undefined && this.#to !== undefined) {
      column.repeatRow(this.#from, this.#to)
      return
    }
    this.#from = column.mark()
    this.#set?.pushTo(column, writer)
    this.#to = column.mark()
    column.endRow()
  }
}

/** A Resource and the schema of what it is in. */
export interface OtlpResource {
  readonly attributes: AttributeSet
  readonly schemaUrl: ByteRange
  /** Each an EntityRef. */
  readonly entityRefs: ByteRange[]
  droppedAttributes: number
}

/** An InstrumentationScope and the schema of what it is in. */
export interface OtlpScope {
  readonly name: ByteRange
  readonly version: ByteRange
  readonly attributes: AttributeSet
  readonly schemaUrl: ByteRange
  droppedAttributes: number
}

/** What looks at an OTLP request; `item` is called with the reader inside a LogRecord, Span or Metric. */
export interface OtlpVisitor {
  resource(attributes: AttributeSet, resource: OtlpResource): void
  scope(scope: OtlpScope): void
  item(): void
  /** After the last item of a resource. */
  endResource(): void
}

/** Of `Export…ServiceRequest`, `Resource…` and `Scope…` alike: the thing itself is field 1 or 2. */
const RESOURCE_ITEMS = 1
const ABOUT = 1
const CONTAINED = 2
const SCHEMA_URL = 3
const RESOURCE_ATTRIBUTES = 1
const RESOURCE_DROPPED = 2
const RESOURCE_ENTITIES = 3
const SCOPE_NAME = 1
const SCOPE_VERSION = 2
const SCOPE_ATTRIBUTES = 3
const SCOPE_DROPPED = 4

/**
 * Walks over a request of any signal. Resource and scope are told before their items wherever they stand in the
 * bytes: a first pass over each level steps over the items and finds them.
 */
export function walkOtlp(reader: ProtoReader, visitor: OtlpVisitor): void {
  while (reader.next()) {
    if (reader.field !== RESOURCE_ITEMS) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    const resource = readResource(reader)
    visitor.resource(resource.attributes, resource)
    eachContained(reader, () => {
      visitor.scope(readScope(reader))
      eachContained(reader, () => {
        visitor.item()
      })
    })
    visitor.endResource()
    reader.leave(outer)
  }
}

function eachContained(reader: ProtoReader, visit: () => void): void {
  while (reader.next()) {
    if (reader.field !== CONTAINED) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    visit()
    reader.leave(outer)
  }
}

function readResource(reader: ProtoReader): OtlpResource {
  const resource: OtlpResource = {
    attributes: new AttributeSet(reader),
    schemaUrl: new ByteRange(),
    entityRefs: [],
    droppedAttributes: 0,
  }
  eachPiece(reader, resource.schemaUrl, () => {
    if (reader.field === RESOURCE_ATTRIBUTES) resource.attributes.take()
    else if (reader.field === RESOURCE_DROPPED) resource.droppedAttributes = readCount(reader)
    else if (reader.field === RESOURCE_ENTITIES) resource.entityRefs.push(takeRange(reader))
    else reader.skip()
  })
  return resource
}

function readScope(reader: ProtoReader): OtlpScope {
  const scope: OtlpScope = {
    name: new ByteRange(),
    version: new ByteRange(),
    attributes: new AttributeSet(reader),
    schemaUrl: new ByteRange(),
    droppedAttributes: 0,
  }
  eachPiece(reader, scope.schemaUrl, () => {
    if (reader.field === SCOPE_NAME) scope.name.take(reader)
    else if (reader.field === SCOPE_VERSION) scope.version.take(reader)
    else if (reader.field === SCOPE_ATTRIBUTES) scope.attributes.take()
    else if (reader.field === SCOPE_DROPPED) scope.droppedAttributes = readCount(reader)
    else reader.skip()
  })
  return scope
}

function readCount(reader: ProtoReader): number {
  reader.expect(VARINT)
  return reader.uint32()
}

function takeRange(reader: ProtoReader): ByteRange {
  const range = new ByteRange()
  range.take(reader)
  return range
}

/** Visits the fields of all pieces of the resource or scope in this message and comes back to its start. */
function eachPiece(reader: ProtoReader, schemaUrl: ByteRange, visitField: () => void): void {
  const start = reader.pos
  while (reader.next()) {
    if (reader.field === SCHEMA_URL) {
      schemaUrl.take(reader)
      continue
    }
    if (reader.field !== ABOUT) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.next()) visitField()
    reader.leave(outer)
  }
  reader.pos = start
}
