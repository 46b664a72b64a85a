import { AppError } from '../../core/index.ts'

/** Protobuf wire types. Groups (3, 4) are not accepted. */
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

const utf8 = new TextDecoder('utf-8')

/**
 * A one-pass reader over protobuf wire bytes. It allocates nothing per field: `next()` steps to a field, the caller
 * looks at `field` and `wireType` and calls exactly one of the value methods. Nested messages are read in place with
 * `enter()` and `leave()`, so one reader serves a whole request.
 *
 * Throws AppError `invalid` on truncated or malformed input; it never reads outside its bounds.
 */
export class ProtoReader {
  readonly bytes: Uint8Array
  /** Over the same bytes, for callers that read numbers at a position of their own. */
  readonly view: DataView
  /** The next byte to read. */
  pos: number
  /** The end of the message being read. */
  end: number
  field = 0
  wireType = 0
  /** Where the current field's tag began; with `pos` after the value it bounds the whole field. */
  fieldStart = 0

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.pos = start
    this.end = end
  }

  /** Steps to the next field of the current message; false at its end. */
  next(): boolean {
    if (this.pos >= this.end) return false
    this.fieldStart = this.pos
    const tag = this.#short('a tag')
    this.field = tag >>> 3
    this.wireType = tag & 7
    if (this.field === 0) throw this.#malformed('field number 0')
    return true
  }

  /** Begins the length-delimited message that the current field holds; returns the outer end for `leave`. */
  enter(): number {
    const length = this.length()
    const outer = this.end
    this.end = this.pos + length
    return outer
  }

  /** Ends a message begun with `enter`, skipping what was not read. */
  leave(outerEnd: number): void {
    this.pos = this.end
    this.end = outerEnd
  }

  /** Skips the value of the current field. */
  skip(): void {
    switch (this.wireType) {
      case VARINT:
        this.skipVarint()
        return
      case FIXED64:
        this.#need(8)
        this.pos += 8
        return
      case BYTES: {
        // Not `pos += …`: reading the length moves `pos`.
        const length = this.length()
        this.pos += length
        return
      }
      case FIXED32:
        this.#need(4)
        this.pos += 4
        return
      default:
        throw this.#malformed(`wire type ${String(this.wireType)}`)
    }
  }

  skipVarint(): void {
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.end) throw this.#malformed('truncated varint')
      if (((this.bytes[this.pos++] ?? 0) & 0x80) === 0) return
    }
    throw this.#malformed('varint longer than 10 bytes')
  }

  /** A varint's low 32 bits, unsigned. */
  uint32(): number {
    const bytes = this.bytes
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.end) throw this.#malformed('truncated varint')
      const byte = bytes[this.pos++] ?? 0
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw this.#malformed('varint longer than 10 bytes')
  }

  /** A varint as unsigned 64 bits. */
  uint64(): bigint {
    let low = 0
    let high = 0
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.end) throw this.#malformed('truncated varint')
      const byte = this.bytes[this.pos++] ?? 0
      const bits = byte & 0x7f
      const shift = 7 * i
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
    }
    throw this.#malformed('varint longer than 10 bytes')
  }

  /** A varint as two's-complement 64 bits (`int64`). */
  int64(): bigint {
    return BigInt.asIntN(64, this.uint64())
  }

  /** A varint of an `int32` field. */
  int32(): number {
    return this.uint32() | 0
  }

  /** A zigzag varint of a `sint32` field. */
  sint32(): number {
    const value = this.uint32()
    return (value >>> 1) ^ -(value & 1)
  }

  /** A zigzag varint of a `sint64` field. */
  sint64(): bigint {
    const value = this.uint64()
    return (value >> 1n) ^ -(value & 1n)
  }

  bool(): boolean {
    return this.uint64() !== 0n
  }

  double(): number {
    this.#need(8)
    const value = this.view.getFloat64(this.pos, true)
    this.pos += 8
    return value
  }

  fixed64(): bigint {
    this.#need(8)
    const value = this.view.getBigUint64(this.pos, true)
    this.pos += 8
    return value
  }

  sfixed64(): bigint {
    return BigInt.asIntN(64, this.fixed64())
  }

  fixed32(): number {
    this.#need(4)
    const value = this.view.getUint32(this.pos, true)
    this.pos += 4
    return value
  }

  /** A length-delimited value as a view of the input (not a copy). */
  slice(): Uint8Array {
    const length = this.length()
    const start = this.pos
    this.pos += length
    return this.bytes.subarray(start, this.pos)
  }

  string(): string {
    const bytes = this.slice()
    if (bytes.length < 24) {
      let ascii = ''
      for (const byte of bytes) {
        if (byte > 0x7f) return utf8.decode(bytes)
        ascii += String.fromCharCode(byte)
      }
      return ascii
    }
    return utf8.decode(bytes)
  }

  /** Throws unless the current field has this wire type. */
  expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw this.#malformed(
        `field ${String(this.field)} has wire type ${String(this.wireType)}, not ${String(wireType)}`,
      )
    }
  }

  /** The length in front of a value, which must not run past the end of its message. */
  length(): number {
    const length = this.#short('a length')
    this.#need(length)
    return length
  }

  /** A varint that must fit 32 bits: a length whose upper bits are dropped would be another one. */
  #short(what: string): number {
    const { bytes } = this
    const first = bytes[this.pos] ?? 0
    if (first < 0x80 && this.pos < this.end) {
      this.pos += 1
      return first
    }
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.pos >= this.end) throw this.#malformed('truncated varint')
      const byte = bytes[this.pos++] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte >= 0x80) continue
      if (shift === 28 && byte > 0x0f) break
      return value >>> 0
    }
    throw this.#malformed(`${what} of more than 32 bits`)
  }

  #need(length: number): void {
    if (length > this.end - this.pos) throw this.#malformed('a value runs past the end of its message')
  }

  #malformed(what: string): AppError {
    return new AppError('invalid', `protobuf: ${what} at byte ${String(this.pos)}`)
  }
}
