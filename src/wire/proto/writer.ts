import { BYTES, FIXED32, FIXED64, VARINT } from './reader.ts'

const utf8 = new TextEncoder()

/** Fewer bytes than this are copied sooner one by one than by a call. */
const SHORT_COPY = 64

/**
 * Writes protobuf wire bytes into one growing buffer. Nested messages are begun and ended in place; their length is
 * patched in afterwards (a length takes one byte where it can, and the body is moved when it cannot).
 */
export class ProtoWriter {
  #bytes: Uint8Array
  #view: DataView
  length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }

  /** A view of what was written, valid until the next write or reset. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  reset(): void {
    this.length = 0
  }

  tag(field: number, wireType: number): void {
    this.varint32(((field << 3) | wireType) >>> 0)
  }

  varint32(value: number): void {
    this.#grow(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.#bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.length++] = rest
  }

  varint64(value: bigint): void {
    this.#grow(10)
    let rest = BigInt.asUintN(64, value)
    while (rest > 0x7fn) {
      this.#bytes[this.length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.length++] = Number(rest)
  }

  uint32(field: number, value: number): void {
    this.tag(field, VARINT)
    this.varint32(value)
  }

  /** An `int64`/`uint64` field; a number must be a safe integer. */
  int64(field: number, value: bigint | number): void {
    this.tag(field, VARINT)
    if (typeof value === 'number' && value >= 0) this.#safeVarint(value)
    else this.varint64(BigInt(value))
  }

  sint32(field: number, value: number): void {
    this.tag(field, VARINT)
    this.varint32(((value << 1) ^ (value >> 31)) >>> 0)
  }

  sint64(field: number, value: bigint | number): void {
    const wide = BigInt(value)
    this.tag(field, VARINT)
    this.varint64((wide << 1n) ^ (wide >> 63n))
  }

  bool(field: number, value: boolean): void {
    this.tag(field, VARINT)
    this.varint32(value ? 1 : 0)
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64)
    this.rawDouble(value)
  }

  fixed64(field: number, value: bigint): void {
    this.tag(field, FIXED64)
    this.#grow(8)
    this.#view.setBigUint64(this.length, BigInt.asUintN(64, value), true)
    this.length += 8
  }

  sfixed64(field: number, value: bigint): void {
    this.fixed64(field, value)
  }

  fixed32(field: number, value: number): void {
    this.tag(field, FIXED32)
    this.#grow(4)
    this.#view.setUint32(this.length, value, true)
    this.length += 4
  }

  string(field: number, value: string): void {
    this.tag(field, BYTES)
    this.#grow(5 + 3 * value.length)
    // Short strings have a one-byte length: write the text behind it and patch.
    const start = this.length + 1
    const written = utf8.encodeInto(value, this.#bytes.subarray(start)).written
    if (written < 0x80) {
      this.#bytes[this.length] = written
      this.length = start + written
      return
    }
    const header = varintLength(written)
    this.#bytes.copyWithin(this.length + header, start, start + written)
    this.varint32(written)
    this.length += written
  }

  bytes(field: number, value: Uint8Array): void {
    this.tag(field, BYTES)
    this.varint32(value.length)
    this.raw(value)
  }

  /** Appends bytes as they are: whole encoded fields, or the body of a packed field. */
  raw(value: Uint8Array): void {
    this.#grow(value.length)
    this.#bytes.set(value, this.length)
    this.length += value.length
  }

  /** Appends the bytes from `start` to `end`; cheaper than `raw` of a view where they are few. */
  rawRange(from: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (size > SHORT_COPY) {
      this.raw(from.subarray(start, end))
      return
    }
    this.#grow(size)
    const bytes = this.#bytes
    let to = this.length
    for (let at = start; at < end; at++) bytes[to++] = from[at] ?? 0
    this.length = to
  }

  /** A length-delimited field that holds the bytes from `start` to `end`. */
  bytesRange(field: number, from: Uint8Array, start: number, end: number): void {
    this.tag(field, BYTES)
    this.varint32(end - start)
    this.rawRange(from, start, end)
  }

  /** Appends all that another writer has written. */
  append(other: ProtoWriter): void {
    this.rawRange(other.#bytes, 0, other.length)
  }

  /** Eight bytes of a double without a tag, for packed fields. */
  rawDouble(value: number): void {
    this.#grow(8)
    this.#view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** Eight bytes of a fixed64 without a tag, for packed fields. */
  rawFixed64(value: bigint): void {
    this.#grow(8)
    this.#view.setBigUint64(this.length, BigInt.asUintN(64, value), true)
    this.length += 8
  }

  /** Eight bytes of a fixed64 in two unsigned halves, without a tag. */
  rawHalves(low: number, high: number): void {
    this.#grow(8)
    this.#view.setUint32(this.length, low, true)
    this.#view.setUint32(this.length + 4, high, true)
    this.length += 8
  }

  /** Begins a nested message; give what it returns to `end`. */
  begin(field: number): number {
    this.tag(field, BYTES)
    this.#grow(1)
    this.length += 1
    return this.length
  }

  end(start: number): void {
    const size = this.length - start
    if (size < 0x80) {
      this.#bytes[start - 1] = size
      return
    }
    const extra = varintLength(size) - 1
    this.#grow(extra)
    this.#bytes.copyWithin(start + extra, start, this.length)
    this.length = start - 1
    this.varint32(size)
    this.length += size
  }

  /** A safe integer that is not negative, without the detour over a bigint. */
  #safeVarint(value: number): void {
    this.#grow(10)
    let rest = value
    while (rest > 0x7fff_ffff) {
      this.#bytes[this.length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.varint32(rest)
  }

  #grow(by: number): void {
    if (this.length + by <= this.#bytes.length) return
    const bigger = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + by))
    bigger.set(this.#bytes.subarray(0, this.length))
    this.#bytes = bigger
    this.#view = new DataView(bigger.buffer)
  }
}

function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
