import { BYTES, type ProtoReader } from '../../wire/index.ts'
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

/** An InstrumentationScope. */
export interface OtlpScope {
  readonly name: ByteRange
  readonly version: ByteRange
  readonly attributes: AttributeSet
}

/** What looks at an OTLP request; `item` is called with the reader inside a LogRecord, Span or Metric. */
export interface OtlpVisitor {
  resource(attributes: AttributeSet): void
  scope(scope: OtlpScope): void
  item(): void
  /** After the last item of a resource. */
  endResource(): void
}

/** Of `Export…ServiceRequest`, `Resource…` and `Scope…` alike: the thing itself is field 1 or 2. */
const RESOURCE_ITEMS = 1
const ABOUT = 1
const CONTAINED = 2
const RESOURCE_ATTRIBUTES = 1
const SCOPE_NAME = 1
const SCOPE_VERSION = 2
const SCOPE_ATTRIBUTES = 3

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
    visitor.resource(readResource(reader))
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

function readResource(reader: ProtoReader): AttributeSet {
  const attributes = new AttributeSet(reader)
  eachPiece(reader, () => {
    if (reader.field === RESOURCE_ATTRIBUTES) attributes.take()
    else reader.skip()
  })
  return attributes
}

function readScope(reader: ProtoReader): OtlpScope {
  const scope = { name: new ByteRange(), version: new ByteRange(), attributes: new AttributeSet(reader) }
  eachPiece(reader, () => {
    if (reader.field === SCOPE_NAME) scope.name.take(reader)
    else if (reader.field === SCOPE_VERSION) scope.version.take(reader)
    else if (reader.field === SCOPE_ATTRIBUTES) scope.attributes.take()
    else reader.skip()
  })
  return scope
}

/** Visits the fields of all pieces of the resource or scope in this message and comes back to its start. */
function eachPiece(reader: ProtoReader, visitField: () => void): void {
  const start = reader.pos
  while (reader.next()) {
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
