import { AppError } from '../../core/index.ts'
import { JSON_KINDS, type JsonReader, JsonText } from '../json/index.ts'
import { ProtoWriter } from '../proto/index.ts'
import { SERVICE_FIELDS, toDataStream, toResourceName, toSeverityNumber } from './ecs.ts'
import { type AnyLimits, readAny } from './json-value.ts'
import { parseElasticTime } from './time.ts'
import type { BulkLimits, BulkProblem } from './verdict.ts'

/** The field numbers of OTLP logs. */
const RESOURCE_LOGS = 1
const RESOURCE = 1
const RESOURCE_ATTRIBUTES = 1
const SCOPE_LOGS = 2
const LOG_RECORDS = 2
const TIME = 1
const SEVERITY_NUMBER = 2
const SEVERITY_TEXT = 3
const BODY = 5
const ATTRIBUTES = 6
const DROPPED_ATTRIBUTES = 7
const TRACE_ID = 9
const SPAN_ID = 10
const KEY = 1
const VALUE = 2
const STRING_VALUE = 1
const BOOL_VALUE = 2

const TRUNCATED = 'fleetglass.truncated'
/** OpenTelemetry's name for what tells a record from all others. */
const RECORD_UID = 'log.record.uid'
const INDEX = 'elasticsearch.index'

/** Strings that a log record has a field for. */
const RECORD_FIELDS: ReadonlySet<string> = new Set(['log.level', 'trace.id', 'span.id'])
const TRACE_ID_TEXT = /^[0-9a-f]{32}$/
const SPAN_ID_TEXT = /^[0-9a-f]{16}$/

/** Documents of one request mostly come from few resources; more groups than this are not worth it. */
const MAX_GROUPS = 1_024

export interface DocumentProblem {
  readonly problem: BulkProblem
  readonly reason: string
}

/** Turns documents into log records, those of equal resources together. */
export class BulkDocuments {
  records = 0
  readonly cut = { attributes: 0, values: 0, lines: 0 }
  readonly #limits: BulkLimits
  readonly #anyLimits: AnyLimits
  readonly #text = new JsonText()
  /** The records of each resource, by the resource's bytes. */
  readonly #groups = new Map<string, { readonly resource: Uint8Array; readonly records: ProtoWriter }>()
  // Of the present document.
  readonly #attributes = new ProtoWriter(2_048)
  readonly #message = new ProtoWriter(1_024)
  #resource = new Map<string, string>()
  #service = new Map<string, string>()
  #count = 0
  #dropped = 0
  #hasMessage = false
  #isCut = false
  #time: bigint | undefined
  #level = ''
  #traceId = ''
  #spanId = ''

  constructor(limits: BulkLimits) {
    this.#limits = limits
    this.#anyLimits = { nesting: limits.nesting, valueBytes: limits.valueBytes, cut: () => this.#cutValue() }
  }

  /** Adds a document; says what is wrong with it if it is refused. Throws AppError `invalid` where it is no JSON. */
  add(
    reader: JsonReader,
    { index, id }: { readonly index: string; readonly id: string | undefined },
  ): DocumentProblem | undefined {
    this.#clear()
    const start = reader.pos
    if (reader.kind() !== JSON_KINDS.object) throw reader.wrong('a document is no object')
    this.#object(reader, '', 0)
    const end = reader.pos
    reader.finish()
    const problem = this.#problem()
    if (problem !== undefined) return problem
    if (id !== undefined) this.#plain(RECORD_UID, id)
    if (index !== '') this.#plain(INDEX, index)
    if (!this.#hasMessage) this.#writeMessage(reader.bytes, start, end)
    this.#write(index)
    return undefined
  }

  finish(): Uint8Array {
    const writer = new ProtoWriter(4_096)
    for (const { resource, records } of this.#groups.values()) {
      const block = writer.begin(RESOURCE_LOGS)
      writer.raw(resource)
      const scope = writer.begin(SCOPE_LOGS)
      writer.append(records)
      writer.end(scope)
      writer.end(block)
    }
    return writer.finish()
  }

  #clear(): void {
    this.#attributes.reset()
    this.#message.reset()
    this.#resource = new Map()
    this.#service = new Map()
    this.#count = 0
    this.#dropped = 0
    this.#hasMessage = false
    this.#isCut = false
    this.#time = undefined
    this.#level = ''
    this.#traceId = ''
    this.#spanId = ''
  }

