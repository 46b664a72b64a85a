import { AppError } from '../../../core/index.ts'
import { BYTES, type ProtoReader } from '../../proto/index.ts'

/** OTLP's `AnyValue` as an object. For the values that are not hot: nested ones, resource attributes, labels. */
export type AnyValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'array'; readonly values: readonly AnyValue[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: string, value: AnyValue])[] }

/** The field numbers of AnyValue's variants. */
export const ANY = { string: 1, bool: 2, int: 3, double: 4, array: 5, map: 6, bytes: 7 } as const

/** Deeper values are refused: nobody means them, and they would exhaust the stack. */
const DEPTH_LIMIT = 64

/** Reads the AnyValue that the reader stands in, to its end. A variant that comes later wins. */
export function readAnyValue(reader: ProtoReader, depth = 0): AnyValue {
  if (depth > DEPTH_LIMIT) throw new AppError('invalid', 'otlp: a value is nested too deeply')
  let value: AnyValue = { kind: 'none' }
  while (reader.next()) {
    switch (reader.field) {
      case ANY.string:
        reader.expect(BYTES)
        value = { kind: 'string', value: reader.string() }
        break
      case ANY.bool:
        value = { kind: 'bool', value: reader.bool() }
        break
      case ANY.int:
        value = { kind: 'int', value: reader.int64() }
        break
      case ANY.double:
        value = { kind: 'double', value: reader.double() }
        break
      case ANY.bytes:
        reader.expect(BYTES)
        value = { kind: 'bytes', value: reader.slice() }
        break
      case ANY.array:
        value = { kind: 'array', values: readArray(reader, depth) }
        break
      case ANY.map:
        value = { kind: 'map', entries: readMap(reader, depth) }
        break
      default:
        reader.skip()
    }
  }
  return value
}

/** Reads the KeyValue that the reader stands in, to its end. */
export function readKeyValue(reader: ProtoReader, depth = 0): readonly [key: string, value: AnyValue] {
  let key = ''
  let value: AnyValue = { kind: 'none' }
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(BYTES)
      key = reader.string()
    } else if (reader.field === 2) {
      reader.expect(BYTES)
      const outer = reader.enter()
      value = readAnyValue(reader, depth)
      reader.leave(outer)
    } else {
      reader.skip()
    }
  }
  return [key, value]
}

/** As people and labels show it: a string bare, nested values as plain JSON, nothing as the empty string. */
export function toPlainText(value: AnyValue): string {
  switch (value.kind) {
    case 'none':
      return ''
    case 'string':
      return value.value
    case 'bytes':
      return toBase64(value.value)
    case 'double':
      return formatDouble(value.value)
    case 'bool':
    case 'int':
      return String(value.value)
    case 'array':
    case 'map':
      return toPlainJson(value)
  }
}

/** OTLP's JSON encoding of the AnyValue: `{"arrayValue":{"values":[…]}}`. */
export function toOtlpJson(value: AnyValue): string {
  switch (value.kind) {
    case 'none':
      return '{}'
    case 'string':
      return `{"stringValue":${JSON.stringify(value.value)}}`
    case 'bool':
      return `{"boolValue":${String(value.value)}}`
    case 'int':
      return `{"intValue":"${String(value.value)}"}`
    case 'double':
      return `{"doubleValue":${Number.isFinite(value.value) ? String(value.value) : JSON.stringify(String(value.value))}}`
    case 'bytes':
      return `{"bytesValue":"${toBase64(value.value)}"}`
    case 'array':
      return `{"arrayValue":{"values":[${value.values.map(toOtlpJson).join(',')}]}}`
    case 'map': {
      const entries = value.entries.map(([key, inner]) => `{"key":${JSON.stringify(key)},"value":${toOtlpJson(inner)}}`)
      return `{"kvlistValue":{"values":[${entries.join(',')}]}}`
    }
  }
}

/** Shortest decimal that reads back the same; `NaN`, `+Inf` and `-Inf` as Prometheus writes them. */
export function formatDouble(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Plain JSON, integers exactly; of a key that is given twice the last value counts. */
export function toPlainJson(value: AnyValue): string {
  switch (value.kind) {
    case 'none':
      return 'null'
    case 'string':
    case 'bytes':
      return JSON.stringify(toPlainText(value))
    case 'double':
      return Number.isFinite(value.value) ? String(value.value) : JSON.stringify(formatDouble(value.value))
    case 'bool':
    case 'int':
      return String(value.value)
    case 'array':
      return `[${value.values.map(toPlainJson).join(',')}]`
    case 'map':
      return `{${[...new Map(value.entries)].map(([key, inner]) => `${JSON.stringify(key)}:${toPlainJson(inner)}`).join(',')}}`
  }
}

function readArray(reader: ProtoReader, depth: number): readonly AnyValue[] {
  const values: AnyValue[] = []
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const arrayEnd = reader.enter()
    values.push(readAnyValue(reader, depth + 1))
    reader.leave(arrayEnd)
  }
  reader.leave(outer)
  return values
}

function readMap(reader: ProtoReader, depth: number): readonly (readonly [string, AnyValue])[] {
  const entries: (readonly [string, AnyValue])[] = []
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const mapEnd = reader.enter()
    entries.push(readKeyValue(reader, depth + 1))
    reader.leave(mapEnd)
  }
  reader.leave(outer)
  return entries
}
