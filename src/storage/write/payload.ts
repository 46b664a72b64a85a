import { BYTES, FIXED64, type ProtoReader } from '../../wire/index.ts'

const TWO_32 = 0x1_0000_0000
const NS_PER_MS = 1_000_000

/** Where the bytes of one field lie in a payload. Reused from record to record, so that no object is made for them. */
export class ByteRange {
  start = 0
  end = 0

  get isEmpty(): boolean {
    return this.start === this.end
  }

  get length(): number {
    return this.end - this.start
  }

  clear(): void {
    this.start = 0
    this.end = 0
  }

  /** Takes the length-delimited value of the reader's current field and steps behind it. */
  take(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    this.start = reader.pos
    this.end = reader.end
    reader.leave(outer)
  }
}

/** Where the values of a repeated field lie. */
export class RangeList {
  count = 0
  #ends = new Int32Array(64)

  clear(): void {
    this.count = 0
  }

  take(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    if (2 * this.count === this.#ends.length) {
      const bigger = new Int32Array(2 * this.#ends.length)
      bigger.set(this.#ends)
      this.#ends = bigger
    }
    this.#ends[2 * this.count] = reader.pos
    this.#ends[2 * this.count + 1] = reader.end
    this.count++
    reader.leave(outer)
  }

  start(i: number): number {
    return this.#ends[2 * i] ?? 0
  }

  end(i: number): number {
    return this.#ends[2 * i + 1] ?? 0
  }
}

/** Steps over a fixed64, sfixed64 or double and returns where it lies. */
export function takeFixed64(reader: ProtoReader): number {
  reader.expect(FIXED64)
  const at = reader.pos
  reader.skip()
  return at
}

/** Whole milliseconds of unsigned nanoseconds in two lanes, exact where a double of the nanoseconds would not be. */
export function nsToMs(low: number, high: number): number {
  const upper = high >>> 0
  const rest = (upper % NS_PER_MS) * TWO_32 + (low >>> 0)
  return Math.floor(upper / NS_PER_MS) * TWO_32 + Math.floor(rest / NS_PER_MS)
}
