import { BYTES, FIXED64, type ProtoReader } from '../../wire/index.ts'
import { takeFixed64 } from './payload.ts'

const TWO_32 = 0x1_0000_0000

/** Numbers of a repeated field, reused from record to record. */
export class NumberList {
  count = 0
  #values = new Float64Array(32)

  clear(): void {
    this.count = 0
  }

  toArray(): number[] {
    return [...this.#values.subarray(0, this.count)]
  }

  at(i: number): number {
    return this.#values[i] ?? 0
  }

  set(i: number, value: number): void {
    this.#values[i] = value
  }

  push(value: number): void {
    if (this.count === this.#values.length) {
      const bigger = new Float64Array(2 * this.#values.length)
      bigger.set(this.#values)
      this.#values = bigger
    }
    this.#values[this.count++] = value
  }

  /** Takes a field of `repeated double`, packed or not. */
  takeDoubles(reader: ProtoReader): void {
    if (reader.wireType === FIXED64) {
      this.push(reader.double())
      return
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.pos < reader.end) this.push(reader.double())
    reader.leave(outer)
  }

  /** Takes a field of `repeated fixed64`, packed or not. Numbers beyond 2^53 are rounded. */
  takeFixed64s(reader: ProtoReader): void {
    if (reader.wireType === FIXED64) {
      this.push(uint64At(reader.view, takeFixed64(reader)))
      return
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    for (; reader.pos + 8 <= reader.end; reader.pos += 8) this.push(uint64At(reader.view, reader.pos))
    // What is left of a damaged field is too short for a number: let the reader say so.
    if (reader.pos < reader.end) reader.double()
    reader.leave(outer)
  }

  /** Takes a field of `repeated uint64` (varints), packed or not. */
  takeVarints(reader: ProtoReader): void {
    if (reader.wireType !== BYTES) {
      this.push(Number(reader.uint64()))
      return
    }
    const outer = reader.enter()
    while (reader.pos < reader.end) this.push(takeVarint(reader))
    reader.leave(outer)
  }

  /** Takes a field of `repeated sint64` (zigzag varints), packed or not. */
  takeZigzags(reader: ProtoReader): void {
    if (reader.wireType !== BYTES) {
      this.push(Number(reader.sint64()))
      return
    }
    const outer = reader.enter()
    while (reader.pos < reader.end) this.push(Number(reader.sint64()))
    reader.leave(outer)
  }
}

/** A `uint64` varint as a number, rounded beyond 2^53. */
export function takeVarint(reader: ProtoReader): number {
  const short = takeShortVarint(reader)
  return short < 0 ? Number(reader.uint64()) : short
}

/** An `int64` varint as a number, rounded beyond 2^53. */
export function takeSignedVarint(reader: ProtoReader): number {
  const short = takeShortVarint(reader)
  return short < 0 ? Number(reader.int64()) : short
}

/** A varint of up to seven bytes, that is 49 bits, which needs no BigInt; -1, and nothing read, if it is longer. */
export function takeShortVarint(reader: ProtoReader): number {
  const { bytes } = reader
  const limit = Math.min(reader.end, reader.pos + 7)
  let value = 0
  let scale = 1
  for (let at = reader.pos; at < limit; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      reader.pos = at + 1
      return value
    }
    scale *= 0x80
  }
  return -1
}

/** The unsigned 64 bits at a position as a number, rounded beyond 2^53. */
export function uint64At(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true)
}

/** The signed 64 bits at a position as a number, rounded beyond 2^53. */
export function int64At(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
}
