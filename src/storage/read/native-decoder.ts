import { AppError } from '../../core/index.ts'

/*
 * ClickHouse's Native format, as it comes over HTTP: blocks one after the other until the end. A block is
 *
 *     varint columns, varint rows, then for each column: string name, string type, values
 *
 * and a string is a varint length and that many bytes. Values of a type stand together:
 *
 *     numbers, times     rows × fixed width, little-endian
 *     FixedString(n)     rows × n bytes
 *     String             rows × string
 *     Array(T)           rows × UInt64 end offset, then the elements of all rows as T
 *     Map(K, V)          as Array, then all keys as K, then all values as V
 *
 * A SimpleAggregateFunction(f, T) is written as T. LowCardinality is switched off in what we ask for (see `nativeSettings`).
 */

/** With these the engine answers in the subset that this decoder reads. */
export const nativeSettings = { low_cardinality_allow_in_native_format: 0 } as const

export type Column =
  | { readonly kind: 'u8'; readonly values: Uint8Array }
  | { readonly kind: 'i32'; readonly values: Int32Array }
  | { readonly kind: 'u32'; readonly values: Uint32Array }
  | { readonly kind: 'i64'; readonly values: BigInt64Array }
  | { readonly kind: 'u64'; readonly values: BigUint64Array }
  | { readonly kind: 'f64'; readonly values: Float64Array }
  | { readonly kind: 'fixed'; readonly width: number; readonly bytes: Uint8Array }
  | StringColumn
  | { readonly kind: 'array'; readonly ends: Float64Array; readonly items: Column }
  | { readonly kind: 'map'; readonly ends: Float64Array; readonly keys: Column; readonly values: Column }

/** Strings stay bytes until somebody reads one. */
export interface StringColumn {
  readonly kind: 'string'
  readonly bytes: Uint8Array
  /** Start and end of each. */
  readonly bounds: Uint32Array
}

export interface Block {
  readonly rows: number
  readonly columns: ReadonlyMap<string, Column>
}

/** Throws `corrupt` when the bytes are not what this decoder reads. */
export function decodeNative(bytes: Uint8Array): readonly Block[] {
  const input = new Input(bytes)
  const blocks: Block[] = []
  while (!input.atEnd) blocks.push(readBlock(input))
  return blocks
}

function readBlock(input: Input): Block {
  const width = input.varint()
  const rows = input.varint()
  const columns = new Map<string, Column>()
  for (let i = 0; i < width; i++) {
    const name = input.text()
    columns.set(name, readColumn(input, input.text(), rows))
  }
  return { rows, columns }
}

const FIXED_STRING = /^FixedString\((\d+)\)$/
const DATE_TIME = /^DateTime64\(/

function readColumn(input: Input, type: string, rows: number): Column {
  switch (type) {
    case 'UInt8':
    case 'Bool':
      return { kind: 'u8', values: input.copy(rows) }
    case 'Int32':
      return { kind: 'i32', values: new Int32Array(input.copy(4 * rows).buffer) }
    case 'UInt32':
      return { kind: 'u32', values: new Uint32Array(input.copy(4 * rows).buffer) }
    case 'Int64':
      return { kind: 'i64', values: new BigInt64Array(input.copy(8 * rows).buffer) }
    case 'UInt64':
      return { kind: 'u64', values: new BigUint64Array(input.copy(8 * rows).buffer) }
    case 'Float64':
      // Bytes are copied, not numbers: the bits of a stale marker must not be touched.
      return { kind: 'f64', values: new Float64Array(input.copy(8 * rows).buffer) }
    case 'String':
      return readStrings(input, rows)
    default:
  }
  if (DATE_TIME.test(type)) return { kind: 'i64', values: new BigInt64Array(input.copy(8 * rows).buffer) }
  const width = Number(FIXED_STRING.exec(type)?.[1] ?? 0)
  if (width > 0) return { kind: 'fixed', width, bytes: input.copy(width * rows) }
  return readNested(input, type, rows)
}

function readNested(input: Input, type: string, rows: number): Column {
  const inner = type.slice(type.indexOf('(') + 1, -1)
  if (type.startsWith('Array(')) {
    const { ends, total } = readEnds(input, rows)
    return { kind: 'array', ends, items: readColumn(input, inner, total) }
  }
  if (type.startsWith('Map(')) {
    const { ends, total } = readEnds(input, rows)
    const comma = inner.indexOf(', ')
    const keys = readColumn(input, inner.slice(0, comma), total)
    return { kind: 'map', ends, keys, values: readColumn(input, inner.slice(comma + 2), total) }
  }
  if (type.startsWith('SimpleAggregateFunction(')) {
    return readColumn(input, inner.slice(inner.indexOf(', ') + 2), rows)
  }
  throw new AppError('corrupt', `Native answer: cannot read columns of type ${type}`)
}

function readEnds(input: Input, rows: number): { readonly ends: Float64Array; readonly total: number } {
  const offsets = new BigUint64Array(input.copy(8 * rows).buffer)
  const ends = Float64Array.from(offsets, Number)
  return { ends, total: ends[rows - 1] ?? 0 }
}

function readStrings(input: Input, rows: number): StringColumn {
  const bounds = new Uint32Array(2 * rows)
  for (let i = 0; i < rows; i++) {
    const length = input.varint()
    bounds[2 * i] = input.skip(length)
    bounds[2 * i + 1] = input.position
  }
  return { kind: 'string', bytes: input.bytes, bounds }
}

class Input {
  readonly bytes: Uint8Array
  position = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get atEnd(): boolean {
    return this.position >= this.bytes.length
  }

  varint(): number {
    let value = 0
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.bytes[this.position]
      if (byte === undefined) break
      this.position += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new AppError('corrupt', 'Native answer: it ends in the middle')
  }

  /** Steps over so many bytes and returns where they began. */
  skip(length: number): number {
    const start = this.position
    if (start + length > this.bytes.length) throw new AppError('corrupt', 'Native answer: it ends in the middle')
    this.position += length
    return start
  }

  /** A copy of so many bytes in a buffer of its own, so that an array of numbers can lie over it. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const start = this.skip(length)
    const copy = new Uint8Array(length)
    copy.set(this.bytes.subarray(start, start + length))
    return copy
  }

  text(): string {
    const length = this.varint()
    const start = this.skip(length)
    return utf8(this.bytes, start, start + length)
  }
}

/** The text between two places. Bytes that are no UTF-8 become U+FFFD. */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}
