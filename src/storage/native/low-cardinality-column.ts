import { ByteBuffer } from './byte-buffer.ts'
import type { RepeatableColumn } from './column.ts'

/**
 * LowCardinality(String): a dictionary of the block's distinct values and an index into it a row.
 *
 *     prefix  u64 1                    version: shared dictionaries with additional keys
 *     data    u64 0x600 | index type   0x200 has additional keys, 0x400 update the dictionary; type 0-2: u8, u16, u32
 *             u64 number of keys       then the keys as in String; key 0 is the empty string
 *             u64 number of rows       then the indexes
 *
 * Values are told apart by their bytes; no JavaScript string is made for them.
 */
const VERSION = 1
const FLAGS = 0x600
const EMPTY_KEY = 0

const utf8 = new TextDecoder()
const INITIAL_ROWS = 64
const INITIAL_SLOTS = 64

export class LowCardinalityColumn implements RepeatableColumn {
  readonly type = 'LowCardinality(String)'
  rows = 0
  #indexes = new Uint32Array(INITIAL_ROWS)
  #savedRows = 0
  /** The dictionary as it will be written, and where in it each key's bytes are. */
  readonly #keys = new ByteBuffer(512)
  #keyCount = 0
  #keyStarts = new Int32Array(INITIAL_SLOTS / 2)
  #keyEnds = new Int32Array(INITIAL_SLOTS / 2)
  #keyHashes = new Int32Array(INITIAL_SLOTS / 2)
  /** An open-addressing table of key number + 1; 0 is free. At most half full. */
  #slots = new Int32Array(INITIAL_SLOTS)
  readonly #scratch = new ByteBuffer(64)

  constructor() {
    this.#addEmptyKey()
  }

  /** The number of the key in this block's dictionary, for `pushIndex`; valid until reset. */
  index(source: Uint8Array, start = 0, end = source.length): number {
    if (start === end) return EMPTY_KEY
    const hash = hashBytes(source, start, end)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const key = (this.#slots[slot] ?? 0) - 1
      if (key < 0) return this.#addKey(source, start, end, hash)
      if (this.#keyHashes[key] === hash && this.#isKey(key, source, start, end)) return key
    }
  }

  indexOfText(value: string): number {
    this.#scratch.length = 0
    this.#scratch.text(value)
    return this.index(this.#scratch.bytes, 0, this.#scratch.length)
  }

  /** The distinct values since the last reset, as texts. */
  texts(): string[] {
    return Array.from({ length: this.#keyCount - 1 }, (_, i) =>
      utf8.decode(this.#keys.bytes.subarray(this.#keyStarts[i + 1], this.#keyEnds[i + 1])),
    )
  }

  pushIndex(index: number): void {
    if (this.rows === this.#indexes.length) this.#growRows(this.rows + 1)
    this.#indexes[this.rows++] = index
  }

  push(source: Uint8Array, start = 0, end = source.length): void {
    this.pushIndex(this.index(source, start, end))
  }

  pushText(value: string): void {
    this.pushIndex(this.indexOfText(value))
  }

  writePrefix(out: ByteBuffer): void {
    out.uint64(VERSION)
  }

  writeData(out: ByteBuffer): void {
    if (this.rows === 0) return
    const width = this.#keyCount <= 0x100 ? 0 : this.#keyCount <= 0x1_0000 ? 1 : 2
    out.uint64(FLAGS | width)
    out.uint64(this.#keyCount)
    out.append(this.#keys.bytes, 0, this.#keys.length)
    out.uint64(this.rows)
    const indexes = this.#indexes.subarray(0, this.rows)
    if (width === 0) out.append(Uint8Array.from(indexes))
    else if (width === 1) out.append(new Uint8Array(Uint16Array.from(indexes).buffer))
    else out.append(new Uint8Array(indexes.buffer, 0, 4 * this.rows))
  }

  reset(): void {
    this.rows = 0
    this.#keyCount = 0
    this.#keys.length = 0
    this.#slots.fill(0)
    this.#addEmptyKey()
  }

  /** Keys stay in the dictionary when rows are taken back: one that no row uses does no harm. */
  save(): void {
    this.#savedRows = this.rows
  }

  restore(): void {
    this.rows = this.#savedRows
  }

  mark(): number {
    return this.rows
  }

  repeat(from: number, to: number): void {
    const count = to - from
    if (this.rows + count > this.#indexes.length) this.#growRows(this.rows + count)
    const indexes = this.#indexes
    for (let i = 0; i < count; i++) indexes[this.rows + i] = indexes[from + i] ?? 0
    this.rows += count
  }

  #addEmptyKey(): void {
    this.#keys.byte(0)
    this.#keyStarts[0] = 1
    this.#keyEnds[0] = 1
    this.#keyCount = 1
  }

  #addKey(source: Uint8Array, start: number, end: number, hash: number): number {
    const key = this.#keyCount++
    if (key === this.#keyHashes.length) this.#growKeys()
    this.#keys.varint(end - start)
    this.#keyStarts[key] = this.#keys.length
    this.#keys.append(source, start, end)
    this.#keyEnds[key] = this.#keys.length
    this.#keyHashes[key] = hash
    if (2 * this.#keyCount > this.#slots.length) this.#growSlots()
    else this.#place(key)
    return key
  }

  /** Puts the key into the first free slot of its chain. */
  #place(key: number): void {
    const mask = this.#slots.length - 1
    let slot = (this.#keyHashes[key] ?? 0) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = key + 1
  }

  #isKey(key: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#keyStarts[key] ?? 0
    if ((this.#keyEnds[key] ?? 0) - from !== end - start) return false
    const bytes = this.#keys.bytes
    for (let i = start; i < end; i++) if (bytes[from + i - start] !== source[i]) return false
    return true
  }

  #growRows(atLeast: number): void {
    const bigger = new Uint32Array(Math.max(2 * this.#indexes.length, atLeast))
    bigger.set(this.#indexes)
    this.#indexes = bigger
  }

  #growKeys(): void {
    this.#keyStarts = doubled(this.#keyStarts)
    this.#keyEnds = doubled(this.#keyEnds)
    this.#keyHashes = doubled(this.#keyHashes)
  }

  #growSlots(): void {
    this.#slots = new Int32Array(2 * this.#slots.length)
    for (let key = 1; key < this.#keyCount; key++) this.#place(key)
  }
}

/** FNV-1a with a last mix, so that the low bits depend on all. */
function hashBytes(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (source[i] ?? 0), 0x01000193)
  hash ^= hash >>> 15
  return hash
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(2 * values.length)
  bigger.set(values)
  return bigger
}
