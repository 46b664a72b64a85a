import { AppError } from '../../core/index.ts'

/*
 * ClickHouse's Native format, as it comes over HTTP: blocks one after the other until the end. A block is
 *
 *     varint columns, varint rows, then for each column: string name, string type, and, if there are rows, values
 *
 * and a string is a varint length and that many bytes. Values of a type stand together:
 *
 *     numbers, times     rows × fixed width, little-endian
 *     FixedString(n)     rows × n bytes
 *     String             rows × string
 *     Array(T)           rows × UInt64 end offset, then the elements of all rows as T
 *     Map(K, V)          as Array, then all keys as K, then all values as V
 *     LowCardinality(T)  nothing if there are no rows, else UInt64 flags (the low byte: 0 for indexes of one byte, 1 of
 *                        two, 2 of four), UInt64 keys, the keys as T, UInt64 rows, rows × index
 *
 * Before a column's values, each LowCardinality in its type has put a UInt64 with its version. A
 * SimpleAggregateFunction(f, T) is written as T.
 */

export type Column =
  | { readonly kind: 'u8'; readonly values: Uint8Array }
  | { readonly kind: 'i32'; readonly values: Int32Array }
  | { readonly kind: 'u32'; readonly values: Uint32Array }
  | { readonly kind: 'i64'; readonly values: BigInt64Array }
  | { readonly kind: 'u64'; readonly values: BigUint64Array }
  | { readonly kind: 'f64'; readonly values: Float64Array }
  | { readonly kind: 'fixed'; readonly width: number; readonly bytes: Uint8Array }
  /** Strings stay bytes until somebody reads one; `bounds` has the start and the end of each. */
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly bounds: Uint32Array }
  | { readonly kind: 'dictionary'; readonly keys: Column; readonly indexes: Uint8Array | Uint16Array | Uint32Array }
  | { readonly kind: 'array'; readonly ends: Float64Array; readonly items: Column }
  | { readonly kind: 'map'; readonly ends: Float64Array; readonly keys: Column; readonly values: Column }

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
    const type = typeOf(input.text())
    if (rows > 0) type.readVersions(input)
    columns.set(name, type.read(input, rows))
  }
  return { rows, columns }
}

/** How columns of a type are read. */
interface Type {
  readVersions(input: Input): void
  read(input: Input, rows: number): Column
}

function typeOf(text: string): Type {
  const plain = PLAIN.get(text)
  if (plain !== undefined) return { readVersions: () => undefined, read: plain }
  const open = text.indexOf('(')
  const inner = text.slice(open + 1, -1)
  const comma = inner.indexOf(', ')
  switch (text.slice(0, open)) {
    case 'DateTime64':
      return typeOf('Int64')
    case 'FixedString':
      return fixedString(Number(inner))
    case 'LowCardinality':
      return lowCardinality(typeOf(inner))
    case 'SimpleAggregateFunction':
      return typeOf(inner.slice(comma + 2))
    case 'Array':
      return array(typeOf(inner))
    case 'Map':
      return map(typeOf(inner.slice(0, comma)), typeOf(inner.slice(comma + 2)))
    default:
      throw new AppError('corrupt', `Native answer: cannot read columns of type ${text}`)
  }
}

const PLAIN: ReadonlyMap<string, Type['read']> = new Map<string, Type['read']>([
  ['UInt8', (input, rows) => ({ kind: 'u8', values: input.copy(rows) })],
  ['Bool', (input, rows) => ({ kind: 'u8', values: input.copy(rows) })],
  ['Int32', (input, rows) => ({ kind: 'i32', values: over(Int32Array, input.copy(4 * rows)) })],
  ['UInt32', (input, rows) => ({ kind: 'u32', values: over(Uint32Array, input.copy(4 * rows)) })],
  ['Int64', (input, rows) => ({ kind: 'i64', values: over(BigInt64Array, input.copy(8 * rows)) })],
  ['UInt64', (input, rows) => ({ kind: 'u64', values: over(BigUint64Array, input.copy(8 * rows)) })],
  // Bytes are copied, not numbers: the bits of a stale marker must not be touched.
  ['Float64', (input, rows) => ({ kind: 'f64', values: over(Float64Array, input.copy(8 * rows)) })],
  ['String', readStrings],
])

function readStrings(input: Input, rows: number): Column {
  const bounds = new Uint32Array(2 * rows)
  for (let i = 0; i < rows; i++) {
    const length = input.varint()
    bounds[2 * i] = input.skip(length)
    bounds[2 * i + 1] = input.position
  }
  return { kind: 'string', bytes: input.bytes, bounds }
}

function fixedString(width: number): Type {
  return {
    readVersions: () => undefined,
    read: (input, rows) => ({ kind: 'fixed', width, bytes: input.copy(width * rows) }),
  }
}

function lowCardinality(inner: Type): Type {
  return {
    readVersions: (input) => {
      input.skip(8)
    },
    read: (input, rows) => {
      if (rows === 0) return { kind: 'dictionary', keys: inner.read(input, 0), indexes: new Uint8Array(0) }
      const indexType = input.uint64() % 0x100
      const keys = inner.read(input, input.uint64())
      if (input.uint64() !== rows) throw new AppError('corrupt', 'Native answer: a dictionary of another length')
      return { kind: 'dictionary', keys, indexes: readIndexes(input, indexType, rows) }
    },
  }
}

function readIndexes(input: Input, type: number, rows: number): Uint8Array | Uint16Array | Uint32Array {
  if (type === 0) return input.copy(rows)
  if (type === 1) return over(Uint16Array, input.copy(2 * rows))
  if (type === 2) return over(Uint32Array, input.copy(4 * rows))
  throw new AppError('corrupt', `Native answer: unknown indexes of a dictionary (${String(type)})`)
}

function array(inner: Type): Type {
  return {
    readVersions: (input) => {
      inner.readVersions(input)
    },
    read: (input, rows) => {
      const { ends, total } = readEnds(input, rows)
      return { kind: 'array', ends, items: inner.read(input, total) }
    },
  }
}

function map(key: Type, value: Type): Type {
  return {
    readVersions: (input) => {
      key.readVersions(input)
      value.readVersions(input)
    },
    read: (input, rows) => {
      const { ends, total } = readEnds(input, rows)
      const keys = key.read(input, total)
      return { kind: 'map', ends, keys, values: value.read(input, total) }
    },
  }
}

function readEnds(input: Input, rows: number): { readonly ends: Float64Array; readonly total: number } {
  const ends = Float64Array.from(over(BigUint64Array, input.copy(8 * rows)), Number)
  return { ends, total: ends[rows - 1] ?? 0 }
}

/** How an array of numbers lies over bytes. */
interface NumberArray<T> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T
}

function over<T>(type: NumberArray<T>, { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): T {
  return new type(buffer, byteOffset, byteLength / type.BYTES_PER_ELEMENT)
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

  uint64(): number {
    const start = this.skip(8)
    return Number(new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 8).getBigUint64(0, true))
  }

  /** Steps over so many bytes and returns where they began. */
  skip(length: number): number {
    const start = this.position
    if (start + length > this.bytes.length) throw new AppError('corrupt', 'Native answer: it ends in the middle')
    this.position += length
    return start
  }

  /** A copy of so many bytes, aligned so that an array of numbers can lie over it. */
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
