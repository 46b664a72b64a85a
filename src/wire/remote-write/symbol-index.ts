import { isUtf8 } from 'node:buffer'
import { ProtoWriter } from '../proto/index.ts'
import { REQUEST } from './fields.ts'
import type { Symbols } from './series-labels.ts'

/** So many steps from its place a text may stand; further ones were made to collide, and go to a map. */
const MAX_STEPS = 32

/**
 * Gives texts of a payload, as bytes, their numbers in a table of symbols, and writes the table as it grows. Texts are
 * compared as bytes; none becomes a string of JavaScript.
 */
export class SymbolIndex implements Symbols {
  /** The `symbols` fields, in order. */
  readonly table = new ProtoWriter(4_096)
  count = 0
  readonly bytes: Uint8Array
  readonly #view: DataView
  /** Symbol + 1 by hash, 0 where free. At most half of it is in use. */
  #slots = new Int32Array(1_024)
  /** By symbol. */
  #hashes = new Int32Array(512)
  #starts = new Int32Array(512)
  #lengths = new Int32Array(512)
  #isText = new Uint8Array(512)
  readonly #strays = new Map<string, number>()

  /** Symbol 0 is the empty text, as the protocol wants it. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#add(0, 0, 0)
  }

  /** Whether the symbol is valid UTF-8. */
  isText(symbol: number): boolean {
    return this.#isText[symbol] === 1
  }

  start(symbol: number): number {
    return this.#starts[symbol] ?? 0
  }

  length(symbol: number): number {
    return this.#lengths[symbol] ?? 0
  }

  /** The number of the text from `start` to `end` of the payload; it is added if it is new. */
  refer(start: number, end: number): number {
    const length = end - start
    if (length === 0) return 0
    const hash = this.#hash(start, end)
    const slots = this.#slots
    const mask = slots.length - 1
    let at = hash & mask
    for (let step = 0; step < MAX_STEPS; step++) {
      const symbol = (slots[at] ?? 0) - 1
      if (symbol < 0) {
        slots[at] = this.count + 1
        return this.#add(start, length, hash)
      }
      if (this.#hashes[symbol] === hash && this.#lengths[symbol] === length && this.#equals(symbol, start, length)) {
        return symbol
      }
      at = (at + 1) & mask
    }
    return this.#referStray(start, end, hash)
  }

  #referStray(start: number, end: number, hash: number): number {
    const key = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString('latin1')
    let symbol = this.#strays.get(key)
    if (symbol === undefined) {
      symbol = this.#add(start, end - start, hash)
      this.#strays.set(key, symbol)
    }
    return symbol
  }

  #add(start: number, length: number, hash: number): number {
    const symbol = this.count++
    if (symbol === this.#hashes.length) this.#widen()
    this.#hashes[symbol] = hash
    this.#starts[symbol] = start
    this.#lengths[symbol] = length
    const isGood = isText(this.bytes, start, start + length)
    this.#isText[symbol] = isGood ? 1 : 0
    // What is no text must not stand in the table, or a strict reader refuses all of it. Nothing that is good uses it.
    this.table.bytesRange(REQUEST.symbols, this.bytes, start, isGood ? start + length : start)
    if (2 * this.count > this.#slots.length) this.#rehash()
    return symbol
  }

  #widen(): void {
    const size = 2 * this.#hashes.length
    this.#hashes = grown(this.#hashes, new Int32Array(size))
    this.#starts = grown(this.#starts, new Int32Array(size))
    this.#lengths = grown(this.#lengths, new Int32Array(size))
    this.#isText = grown(this.#isText, new Uint8Array(size))
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length)
    const mask = slots.length - 1
    for (let symbol = 1; symbol < this.count; symbol++) {
      let at = (this.#hashes[symbol] ?? 0) & mask
      let steps = 0
      while (slots[at] !== 0 && steps < MAX_STEPS) {
        at = (at + 1) & mask
        steps += 1
      }
      // A text that finds no place any more may get a second number: that is no fault, only a byte or two.
      if (steps < MAX_STEPS) slots[at] = symbol + 1
    }
    this.#slots = slots
  }

  #equals(symbol: number, start: number, length: number): boolean {
    return equalBytes(this.#view, this.#starts[symbol] ?? 0, start, length)
  }

  #hash(start: number, end: number): number {
    const view = this.#view
    let hash = end - start
    let at = start
    for (; at + 4 <= end; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e37_79b1)
      hash ^= hash >>> 15
    }
    for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x85eb_ca6b)
    hash ^= hash >>> 13
    return Math.imul(hash, 0xc2b2_ae35) ^ (hash >>> 16)
  }
}

/** Whether the two pieces of this length are the same bytes. */
export function equalBytes(view: DataView, a: number, b: number, length: number): boolean {
  let i = 0
  for (; i + 4 <= length; i += 4) if (view.getInt32(a + i, true) !== view.getInt32(b + i, true)) return false
  for (; i < length; i++) if (view.getUint8(a + i) !== view.getUint8(b + i)) return false
  return true
}

/** Whether the bytes are valid UTF-8; texts in ASCII, which is nearly all, are found out here. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return isUtf8(bytes.subarray(start, end))
  return true
}

/** Compares as Go does, and as labels are sorted: byte by byte. Negative, zero or positive. */
export function compareBytes(bytes: Uint8Array, a: number, aLength: number, b: number, bLength: number): number {
  const shorter = Math.min(aLength, bLength)
  for (let i = 0; i < shorter; i++) {
    const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0)
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

/** The code points of a piece of UTF-8. */
export function countCharacters(bytes: Uint8Array, start: number, end: number): number {
  let characters = 0
  for (let at = start; at < end; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) characters += 1
  return characters
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
