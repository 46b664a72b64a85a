import type { JsonReader } from './reader.ts'
import { hexDigit } from './reader.ts'

const BACKSLASH = 0x5c
const UNICODE = 0x75

/** By the character behind the backslash. */
const SIMPLE_ESCAPES = new Uint8Array(256)
for (const [letter, byte] of [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
] as const) {
  SIMPLE_ESCAPES[letter.charCodeAt(0)] = byte
}

const REPLACEMENT = 0xfffd

/** Shorter texts are sooner put together character by character than by a call. */
const SHORT_TEXT = 24

/**
 * The string that a reader has read last, as UTF-8: in the input itself where it has no escapes, else in a buffer that
 * the next call uses again. Half a surrogate pair becomes U+FFFD, as with `TextEncoder`.
 */
export class JsonText {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  #scratch = new Uint8Array(256)
  /** Over the bytes of the last long text. */
  #view: Buffer = Buffer.alloc(0)
  #viewed: Uint8Array | undefined

  take(reader: JsonReader): void {
    if (!reader.hasEscapes) {
      this.bytes = reader.bytes
      this.start = reader.start
      this.end = reader.end
      return
    }
    // An escape is never shorter than what it stands for.
    if (this.#scratch.length < reader.end - reader.start)
      this.#scratch = new Uint8Array(2 * (reader.end - reader.start))
    this.bytes = this.#scratch
    this.start = 0
    this.end = unescape(reader.bytes, reader.start, reader.end, this.#scratch)
  }

  toString(): string {
    const { bytes, start, end } = this
    if (end - start < SHORT_TEXT) {
      let ascii = ''
      let at = start
      for (; at < end; at++) {
        const byte = bytes[at] ?? 0
        if (byte > 0x7f) break
        ascii += String.fromCharCode(byte)
      }
      if (at === end) return ascii
    }
    if (this.#viewed !== bytes) {
      this.#viewed = bytes
      this.#view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    return this.#view.toString('utf8', start, end)
  }
}

/** Writes the text with its escapes resolved to `to`; returns its length. */
function unescape(bytes: Uint8Array, start: number, end: number, to: Uint8Array): number {
  let at = start
  let length = 0
  while (at < end) {
    const byte = bytes[at] ?? 0
    if (byte !== BACKSLASH) {
      to[length++] = byte
      at += 1
      continue
    }
    const letter = bytes[at + 1] ?? 0
    if (letter !== UNICODE) {
      to[length++] = SIMPLE_ESCAPES[letter] ?? 0
      at += 2
      continue
    }
    let point = hex4(bytes, at + 2)
    at += 6
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point <= 0xdbff && bytes[at] === BACKSLASH && bytes[at + 1] === UNICODE ? hex4(bytes, at + 2) : 0
      if (at < end && low >= 0xdc00 && low <= 0xdfff) {
        point = 0x1_0000 + ((point - 0xd800) << 10) + (low - 0xdc00)
        at += 6
      } else point = REPLACEMENT
    }
    length = writeCodePoint(point, to, length)
  }
  return length
}

function hex4(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) value = (value << 4) | hexDigit(bytes[i] ?? 0)
  return value
}

function writeCodePoint(point: number, to: Uint8Array, at: number): number {
  if (point < 0x80) {
    to[at] = point
    return at + 1
  }
  if (point < 0x800) {
    to[at] = 0xc0 | (point >>> 6)
    to[at + 1] = 0x80 | (point & 0x3f)
    return at + 2
  }
  if (point < 0x1_0000) {
    to[at] = 0xe0 | (point >>> 12)
    to[at + 1] = 0x80 | ((point >>> 6) & 0x3f)
    to[at + 2] = 0x80 | (point & 0x3f)
    return at + 3
  }
  to[at] = 0xf0 | (point >>> 18)
  to[at + 1] = 0x80 | ((point >>> 12) & 0x3f)
  to[at + 2] = 0x80 | ((point >>> 6) & 0x3f)
  to[at + 3] = 0x80 | (point & 0x3f)
  return at + 4
}