  #problem(): DocumentProblem | undefined {
    if (this.#time === undefined) return undefined
    const ms = Number(this.#time / 1_000_000n)
    if (ms < Math.max(0, this.#limits.earliestMs)) return { problem: 'too_old', reason: 'its @timestamp is too old' }
    if (ms > this.#limits.latestMs) return { problem: 'too_new', reason: 'its @timestamp is too far in the future' }
    return undefined
  }

  /** The members of an object, whose names go on from `path`; nested objects and dotted names come to the same. */
  #object(reader: JsonReader, path: string, depth: number): void {
    if (depth >= this.#limits.nesting) {
      throw new AppError('invalid', `JSON: more than ${String(this.#limits.nesting)} levels of nested values`)
    }
    reader.beginObject()
    while (reader.nextMember()) {
      this.#text.take(reader)
      const name = path === '' ? this.#text.toString() : `${path}.${this.#text.toString()}`
      const kind = reader.kind()
      if (kind === JSON_KINDS.object) this.#object(reader, name, depth + 1)
      else if (kind === JSON_KINDS.null) reader.literal()
      else this.#field(reader, name, kind, depth)
    }
  }

  #field(reader: JsonReader, name: string, kind: number, depth: number): void {
    if (name === '@timestamp') this.#timestamp(reader, kind)
    else if (name === 'message' && kind === JSON_KINDS.string) {
      reader.string()
      this.#text.take(reader)
      this.#writeMessage(this.#text.bytes, this.#text.start, this.#text.end)
    } else if (kind === JSON_KINDS.string && this.#isSpecial(name)) {
      reader.string()
      this.#text.take(reader)
      this.#special(name, this.#text.toString())
    } else this.#attribute(reader, name, depth)
  }

  #timestamp(reader: JsonReader, kind: number): void {
    if (kind === JSON_KINDS.number) reader.number()
    else if (kind === JSON_KINDS.string) reader.string()
    else throw reader.wrong('@timestamp is no time')
    this.#text.take(reader)
    const time = parseElasticTime(this.#text.bytes, this.#text.start, this.#text.end)
    if (time === undefined)
      throw reader.wrong('failed to parse field [@timestamp]: it is no date in ISO 8601 and no milliseconds')
    this.#time = time
  }

  #isSpecial(name: string): boolean {
    return RECORD_FIELDS.has(name) || SERVICE_FIELDS.has(name) || toResourceName(name) !== undefined
  }

  #special(name: string, value: string): void {
    const resource = toResourceName(name)
    if (SERVICE_FIELDS.has(name)) this.#service.set(name, value)
    if (resource !== undefined) {
      this.#resource.set(resource, this.#limited(value))
    } else if (name === 'trace.id' && TRACE_ID_TEXT.test(value)) this.#traceId = value
    else if (name === 'span.id' && SPAN_ID_TEXT.test(value)) this.#spanId = value
    else {
      if (name === 'log.level') this.#level = value
      this.#plain(name, this.#limited(value))
    }
  }

