import { ByteBuffer } from './byte-buffer.ts'
import type { Column, RepeatableColumn } from './column.ts'

const INITIAL_ROWS = 64
const TWO_32 = 0x1_0000_0000

/** UInt8, Int8 and Bool: one byte a row. */
export class ByteColumn implements Column {
  readonly type: 'UInt8' | 'Int8' | 'Bool'
  readonly #values = new ByteBuffer(INITIAL_ROWS)
  #saved = 0

  constructor(type: 'UInt8' | 'Int8' | 'Bool') {
    this.type = type
  }

  get rows(): number {
    return this.#values.length
  }

  push(value: number): void {
    this.#values.byte(value)
  }

  writePrefix(): void {}

  writeData(out: ByteBuffer): void {
    out.append(this.#values.bytes, 0, this.#values.length)
  }

  reset(): void {
    this.#values.length = 0
  }

  save(): void {
    this.#saved = this.#values.length
  }

  restore(): void {
    this.#values.length = this.#saved
  }
}

/** Date: days since the epoch, two bytes a row. */
export class DayColumn implements Column {
  readonly type = 'Date'
  rows = 0
  #values = new Uint16Array(INITIAL_ROWS)
  #saved = 0

  push(day: number): void {
    if (this.rows === this.#values.length) {
      const bigger = new Uint16Array(2 * this.rows)
      bigger.set(this.#values)
      this.#values = bigger
    }
    this.#values[this.rows++] = day
  }

  /** Makes the row's day this one if it is earlier. */
  raise(row: number, day: number): void {
    if (day > (this.#values[row] ?? 0)) this.#values[row] = day
  }

  writePrefix(): void {}

  writeData(out: ByteBuffer): void {
    out.append(new Uint8Array(this.#values.buffer, 0, 2 * this.rows))
  }

  reset(): void {
    this.rows = 0
  }

  save(): void {
    this.#saved = this.rows
  }

  restore(): void {
    this.rows = this.#saved
  }
}

/** UInt32 and Int32. */
export class Int32Column implements Column {
  readonly type: 'UInt32' | 'Int32'
  rows = 0
  #values = new Uint32Array(INITIAL_ROWS)
  #saved = 0

  constructor(type: 'UInt32' | 'Int32') {
    this.type = type
  }

  push(value: number): void {
    if (this.rows === this.#values.length) this.#values = doubled(this.#values)
    this.#values[this.rows++] = value
  }

  writePrefix(): void {}

  writeData(out: ByteBuffer): void {
    out.append(new Uint8Array(this.#values.buffer, 0, 4 * this.rows))
  }

  reset(): void {
    this.rows = 0
  }

  save(): void {
    this.#saved = this.rows
  }

  restore(): void {
    this.rows = this.#saved
  }
}

/**
 * Eight bytes a row: UInt64, Int64, Float64, DateTime64. Values enter as two 32-bit lanes wherever they come as bytes:
 * a NaN's payload (the stale marker) and integers beyond 2^53 would not survive as numbers.
 */
export class Int64Column implements RepeatableColumn {
  readonly type: string
  rows = 0
  #lanes = new Uint32Array(2 * INITIAL_ROWS)
  #doubles = new Float64Array(this.#lanes.buffer)
  #saved = 0

  constructor(type: 'UInt64' | 'Int64' | 'Float64' | 'DateTime64(3)' | 'DateTime64(9)') {
    this.type = type
  }

  pushLanes(low: number, high: number): void {
    const at = 2 * this.#row()
    this.#lanes[at] = low
    this.#lanes[at + 1] = high
  }

  /** A safe integer, of either sign. */
  pushInteger(value: number): void {
    this.pushLanes(value | 0, Math.floor(value / TWO_32))
  }

  /** A double, for Float64 only. */
  pushDouble(value: number): void {
    const row = this.#row()
    this.#doubles[row] = value
  }

  lowAt(row: number): number {
    return this.#lanes[2 * row] ?? 0
  }

  highAt(row: number): number {
    return this.#lanes[2 * row + 1] ?? 0
  }

  setLanes(row: number, low: number, high: number): void {
    this.#lanes[2 * row] = low
    this.#lanes[2 * row + 1] = high
  }

  writePrefix(): void {}

  writeData(out: ByteBuffer): void {
    out.append(new Uint8Array(this.#lanes.buffer, 0, 8 * this.rows))
  }

  reset(): void {
    this.rows = 0
  }

  save(): void {
    this.#saved = this.rows
  }

  restore(): void {
    this.rows = this.#saved
  }

  mark(): number {
    return this.rows
  }

  repeat(from: number, to: number): void {
    for (let row = from; row < to; row++) this.pushLanes(this.lowAt(row), this.highAt(row))
  }

  #row(): number {
    if (2 * this.rows === this.#lanes.length) {
      this.#lanes = doubled(this.#lanes)
      this.#doubles = new Float64Array(this.#lanes.buffer)
    }
    return this.rows++
  }
}

/** FixedString(n): raw bytes such as trace ids. */
export class FixedStringColumn implements Column {
  readonly type: string
  readonly #size: number
  readonly #values: ByteBuffer
  #saved = 0

  constructor(size: number) {
    this.type = `FixedString(${String(size)})`
    this.#size = size
    this.#values = new ByteBuffer(INITIAL_ROWS * size)
  }

  get rows(): number {
    return this.#values.length / this.#size
  }

  /** The bytes of all rows, one after the other; valid until the next push. */
  get bytes(): Uint8Array {
    return this.#values.bytes
  }

  /** Appends `source[start, end)` if it has the right length, else zeros: an id of another length is no id. */
  push(source: Uint8Array, start: number, end: number): void {
    if (end - start === this.#size) this.#values.append(source, start, end)
    else this.pushZero()
  }

  pushZero(): void {
    const values = this.#values
    values.reserve(this.#size)
    values.bytes.fill(0, values.length, values.length + this.#size)
    values.length += this.#size
  }

  writePrefix(): void {}

  writeData(out: ByteBuffer): void {
    out.append(this.#values.bytes, 0, this.#values.length)
  }

  reset(): void {
    this.#values.length = 0
  }

  save(): void {
    this.#saved = this.#values.length
  }

  restore(): void {
    this.#values.length = this.#saved
  }
}

function doubled(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(2 * values.length)
  bigger.set(values)
  return bigger
}
