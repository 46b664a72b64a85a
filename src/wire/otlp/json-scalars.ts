import { AppError } from '../../core/index.ts'
import { Decimal64, hexDigit, JSON_KINDS, type JsonReader, JsonText } from '../json/index.ts'
import { FIXED64, type ProtoWriter } from '../proto/index.ts'
import type { Field, Scalar, Shape } from './schema.ts'

const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
/** Longer than any number that is written as text. */
const MAX_NUMBER_BYTES = 400

const MAX_INT32 = 2 ** 31 - 1
const MAX_UINT32 = 2 ** 32 - 1

/** Reads OTLP/JSON's scalars from a reader and writes them as fields of protobuf. */
export class JsonScalars {
  readonly #reader: JsonReader
  readonly #writer: ProtoWriter
  readonly #text = new JsonText()
  readonly #decimal = new Decimal64()
  #hex = new Uint8Array(16)

  constructor(reader: JsonReader, writer: ProtoWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  /** Reads the value that comes next and writes it. Throws AppError `invalid` if it is none of this type. */
  write(owner: Shape, field: Field, type: Scalar): void {
    const writer = this.#writer
    const { number } = field
    switch (type) {
      case 'string':
        this.#readString(owner, field, 'a string')
        writer.bytesRange(number, this.#text.bytes, this.#text.start, this.#text.end)
        return
      case 'hex':
        this.#readString(owner, field, 'hexadecimal')
        this.#writeHex(owner, field)
        return
      case 'bytes':
        this.#readString(owner, field, 'base64')
        this.#writeBase64(owner, field)
        return
      case 'bool':
        this.#writeBool(owner, field)
        return
      case 'double':
        writer.double(number, this.#readDouble(owner, field))
        return
      case 'fixed64':
      case 'sfixed64':
        this.#readInteger(owner, field, type === 'fixed64')
        this.#decimal.complement()
        writer.tag(number, FIXED64)
        writer.rawHalves(this.#decimal.low, this.#decimal.high)
        return
      case 'int64':
      case 'uint64':
        this.#readInteger(owner, field, type === 'uint64')
        this.#writeVarint(number)
        return
      default:
        this.#writeSmall(owner, field, type)
    }
  }

  #writeSmall(owner: Shape, field: Field, type: 'enum' | 'uint32' | 'int32' | 'sint32' | 'fixed32'): void {
    const isUnsigned = type === 'uint32' || type === 'fixed32'
    this.#readInteger(owner, field, isUnsigned)
    const value = this.#decimal.toNumber()
    if (value > (isUnsigned ? MAX_UINT32 : MAX_INT32) || value < -MAX_INT32 - 1) {
      throw wrong(owner, field, isUnsigned ? 'an integer of 32 bits, not negative' : 'an integer of 32 bits')
    }
    if (type === 'fixed32') this.#writer.fixed32(field.number, value)
    else if (type === 'sint32') this.#writer.sint32(field.number, value)
    else this.#writer.int64(field.number, value)
  }

  #writeVarint(number: number): void {
    const decimal = this.#decimal
    const value = decimal.toNumber()
    if (Number.isSafeInteger(value)) {
      this.#writer.int64(number, value)
      return
    }
    decimal.complement()
    this.#writer.int64(number, (BigInt(decimal.high) << 32n) | BigInt(decimal.low))
  }

  #readString(owner: Shape, field: Field, wanted: string): void {
    if (this.#reader.kind() !== JSON_KINDS.string) throw wrong(owner, field, wanted)
    this.#reader.string()
    this.#text.take(this.#reader)
  }

  #writeHex(owner: Shape, field: Field): void {
    const { bytes, start, end } = this.#text
    const size = (end - start) >>> 1
    if ((end - start) % 2 !== 0) throw wrong(owner, field, 'hexadecimal')
    if (this.#hex.length < size) this.#hex = new Uint8Array(size)
    for (let i = 0; i < size; i++) {
      const high = hexDigit(bytes[start + 2 * i] ?? 0)
      const low = hexDigit(bytes[start + 2 * i + 1] ?? 0)
      if (high < 0 || low < 0) throw wrong(owner, field, 'hexadecimal')
      this.#hex[i] = (high << 4) | low
    }
    this.#writer.bytesRange(field.number, this.#hex, 0, size)
  }

  #writeBase64(owner: Shape, field: Field): void {
    const text = this.#text.toString()
    if (!BASE64.test(text)) throw wrong(owner, field, 'base64')
    this.#writer.bytes(field.number, Buffer.from(text, 'base64'))
  }

  #writeBool(owner: Shape, field: Field): void {
    const kind = this.#reader.kind()
    if (kind !== JSON_KINDS.true && kind !== JSON_KINDS.false) throw wrong(owner, field, 'true or false')
    this.#writer.bool(field.number, this.#reader.literal() === JSON_KINDS.true)
  }

  #readDouble(owner: Shape, field: Field): number {
    const kind = this.#reader.kind()
    if (kind === JSON_KINDS.number) {
      this.#reader.number()
      return Number(this.#slice(this.#reader.start, this.#reader.end))
    }
    this.#readString(owner, field, 'a number')
    const text = this.#text.end - this.#text.start > MAX_NUMBER_BYTES ? '' : this.#text.toString()
    if (text === 'NaN') return NaN
    if (text === 'Infinity') return Infinity
    if (text === '-Infinity') return -Infinity
    if (!NUMBER.test(text)) throw wrong(owner, field, 'a number')
    return Number(text)
  }

  /** Reads an integer, given as a number or as a string of digits. */
  #readInteger(owner: Shape, field: Field, isUnsigned: boolean): void {
    const wanted = isUnsigned ? 'an integer that is not negative, of 64 bits at most' : 'an integer of 64 bits at most'
    const kind = this.#reader.kind()
    const decimal = this.#decimal
    if (kind === JSON_KINDS.number) {
      const isPlain = this.#reader.number()
      if (!isPlain || !decimal.read(this.#reader.bytes, this.#reader.start, this.#reader.end))
        this.#readRounded(owner, field)
    } else {
      this.#readString(owner, field, wanted)
      if (!decimal.read(this.#text.bytes, this.#text.start, this.#text.end)) throw wrong(owner, field, wanted)
    }
    if (isUnsigned ? !decimal.isUnsigned : !decimal.isSigned) throw wrong(owner, field, wanted)
  }

  /** A number with a point or an exponent that is an integer all the same: `1e3`, `2.0`. */
  #readRounded(owner: Shape, field: Field): void {
    const value = Number(this.#slice(this.#reader.start, this.#reader.end))
    const digits = Number.isInteger(value) ? Buffer.from(String(BigInt(value))) : Buffer.alloc(0)
    if (!this.#decimal.read(digits, 0, digits.length)) throw wrong(owner, field, 'an integer of 64 bits at most')
  }

  #slice(start: number, end: number): string {
    const { bytes } = this.#reader
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  }
}

function wrong(owner: Shape, field: Field, wanted: string): AppError {
  return new AppError('invalid', `OTLP/JSON: ${owner.name}.${field.name} is not ${wanted}`)
}
