import { AppError } from '../../core/index.ts'
import type { StoreClient, StoreSettings } from '../client.ts'
import type { Sql } from '../sql.ts'
import { type Block, type Column, decodeNative, utf8 } from './native-decoder.ts'

/** Runs a query and returns its answer in columns. */
export async function queryBlocks(
  client: StoreClient,
  statement: Sql,
  signal: AbortSignal,
  settings: StoreSettings = {},
): Promise<readonly Block[]> {
  const bytes = await client.query(statement, {
    format: 'Native',
    signal,
    settings,
  })
  return decodeNative(bytes)
}

/** Reads one value after the other out of one column of a block. */
export type Reader<T> = (row: number) => T

export function textOf(block: Block, name: string): Reader<string> {
  return readText(column(block, name))
}

export function numberOf(block: Block, name: string): Reader<number> {
  const { kind, values } = numeric(block, name)
  if (kind === 'i64' || kind === 'u64') return (row) => Number(values[row])
  return (row) => values[row] ?? 0
}

export function bigintOf(block: Block, name: string): Reader<bigint> {
  const found = numeric(block, name)
  if (found.kind !== 'i64' && found.kind !== 'u64') throw mismatch(name, found.kind)
  const { values } = found
  return (row) => values[row] ?? 0n
}

/** Lower-case hex of a FixedString; '' if all bytes are zero. */
export function hexOf(block: Block, name: string): Reader<string> {
  return readHex(column(block, name))
}

/** A map of texts as entries, in the order in which they were written. */
export function entriesOf(block: Block, name: string): Reader<readonly (readonly [string, string])[]> {
  return readEntries(column(block, name))
}

/** The numbers of a column where they lie. */
export function floatsOf(block: Block, name: string): Float64Array {
  const found = column(block, name)
  if (found.kind !== 'f64') throw mismatch(name, found.kind)
  return found.values
}

/** Times in milliseconds where they lie. */
export function timesOf(block: Block, name: string): Uint32Array | Float64Array {
  const found = column(block, name)
  if (found.kind !== 'u32' && found.kind !== 'f64') throw mismatch(name, found.kind)
  return found.values
}

/** A list of numbers of at most 32 bits, or of floats, where it lies. */
export function numberListOf(block: Block, name: string): Reader<ArrayLike<number>> {
  const found = column(block, name)
  if (found.kind !== 'array') throw mismatch(name, found.kind)
  const { ends, items } = found
  if (items.kind !== 'i32' && items.kind !== 'u32' && items.kind !== 'f64') throw mismatch(name, items.kind)
  const { values } = items
  return (row) => values.subarray(startOf(ends, row), ends[row])
}

export function arrayOf<T>(block: Block, name: string, read: (items: Column) => Reader<T>): Reader<readonly T[]> {
  const found = column(block, name)
  if (found.kind !== 'array') throw mismatch(name, found.kind)
  const item = read(found.items)
  return (row) => {
    const items: T[] = []
    for (let i = startOf(found.ends, row); i < (found.ends[row] ?? 0); i++) items.push(item(i))
    return items
  }
}

export function readText(from: Column): Reader<string> {
  if (from.kind === 'dictionary') return readFromDictionary(from.keys, from.indexes)
  if (from.kind !== 'string') throw mismatch('a text', from.kind)
  const { bytes, bounds } = from
  return (row) => utf8(bytes, bounds[2 * row] ?? 0, bounds[2 * row + 1] ?? 0)
}

/** Each text of the dictionary is decoded once. */
function readFromDictionary(keys: Column, indexes: ArrayLike<number>): Reader<string> {
  const read = readText(keys)
  const texts = new Map<number, string>()
  return (row) => {
    const index = indexes[row] ?? 0
    const known = texts.get(index)
    if (known !== undefined) return known
    const text = read(index)
    texts.set(index, text)
    return text
  }
}

export function readBigint(from: Column): Reader<bigint> {
  if (from.kind !== 'i64' && from.kind !== 'u64') throw mismatch('an integer', from.kind)
  return (row) => from.values[row] ?? 0n
}

export function readHex(from: Column): Reader<string> {
  if (from.kind !== 'fixed') throw mismatch('an id', from.kind)
  const { width } = from
  const bytes = Buffer.from(from.bytes.buffer, from.bytes.byteOffset, from.bytes.byteLength)
  const none = '00'.repeat(width)
  return (row) => {
    const hex = bytes.toString('hex', row * width, (row + 1) * width)
    return hex === none ? '' : hex
  }
}

export function readEntries(from: Column): Reader<readonly (readonly [string, string])[]> {
  if (from.kind !== 'map') throw mismatch('a map', from.kind)
  const key = readText(from.keys)
  const value = readText(from.values)
  return (row) => {
    const entries: (readonly [string, string])[] = []
    for (let i = startOf(from.ends, row); i < (from.ends[row] ?? 0); i++) entries.push([key(i), value(i)])
    return entries
  }
}

function startOf(ends: Float64Array, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0)
}

type Numeric = Extract<Column, { readonly kind: 'u8' | 'i32' | 'u32' | 'i64' | 'u64' | 'f64' }>

function numeric(block: Block, name: string): Numeric {
  const found = column(block, name)
  switch (found.kind) {
    case 'u8':
    case 'i32':
    case 'u32':
    case 'i64':
    case 'u64':
    case 'f64':
      return found
    case 'fixed':
    case 'string':
    case 'dictionary':
    case 'array':
    case 'map':
      throw mismatch(name, found.kind)
  }
}

function column(block: Block, name: string): Column {
  const found = block.columns.get(name)
  if (found === undefined) throw new AppError('internal', `BUG: the answer has no column ${name}`)
  return found
}

function mismatch(name: string, kind: string): AppError {
  return new AppError('internal', `BUG: column ${name} is not expected to be ${kind}`)
}
