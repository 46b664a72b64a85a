/** Bits that say what an ASCII byte is. Bytes of longer characters have none. */
export const DIGIT = 1
export const UPPER = 2
const LOWER = 4
export const HEX = 8
/** `-` and `_`, which with letters and digits make base64url. */
export const DASH = 16
/** `+`, `/` and `=`, which with letters and digits make base64. */
export const BASE64 = 32
/** In the part of an e-mail address before the `@`, beside letters and digits. */
export const LOCAL = 64
const UNDERSCORE = 128

export const LETTER: number = UPPER | LOWER
export const ALNUM: number = LETTER | DIGIT
export const WORD: number = ALNUM | UNDERSCORE

/** By byte. */
export const CHARS: Uint8Array = (() => {
  const chars = new Uint8Array(256)
  const mark = (text: string, bits: number): void => {
    for (const char of text) {
      const code = char.charCodeAt(0)
      chars[code] = (chars[code] ?? 0) | bits
    }
  }
  mark('0123456789', DIGIT)
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', UPPER)
  mark('abcdefghijklmnopqrstuvwxyz', LOWER)
  mark('0123456789abcdefABCDEF', HEX)
  mark('-_', DASH)
  mark('+/=', BASE64)
  mark("._%+-'", LOCAL)
  mark('_', UNDERSCORE)
  return chars
})()

/** Whether the byte at `at` is of one of the kinds; not outside of the text. */
export function isAt(bytes: Uint8Array, at: number, start: number, end: number, kinds: number): boolean {
  return at >= start && at < end && ((CHARS[bytes[at] ?? 0] ?? 0) & kinds) !== 0
}

/** Behind the last byte of these kinds from `at` on. */
export function skipKinds(bytes: Uint8Array, at: number, end: number, kinds: number): number {
  let to = at
  while (to < end && ((CHARS[bytes[to] ?? 0] ?? 0) & kinds) !== 0) to += 1
  return to
}

/** Whether what ends before `at` goes on at `at`: `x123`, `_123`, `4.123`, `a-123`. Then it is a part of something. */
export function joinsLeft(bytes: Uint8Array, at: number, start: number): boolean {
  if (at <= start) return false
  if (isAt(bytes, at - 1, start, at, WORD)) return true
  const before = bytes[at - 1]
  return (before === 0x2e || before === 0x2d) && isAt(bytes, at - 2, start, at, WORD)
}

/** Whether what begins before `at` goes on: `123x`, `123.4`, `123-4`. A full stop ends a sentence. */
export function joinsRight(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return false
  if (isAt(bytes, at, at, end, WORD)) return true
  const next = bytes[at]
  if (next === 0x2e) return isAt(bytes, at + 1, at, end, DIGIT)
  return next === 0x2d && isAt(bytes, at + 1, at, end, WORD)
}

/** The bytes as characters of one byte each; for short pieces. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] ?? 0)
  return text
}

export function startsWith(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at < 0 || at + text.length > end) return false
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}
