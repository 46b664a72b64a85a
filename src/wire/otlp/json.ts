import { AppError } from '../../core/index.ts'
import type { Signal } from '../../model/index.ts'
import { ProtoWriter } from '../proto/index.ts'
import { DEFAULT_OTLP_LIMITS, type OtlpLimits } from './limits.ts'
import { ANY_VALUE, type Field, REQUESTS, type Scalar, type Shape } from './schema.ts'

/**
 * OTLP/JSON → protobuf, by the specification: keys in lowerCamelCase, trace and span ids in hexadecimal, other bytes
 * in base64, enums as integers, 64-bit integers as strings or numbers, `null` is absent, unknown keys are ignored.
 * Throws AppError `invalid` with the path of what is wrong.
 */
export function jsonToOtlp(signal: Signal, text: string, limits: OtlpLimits = DEFAULT_OTLP_LIMITS): Uint8Array {
  let request: unknown
  try {
    request = JSON.parse(text)
  } catch (reason) {
    throw new AppError('invalid', 'OTLP/JSON: the body is no JSON', { cause: reason })
  }
  const writer = new ProtoWriter(text.length)
  writeMessage(REQUESTS[signal], request, { limits, writer, nesting: 0 })
  return writer.finish()
}

interface Context {
  readonly limits: OtlpLimits
  readonly writer: ProtoWriter
  /** How many values stand around this one. */
  readonly nesting: number
}

function writeMessage(shape: Shape, value: unknown, context: Context): void {
  if (!isObject(value)) throw wrong(shape.name, 'an object')
  for (const key in value) {
    const member = value[key]
    const field = shape.byName.get(key)
    if (field === undefined || member === null) continue
    if (!field.repeated) {
      writeField(shape, field, member, context)
      continue
    }
    if (!Array.isArray(member)) throw wrong(`${shape.name}.${key}`, 'an array')
    for (const element of member) writeField(shape, field, element, context)
  }
}

function writeField(owner: Shape, field: Field, value: unknown, context: Context): void {
  const { writer } = context
  if (typeof field.type === 'string') {
    WRITERS[field.type](writer, field.number, value, `${owner.name}.${field.name}`)
    return
  }
  const isValue = field.shape === ANY_VALUE
  if (isValue && context.nesting >= context.limits.nesting) {
    throw new AppError('invalid', `OTLP/JSON: more than ${String(context.limits.nesting)} levels of nested values`)
  }
  const start = writer.begin(field.number)
  writeMessage(field.type, value, isValue ? { ...context, nesting: context.nesting + 1 } : context)
  writer.end(start)
}

type WriteScalar = (writer: ProtoWriter, field: number, value: unknown, path: string) => void

const WRITERS: Readonly<Record<Scalar, WriteScalar>> = {
  string: (writer, field, value, path) => {
    if (typeof value !== 'string') throw wrong(path, 'a string')
    writer.string(field, value)
  },
  bytes: (writer, field, value, path) => {
    if (typeof value !== 'string' || !BASE64.test(value)) throw wrong(path, 'base64')
    writer.bytes(field, Buffer.from(value, 'base64'))
  },
  hex: (writer, field, value, path) => {
    if (typeof value !== 'string' || value.length % 2 !== 0 || !HEX.test(value)) throw wrong(path, 'hexadecimal')
    writer.bytes(field, Buffer.from(value, 'hex'))
  },
  bool: (writer, field, value, path) => {
    if (typeof value !== 'boolean') throw wrong(path, 'true or false')
    writer.bool(field, value)
  },
  enum: (writer, field, value, path) => {
    writer.int64(field, toInteger(value, path, INT32))
  },
  int32: (writer, field, value, path) => {
    writer.int64(field, toInteger(value, path, INT32))
  },
  uint32: (writer, field, value, path) => {
    writer.int64(field, toInteger(value, path, UINT32))
  },
  sint32: (writer, field, value, path) => {
    writer.sint32(field, Number(toInteger(value, path, INT32)))
  },
  int64: (writer, field, value, path) => {
    writer.int64(field, toInteger(value, path, INT64))
  },
  uint64: (writer, field, value, path) => {
    writer.int64(field, toInteger(value, path, UINT64))
  },
  fixed32: (writer, field, value, path) => {
    writer.fixed32(field, Number(toInteger(value, path, UINT32)))
  },
  fixed64: (writer, field, value, path) => {
    writer.fixed64(field, toInteger(value, path, UINT64))
  },
  sfixed64: (writer, field, value, path) => {
    writer.sfixed64(field, toInteger(value, path, INT64))
  },
  double: (writer, field, value, path) => {
    writer.double(field, toDouble(value, path))
  },
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const HEX = /^[0-9A-Fa-f]*$/
const DECIMAL = /^-?[0-9]{1,20}$/
const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n }
const UINT32 = { min: 0n, max: 2n ** 32n - 1n }
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const UINT64 = { min: 0n, max: 2n ** 64n - 1n }

function toInteger(value: unknown, path: string, range: { readonly min: bigint; readonly max: bigint }): bigint {
  let integer: bigint | undefined
  if (typeof value === 'number' && Number.isInteger(value)) integer = BigInt(value)
  else if (typeof value === 'string' && DECIMAL.test(value)) integer = BigInt(value)
  if (integer === undefined || integer < range.min || integer > range.max) {
    throw wrong(path, `an integer from ${String(range.min)} to ${String(range.max)}`)
  }
  return integer
}

function toDouble(value: unknown, path: string): number {
  if (typeof value === 'number') return value
  if (value === 'NaN') return NaN
  if (value === 'Infinity') return Infinity
  if (value === '-Infinity') return -Infinity
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value)
  throw wrong(path, 'a number')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(path: string, wanted: string): AppError {
  return new AppError('invalid', `OTLP/JSON: ${path} is not ${wanted}`)
}
