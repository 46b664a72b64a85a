import type { ProtoWriter } from '../../proto/index.ts'

/** A whole number is written as an OTLP int, any other number as a double, a bigint always as an int. */
export type AttributeValue = string | number | bigint | boolean
export type Attributes = Readonly<Record<string, AttributeValue>>

const KEY = 1
const VALUE = 2
const STRING_VALUE = 1
const BOOL_VALUE = 2
const INT_VALUE = 3
const DOUBLE_VALUE = 4

/** Appends one `KeyValue` as field `field` of the message being written. */
export function writeAttribute(writer: ProtoWriter, field: number, key: string, value: AttributeValue): void {
  const pair = writer.begin(field)
  writer.string(KEY, key)
  const any = writer.begin(VALUE)
  writeValue(writer, value)
  writer.end(any)
  writer.end(pair)
}

/** Appends the attributes in the order of their keys in the object. */
export function writeAttributes(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const value = attributes[key]
    if (value !== undefined) writeAttribute(writer, field, key, value)
  }
}

/** Appends an `AnyValue` that holds text given as bytes; they must be valid UTF-8. */
export function writeTextValue(writer: ProtoWriter, field: number, utf8: Uint8Array): void {
  const any = writer.begin(field)
  writer.bytes(STRING_VALUE, utf8)
  writer.end(any)
}

function writeValue(writer: ProtoWriter, value: AttributeValue): void {
  if (typeof value === 'string') writer.string(STRING_VALUE, value)
  else if (typeof value === 'boolean') writer.bool(BOOL_VALUE, value)
  else if (typeof value === 'bigint' || Number.isSafeInteger(value)) writer.int64(INT_VALUE, value)
  else writer.double(DOUBLE_VALUE, value)
}
