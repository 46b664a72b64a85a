import type { Signal } from '../../model/index.ts'
import { BYTES, encodeVarint32, ProtoReader, ProtoWriter, type Splicer, VARINT } from '../proto/index.ts'
import { KEY_VALUE, type Shape } from './schema.ts'
import type { AttributeRange } from './walk.ts'

/** What one item may hold. More than that is cut off, so that it does not cost the item, nor its neighbours. */
export interface CutLimits {
  /** Attributes of one resource, scope, log record, span or data point; those that come later are left out. */
  readonly attributes: number
  /** Bytes of a text; of other values, beyond which they are left out. */
  readonly valueBytes: number
  /** Bytes of a log record's body, if it is a text. */
  readonly lineBytes: number
}

const METRIC_CUTS: CutLimits = { attributes: 128, valueBytes: 4_096, lineBytes: Infinity }
const OTHER_CUTS: CutLimits = { attributes: 128, valueBytes: 65_536, lineBytes: 262_144 }

export const DEFAULT_CUT_LIMITS: Readonly<Record<Signal, CutLimits>> = {
  metrics: METRIC_CUTS,
  logs: OTHER_CUTS,
  traces: OTHER_CUTS,
}

/** How much was cut. */
export interface CutCounts {
  /** Attributes that were left out. */
  attributes: number
  /** Values of attributes that were cut off. */
  values: number
  /** Bodies of log records that were cut off. */
  lines: number
}

/** The attribute that a log record or span has when a text of it was cut off. */
const TRUNCATED = 'fleetglass.truncated'
const TRUNCATED_BYTES = new TextEncoder().encode(TRUNCATED)

const LOG_RECORD = 'LogRecord'
const BODY = 5
const STRING_VALUE = 1
const VALUE = 2

/** Messages that are marked where a text was cut off. A label more would make another series of a data point. */
const MARKED: ReadonlySet<string> = new Set([LOG_RECORD, 'Span'])

/** Cuts off what is over the limits while a walk goes over the request. */
export class Cuts {
  readonly counts: CutCounts = { attributes: 0, values: 0, lines: 0 }
  readonly #bytes: Uint8Array
  readonly #splicer: Splicer
  readonly #limits: CutLimits
  // Of the present resource, scope or item.
  #attributes = 0
  #dropped = 0
  #isCut = false
  #isMarked = false

  constructor(bytes: Uint8Array, splicer: Splicer, limits: CutLimits) {
    this.#bytes = bytes
    this.#splicer = splicer
    this.#limits = limits
  }

  enter(): void {
    this.#attributes = 0
    this.#dropped = 0
    this.#isCut = false
    this.#isMarked = false
  }