  #limited(value: string): string {
    if (value.length <= this.#limits.valueBytes) return value
    this.#cutValue()
    return Buffer.from(value.slice(0, this.#limits.valueBytes)).toString()
  }

  #attribute(reader: JsonReader, name: string, depth: number): void {
    if (!this.#hasRoomFor(name)) {
      reader.skip()
      return
    }
    const writer = this.#attributes
    const pair = writer.begin(ATTRIBUTES)
    writer.string(KEY, name)
    const any = writer.begin(VALUE)
    readAny(reader, writer, this.#anyLimits, depth)
    writer.end(any)
    writer.end(pair)
  }

  #plain(name: string, value: string): void {
    if (!this.#hasRoomFor(name)) return
    const writer = this.#attributes
    const pair = writer.begin(ATTRIBUTES)
    writer.string(KEY, name)
    const any = writer.begin(VALUE)
    writer.string(STRING_VALUE, value)
    writer.end(any)
    writer.end(pair)
  }

  #hasRoomFor(name: string): boolean {
    if (this.#count >= this.#limits.attributes || name.length > this.#limits.nameBytes) {
      this.#dropped += 1
      this.cut.attributes += 1
      return false
    }
    this.#count += 1
    return true
  }

  #cutValue(): void {
    this.cut.values += 1
    this.#isCut = true
  }

  #writeMessage(bytes: Uint8Array, start: number, end: number): void {
    this.#hasMessage = true
    this.#message.reset()
    let limit = Math.min(end, start + this.#limits.lineBytes)
    if (limit < end) {
      while (limit > start && ((bytes[limit] ?? 0) & 0xc0) === 0x80) limit -= 1
      this.cut.lines += 1
      this.#isCut = true
    }
    const body = this.#message.begin(BODY)
    this.#message.bytesRange(STRING_VALUE, bytes, start, limit)
    this.#message.end(body)
  }

  #write(index: string): void {
    const writer = this.#groupOf(index)
    this.records += 1
    const record = writer.begin(LOG_RECORDS)
    if (this.#time !== undefined) writer.fixed64(TIME, this.#time)
    if (this.#level !== '') {
      const severity = toSeverityNumber(this.#level)
      if (severity > 0) writer.uint32(SEVERITY_NUMBER, severity)
      writer.string(SEVERITY_TEXT, this.#level)
    }
    writer.append(this.#message)
    writer.append(this.#attributes)
    if (this.#isCut) {
      const pair = writer.begin(ATTRIBUTES)
      writer.string(KEY, TRUNCATED)
      const any = writer.begin(VALUE)
      writer.bool(BOOL_VALUE, true)
      writer.end(any)
      writer.end(pair)
    }
    if (this.#dropped > 0) writer.uint32(DROPPED_ATTRIBUTES, this.#dropped)
    if (this.#traceId !== '') writer.bytes(TRACE_ID, Buffer.from(this.#traceId, 'hex'))
    if (this.#spanId !== '') writer.bytes(SPAN_ID, Buffer.from(this.#spanId, 'hex'))
    writer.end(record)
  }

  /** The writer for records of the present document's resource. */
  #groupOf(index: string): ProtoWriter {
    if (!this.#resource.has('service.name')) {
      let name = ''
      for (const field of SERVICE_FIELDS) name ||= this.#service.get(field) ?? ''
      name ||= toDataStream(index)
      if (name !== '') this.#resource.set('service.name', name)
    }
    let key = ''
    for (const [name, value] of this.#resource) key += `${String(name.length)}:${name}${String(value.length)}:${value}`
    const known = this.#groups.get(key)
    if (known !== undefined) return known.records
    const writer = new ProtoWriter(256)
    const resource = writer.begin(RESOURCE)
    for (const [name, value] of this.#resource) {
      const pair = writer.begin(RESOURCE_ATTRIBUTES)
      writer.string(KEY, name)
      const any = writer.begin(VALUE)
      writer.string(STRING_VALUE, value)
      writer.end(any)
      writer.end(pair)
    }
    writer.end(resource)
    const group = { resource: writer.finish(), records: new ProtoWriter(1_024) }
    // A request with more resources than this keeps them, but does not look for equal ones any more.
    this.#groups.set(this.#groups.size < MAX_GROUPS ? key : String(this.#groups.size), group)
    return group.records
  }
}
