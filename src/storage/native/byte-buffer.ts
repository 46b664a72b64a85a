/** Below this many bytes a loop copies faster than a call to `set`, which needs a new view of the source. */
const LOOP_LIMIT = 48

const utf8 = new TextEncoder()

/** Bytes that grow. Numbers are little-endian, as in all of ClickHouse's formats. */
export class ByteBuffer {
  bytes: Uint8Array
  #view: DataView
  length = 0

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `count` more bytes; until the next call `bytes` may be written up to there. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const bigger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count))
    bigger.set(this.bytes.subarray(0, this.length))
    this.bytes = bigger
    this.#view = new DataView(bigger.buffer)
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  varint(value: number): void {
    this.reserve(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
  }

  /** A UInt64; `value` is a safe integer. */
  uint64(value: number): void {
    this.reserve(8)
    this.#view.setUint32(this.length, value >>> 0, true)
    this.#view.setUint32(this.length + 4, Math.floor(value / 0x1_0000_0000), true)
    this.length += 8
  }

  /** Appends `source[start, end)`. */
  append(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start
    this.reserve(count)
    const bytes = this.bytes
    const to = this.length
    if (count < LOOP_LIMIT) for (let i = 0; i < count; i++) bytes[to + i] = source[start + i] ?? 0
    else bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), to)
    this.length = to + count
  }

  /** Appends a copy of its own bytes `[start, end)`. */
  repeat(start: number, end: number): void {
    const count = end - start
    if (count === 0) return
    this.reserve(count)
    this.bytes.copyWithin(this.length, start, end)
    this.length += count
  }

  /** Appends text as UTF-8. */
  text(value: string): void {
    this.reserve(3 * value.length)
    this.length += utf8.encodeInto(value, this.bytes.subarray(this.length)).written
  }
}