  /** An attribute that nobody else changes. */
  attribute(range: AttributeRange): void {
    if (this.#isMark(range)) {
      this.#isMarked = true
      return
    }
    this.#attributes += 1
    const isOver = this.#attributes > this.#limits.attributes
    if (!isOver && range.valueEnd - range.valueStart <= this.#limits.valueBytes) return
    const text = isOver ? undefined : this.#textOf(range)
    if (text === undefined) {
      this.#splicer.remove(range.fieldStart, range.end)
      this.#dropped += 1
      this.counts.attributes += 1
    } else if (text.end - text.start > this.#limits.valueBytes) {
      this.#shorten(range.lengthStart, range.bodyStart, range.end, () => {
        this.#shortenValue(text, this.#limits.valueBytes)
      })
      this.#isCut = true
      this.counts.values += 1
    }
  }

  /** At the last byte of a resource, scope or item. */
  leave(shape: Shape, bodyStart: number, end: number): void {
    if (shape.name === LOG_RECORD && end - bodyStart > this.#limits.lineBytes) this.#cutBody(bodyStart, end)
    if (this.#dropped > 0) this.#insertDropped(shape, bodyStart, end)
    if (this.#isCut && !this.#isMarked && MARKED.has(shape.name)) this.#insertMark(shape, end)
  }

  #isMark({ keyStart, keyEnd }: AttributeRange): boolean {
    if (keyEnd - keyStart !== TRUNCATED_BYTES.length) return false
    return TRUNCATED_BYTES.every((byte, i) => this.#bytes[keyStart + i] === byte)
  }

  #textOf({ bodyStart, end, valueStart }: AttributeRange): TextAt | undefined {
    const reader = new ProtoReader(this.#bytes, bodyStart, end)
    let text: TextAt | undefined
    while (reader.next()) {
      if (reader.field !== VALUE) {
        reader.skip()
        continue
      }
      const found = this.#readText(reader)
      if (found?.anyStart === valueStart) text = found
    }
    return text
  }

  /** Where the text lies that the AnyValue of the current field consists of; undefined if it is anything else. */
  #readText(reader: ProtoReader): TextAt | undefined {
    const anyLengthStart = reader.pos
    const outer = reader.enter()
    const anyStart = reader.pos
    const anyEnd = reader.end
    let text: TextAt | undefined
    if (reader.next() && reader.field === STRING_VALUE) {
      const lengthStart = reader.pos
      const inner = reader.enter()
      text = { anyLengthStart, anyStart, anyEnd, lengthStart, start: reader.pos, end: reader.end }
      reader.leave(inner)
    }
    const isOnly = reader.pos === anyEnd
    reader.leave(outer)
    return isOnly ? text : undefined
  }

  #cutBody(recordStart: number, recordEnd: number): void {
    const reader = new ProtoReader(this.#bytes, recordStart, recordEnd)
    while (reader.next()) {
      if (reader.field !== BODY) {
        reader.skip()
        continue
      }
      const text = this.#readText(reader)
      if (text === undefined || text.end - text.start <= this.#limits.lineBytes) continue
      this.#shortenValue(text, this.#limits.lineBytes)
      this.#isCut = true
      this.counts.lines += 1
    }
  }

  /** Cuts a text off between characters. */
  #shortenValue(text: TextAt, limit: number): void {
    let end = text.start + limit
    while (end > text.start && ((this.#bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
    this.#shorten(text.anyLengthStart, text.anyStart, text.anyEnd, () => {
      this.#splicer.replace(text.lengthStart, text.start, encodeVarint32(end - text.start))
      this.#splicer.remove(end, text.end)
    })
  }

  #shorten(lengthStart: number, bodyStart: number, end: number, change: () => void): void {
    const place = this.#splicer.open()
    const before = this.#splicer.delta
    change()
    this.#splicer.close(place, lengthStart, bodyStart, end, this.#splicer.delta - before)
  }

  /** The last of several counts holds, so the new one goes to the end. */
  #insertDropped(shape: Shape, bodyStart: number, end: number): void {
    const field = shape.byName.get('droppedAttributesCount')?.number
    if (field === undefined) return
    const reader = new ProtoReader(this.#bytes, bodyStart, end)
    let present = 0
    while (reader.next()) {
      if (reader.field === field && reader.wireType === VARINT) present = reader.uint32()
      else reader.skip()
    }
    const writer = new ProtoWriter(16)
    writer.uint32(field, Math.min(this.#dropped + present, 0xffff_ffff))
    this.#splicer.insert(end, writer.finish())
  }

  #insertMark(shape: Shape, end: number): void {
    const field = shape.fields.find((of) => of?.shape === KEY_VALUE)?.number
    if (field === undefined) return
    const writer = new ProtoWriter(64)
    const pair = writer.begin(field)
    writer.string(1, TRUNCATED)
    writer.tag(2, BYTES)
    writer.raw(Uint8Array.of(2, 0x10, 1))
    writer.end(pair)
    this.#splicer.insert(end, writer.finish())
  }
}

interface TextAt {
  readonly anyLengthStart: number
  readonly anyStart: number
  readonly anyEnd: number
  readonly lengthStart: number
  readonly start: number
  readonly end: number
}
