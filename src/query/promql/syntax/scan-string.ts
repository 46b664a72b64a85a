import { isUtf8 } from 'node:buffer'
import { quoteText } from '../../labels.ts'

/** Where the string that begins at `start` ends, or why it is none. */
export function scanString(query: string, start: number): { readonly end: number } | { readonly problem: string } {
  const quote = query[start] ?? ''
  const raw = quote === '`'
  let at = start + 1
  for (;;) {
    const character = query[at] ?? ''
    if (character === quote) return { end: at + 1 }
    if (character === '') return { problem: raw ? 'unterminated raw string' : 'unterminated quoted string' }
    if (character === '\n' && !raw) return { problem: 'unterminated quoted string' }
    if (character === '\\' && !raw) {
      const escape = scanEscape(query, at + 1, quote)
      if ('problem' in escape) return escape
      at = escape.end
      continue
    }
    const rune = runeAt(query, at)
    if (rune === '\ufffd' || isSurrogate(rune)) return { problem: 'invalid UTF-8 rune' }
    at += rune.length
  }
}

const ESCAPE_DIGITS: Readonly<Record<string, { base: number; count: number; limit: number }>> = {
  '0': { base: 8, count: 3, limit: 255 },
  x: { base: 16, count: 2, limit: 255 },
  u: { base: 16, count: 4, limit: 0x10ffff },
  U: { base: 16, count: 8, limit: 0x10ffff },
}

/** `at` is behind the backslash. */
function scanEscape(query: string, at: number, quote: string): { readonly end: number } | { readonly problem: string } {
  const kind = query[at] ?? ''
  if (kind === '') return { problem: 'escape sequence not terminated' }
  if ('abfnrtv\\'.includes(kind) || kind === quote) return { end: at + 1 }
  const digits = ESCAPE_DIGITS[/[0-7]/.test(kind) ? '0' : kind]
  if (digits === undefined) return { problem: `unknown escape sequence ${nameOfRune(runeAt(query, at))}` }
  const first = digits.base === 16 ? at + 1 : at
  const end = first + digits.count
  for (let i = first; i < end; i++) {
    const digit = query[i] ?? ''
    if (digit === '') return { problem: 'escape sequence not terminated' }
    if (Number.isNaN(parseInt(digit, digits.base))) {
      return { problem: `illegal character ${nameOfRune(runeAt(query, i))} in escape sequence` }
    }
  }
  const point = parseInt(query.slice(first, end), digits.base)
  if (point > digits.limit || (point >= 0xd800 && point < 0xe000)) {
    return { problem: 'escape sequence is an invalid Unicode code point' }
  }
  return { end }
}

/**
 * The text that a string token stands for. Octal and `\x` escapes name bytes. Those that are no UTF-8 together are kept
 * as surrogates U+DC80 … U+DCFF, one a byte, which no valid text holds: see `isValidText`.
 */
export function unquoteBytes(token: string): string {
  const body = token.slice(1, -1)
  if (token.startsWith('`') || !body.includes('\\')) return body
  const bytes: number[] = []
  const text = body.replace(ESCAPE, (...match: (string | undefined)[]) => {
    const [, simple, octal, hex, short, long] = match
    if (simple !== undefined) return SIMPLE_ESCAPES[simple] ?? simple
    const point = short ?? long
    if (point !== undefined) return String.fromCodePoint(parseInt(point, 16))
    bytes.push(octal === undefined ? parseInt(hex ?? '0', 16) : parseInt(octal, 8))
    return BYTE_MARK
  })
  return bytes.length > 0 ? decodeBytes(text, bytes) : text
}

/** The text that a string token stands for; undefined when it is no valid Unicode. */
export function unquote(token: string): string | undefined {
  const text = unquoteBytes(token)
  return isValidText(text) ? text : undefined
}

/** Whether the text is valid Unicode, as all that is stored must be. */
export function isValidText(text: string): boolean {
  return !SURROGATE.test(text)
}

const ESCAPE = /\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g
const SURROGATE = /\p{Cs}/u

/** Stands for a byte until all are known; the scanner let no lone surrogate through. */
const BYTE_MARK = '\ud800'

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

function decodeBytes(text: string, bytes: readonly number[]): string {
  const parts = text.split(BYTE_MARK)
  const encoded = parts.flatMap((part, i) => {
    const byte = bytes[i]
    return byte === undefined ? [Buffer.from(part)] : [Buffer.from(part), Buffer.from([byte])]
  })
  const joined = Buffer.concat(encoded)
  return isUtf8(joined) ? joined.toString('utf8') : decodeBroken(joined)
}

/** Reads the longest valid sequence at each place, and a byte where there is none. */
function decodeBroken(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => isUtf8(bytes.subarray(at, at + count)) && at + count <= bytes.length)
    if (length === undefined) text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
    else text += bytes.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return text
}

/** The character at a place of the query, whole even if it takes two UTF-16 units; '' at the end. */
export function runeAt(query: string, at: number): string {
  const point = query.codePointAt(at)
  return point === undefined ? '' : String.fromCodePoint(point)
}

/** A character in single quotes, as Go's `%q` prints it; what stands behind the end is its replacement character. */
export function quoteRune(rune: string): string {
  if (rune === '' || isSurrogate(rune)) return "'\ufffd'"
  return rune === "'" ? "'\\''" : `'${quoteText(rune).slice(1, -1).replace('\\"', '"')}'`
}

function isSurrogate(rune: string): boolean {
  return rune.length === 1 && SURROGATE.test(rune)
}

/** As Go's `%#U` prints it. */
function nameOfRune(rune: string): string {
  const point = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(rune) ? `U+${point} '${rune}'` : `U+${point}`
}
