import { AppError } from '../../core/index.ts'
import { JSON_KINDS, type JsonReader, JsonText } from '../json/index.ts'
import type { ProtoWriter } from '../proto/index.ts'

/** The field numbers of AnyValue's variants. */
const ANY = { string: 1, bool: 2, int: 3, double: 4, array: 5, map: 6 } as const
const VALUES = 1
const KEY = 1
const VALUE = 2

export interface AnyLimits {
  readonly nesting: number
  /** Of one string; longer ones are cut off. */
  readonly valueBytes: number
  /** Told of each string that is cut off. */
  readonly cut: () => void
}

const MAX_INT = 2n ** 63n - 1n
const MIN_INT = -(2n ** 63n)

const text = new JsonText()

/** Writes the JSON value that the reader stands at as the content of an AnyValue. `null` is no content. */
export function readAny(reader: JsonReader, writer: ProtoWriter, limits: AnyLimits, depth: number): void {
  if (depth >= limits.nesting) {
    throw new AppError('invalid', `JSON: more than ${String(limits.nesting)} levels of nested values`)
  }
  switch (reader.kind()) {
    case JSON_KINDS.string:
      reader.string()
      writeText(reader, writer, ANY.string, limits)
      return
    case JSON_KINDS.number:
      writeNumber(reader, writer)
      return
    case JSON_KINDS.array: {
      const array = writer.begin(ANY.array)
      reader.beginArray()
      while (reader.nextElement()) {
        const element = writer.begin(VALUES)
        readAny(reader, writer, limits, depth + 1)
        writer.end(element)
      }
      writer.end(array)
      return
    }
    case JSON_KINDS.object: {
      const map = writer.begin(ANY.map)
      reader.beginObject()
      while (reader.nextMember()) {
        const pair = writer.begin(VALUES)
        writeText(reader, writer, KEY, limits)
        const value = writer.begin(VALUE)
        readAny(reader, writer, limits, depth + 1)
        writer.end(value)
        writer.end(pair)
      }
      writer.end(map)
      return
    }
    default: {
      const kind = reader.literal()
      if (kind !== JSON_KINDS.null) writer.bool(ANY.bool, kind === JSON_KINDS.true)
    }
  }
}

function writeNumber(reader: JsonReader, writer: ProtoWriter): void {
  const isInteger = reader.number()
  const digits = Buffer.from(
    reader.bytes.buffer,
    reader.bytes.byteOffset + reader.start,
    reader.end - reader.start,
  ).toString('latin1')
  if (isInteger && digits.length < 16) {
    writer.int64(ANY.int, Number(digits))
    return
  }
  if (isInteger && digits.length <= 20) {
    const whole = BigInt(digits)
    if (whole >= MIN_INT && whole <= MAX_INT) {
      writer.int64(ANY.int, whole)
      return
    }
  }
  writer.double(ANY.double, Number(digits))
}

function writeText(reader: JsonReader, writer: ProtoWriter, field: number, limits: AnyLimits): void {
  text.take(reader)
  let end = text.end
  if (end - text.start > limits.valueBytes) {
    end = text.start + limits.valueBytes
    while (end > text.start && ((text.bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
    limits.cut()
  }
  writer.bytesRange(field, text.bytes, text.start, end)
}
