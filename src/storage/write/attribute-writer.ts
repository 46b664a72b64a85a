import { type ProtoReader, VARINT } from '../../wire/index.ts'
import { ByteBuffer } from '../native/byte-buffer.ts'
import type { MapColumn } from '../native/array-columns.ts'
import type { LowCardinalityColumn } from '../native/low-cardinality-column.ts'
import type { StringColumn } from '../native/string-column.ts'
import { FIRST_UNTAGGED, TAG } from '../tagged-text.ts'
import { ANY, formatDouble, readAnyValue, toOtlpJson } from './any-value.ts'
import { takeShortVarint } from './number-list.ts'
import { ByteRange, type RangeList } from './payload.ts'

/** Attributes in a table: name → tagged text. */
export type AttributeMap = MapColumn<LowCardinalityColumn, StringColumn>

/**
 * Writes OTLP attributes into columns as tagged text (see `../tagged-text.ts`), from bytes to bytes: a string value is
 * copied, a number is printed into a scratch buffer. One instance serves one reader at a time and keeps nothing.
 * A value in which nothing is set becomes an empty text, or, `kept`, tagged JSON `{}`.
 */
export class AttributeWriter {
  readonly #key = new ByteRange()
  readonly #value = new ByteRange()
  readonly #scratch = new ByteBuffer(64)
  readonly #unset: 'empty' | 'kept'

  constructor(unset: 'empty' | 'kept' = 'empty') {
    this.#unset = unset
  }

  /** Pushes the pairs of the KeyValues at these ranges. The caller ends the row. */
  push(reader: ProtoReader, keyValues: RangeList, column: AttributeMap): void {
    for (let i = 0; i < keyValues.count; i++) this.pushOne(reader, keyValues.start(i), keyValues.end(i), column)
  }

  /** Pushes the pair of the KeyValue at `[start, end)`; the reader is left where it was. */
  pushOne(reader: ProtoReader, start: number, end: number, column: AttributeMap): void {
    const { pos: outerPos, end: outerEnd } = reader
    reader.pos = start
    reader.end = end
    this.#key.clear()
    this.#value.clear()
    while (reader.next()) {
      if (reader.field === 1) this.#key.take(reader)
      else if (reader.field === 2) this.#value.take(reader)
      else reader.skip()
    }
    column.keys.push(reader.bytes, this.#key.start, this.#key.end)
    this.#pushValue(reader, this.#value, column.values)
    reader.pos = outerPos
    reader.end = outerEnd
  }

  /** The AnyValue at `range` as tagged text. Most values are one string field that fills the range: look there first. */
  #pushValue(reader: ProtoReader, range: ByteRange, column: StringColumn): void {
    reader.pos = range.start
    reader.end = range.end
    if (!reader.next()) {
      this.#pushUnset(column)
      return
    }
    switch (reader.field) {
      case ANY.string:
        range.take(reader)
        if (reader.next()) break
        pushString(reader.bytes, range, column)
        return
      case ANY.int:
        this.#pushInt(reader, column)
        return
      case ANY.bool:
        column.pushTagged(TAG.bool, reader.bool() ? TRUE : FALSE)
        return
      default:
    }
    reader.pos = reader.fieldStart
    this.#pushRareValue(reader, column)
  }

  #pushUnset(column: StringColumn): void {
    if (this.#unset === 'kept') column.pushTagged(TAG.json, NO_MEMBERS)
    else column.pushEmpty()
  }

  #pushInt(reader: ProtoReader, column: StringColumn): void {
    reader.expect(VARINT)
    const scratch = this.#scratch
    scratch.length = 0
    const short = takeShortVarint(reader)
    if (short >= 0) printDigits(short, scratch)
    else scratch.text(String(reader.int64()))
    column.pushTagged(TAG.int, scratch.bytes, 0, scratch.length)
  }

  /** Doubles, bytes, nested values, and values that are given twice. */
  #pushRareValue(reader: ProtoReader, column: StringColumn): void {
    const value = readAnyValue(reader)
    const scratch = this.#scratch
    scratch.length = 0
    switch (value.kind) {
      case 'none':
        this.#pushUnset(column)
        return
      case 'string':
        if (value.value.charCodeAt(0) < FIRST_UNTAGGED) scratch.byte(TAG.escape)
        scratch.text(value.value)
        break
      case 'int':
        scratch.byte(TAG.int)
        scratch.text(String(value.value))
        break
      case 'bool':
        scratch.byte(TAG.bool)
        scratch.text(String(value.value))
        break
      case 'double':
        scratch.byte(TAG.double)
        scratch.text(formatDouble(value.value))
        break
      case 'bytes':
        scratch.byte(TAG.bytes)
        scratch.text(Buffer.from(value.value).toString('base64'))
        break
      case 'array':
      case 'map':
        scratch.byte(TAG.json)
        scratch.text(toOtlpJson(value))
        break
    }
    column.push(scratch.bytes, 0, scratch.length)
  }
}

const NO_MEMBERS = Buffer.from('{}')
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const DIGIT_0 = 0x30

function pushString(bytes: Uint8Array, range: ByteRange, column: StringColumn): void {
  const first = bytes[range.start] ?? 0
  if (!range.isEmpty && first < FIRST_UNTAGGED) column.pushTagged(TAG.escape, bytes, range.start, range.end)
  else column.push(bytes, range.start, range.end)
}

function printDigits(value: number, out: ByteBuffer): void {
  out.reserve(16)
  let digits = 1
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++
  let rest = value
  for (let at = out.length + digits - 1; at >= out.length; at--) {
    out.bytes[at] = DIGIT_0 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  out.length += digits
}
