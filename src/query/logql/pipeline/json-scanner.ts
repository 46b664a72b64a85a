/**
 * Reading of JSON as leniently as Loki reads it: what is not needed is only passed over, so that a line can be broken
 * behind what is. Places are UTF-16 units.
 */
export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object'

export interface JsonValue {
  readonly type: JsonType
  /** Of strings without their quotes. */
  readonly start: number
  readonly end: number
  /** Behind the value. */
  readonly next: number
}

export class JsonError extends Error {}

const MALFORMED_OBJECT = "Value looks like object, but can't find closing '}' symbol"
const MALFORMED_ARRAY = "Value is array, but can't find closing ']' symbol"
const MALFORMED_STRING = "Value is string, but can't find closing '\"' symbol"
const MALFORMED_JSON = 'Malformed JSON error'

/** What the reader of an object does with its fields; `stop` ends the reading with success. */
export type FieldReader = (key: string, value: JsonValue) => 'next' | 'stop'

/** Reads the fields of the object that begins at `start`, as far as they can be read. Throws JsonError. */
export function readObject(text: string, start: number, end: number, read: FieldReader): boolean {
  let at = skipSpace(text, start, end)
  if (at === end || text.charCodeAt(at) !== OPEN_BRACE) throw new JsonError(MALFORMED_OBJECT)
  at = skipSpace(text, at + 1, end)
  if (at === end) throw new JsonError(MALFORMED_JSON)
  while (at < end) {
    const unit = text.charCodeAt(at)
    if (unit === CLOSE_BRACE) return true
    if (unit !== QUOTE) throw new JsonError(MALFORMED_OBJECT)
    const keyEnd = endOfString(text, at + 1, end)
    if (keyEnd < 0) throw new JsonError(MALFORMED_JSON)
    const key = unescapeKey(text.slice(at + 1, keyEnd))
    at = skipSpace(text, keyEnd + 1, end)
    if (at === end || text.charCodeAt(at) !== COLON) throw new JsonError(MALFORMED_JSON)
    const value = readValue(text, at + 1, end)
    if (read(key, value) === 'stop') return false
    at = skipSpace(text, value.next, end)
    if (at === end) throw new JsonError(MALFORMED_ARRAY)
    const separator = text.charCodeAt(at)
    if (separator === CLOSE_BRACE) return true
    if (separator !== COMMA) throw new JsonError(MALFORMED_OBJECT)
    at = skipSpace(text, at + 1, end)
    if (at === end) throw new JsonError(MALFORMED_ARRAY)
  }
  throw new JsonError(MALFORMED_OBJECT)
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

export function skipSpace(text: string, start: number, end: number): number {
  let at = start
  while (at < end) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break
    at += 1
  }
  return at
}

/** Reads the value that comes. Throws JsonError. */
export function readValue(text: string, from: number, end: number): JsonValue {
  const start = skipSpace(text, from, end)
  if (start === end) throw new JsonError(MALFORMED_JSON)
  const unit = text.charCodeAt(start)
  if (unit === QUOTE) {
    const close = endOfString(text, start + 1, end)
    if (close < 0) throw new JsonError(MALFORMED_STRING)
    return { type: 'string', start: start + 1, end: close, next: close + 1 }
  }
  if (unit === OPEN_BRACKET || unit === OPEN_BRACE) {
    const isArray = unit === OPEN_BRACKET
    const close = endOfBlock(text, start, end, unit, isArray ? CLOSE_BRACKET : CLOSE_BRACE)
    if (close < 0) throw new JsonError(isArray ? MALFORMED_ARRAY : MALFORMED_OBJECT)
    return { type: isArray ? 'array' : 'object', start, end: close, next: close }
  }
  return readLiteral(text, start, end)
}

function readLiteral(text: string, start: number, limit: number): JsonValue {
  let end = start
  while (end < limit && !endsLiteral(text.charCodeAt(end))) end += 1
  const literal = text.slice(start, end)
  const type = typeOfLiteral(literal)
  if (type === undefined) throw new JsonError('Unknown value type')
  return { type, start, end, next: end }
}

function endsLiteral(unit: number): boolean {
  return (
    unit === COMMA ||
    unit === CLOSE_BRACE ||
    unit === CLOSE_BRACKET ||
    unit === 0x20 ||
    unit === 0x0a ||
    unit === 0x0d ||
    unit === 0x09
  )
}

function typeOfLiteral(literal: string): JsonType | undefined {
  if (/^[-0-9]/.test(literal)) return 'number'
  if (literal === 'true' || literal === 'false') return 'boolean'
  return literal === 'null' ? 'null' : undefined
}

/** Where the quote stands that closes a string; -1 if there is none. */
function endOfString(text: string, start: number, end: number): number {
  for (let at = text.indexOf('"', start); at >= 0 && at < end; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (at - 1 - backslashes >= start && text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return at
  }
  return -1
}

/** Behind the bracket that closes a block; only brackets of its own kind count. */
function endOfBlock(text: string, start: number, end: number, open: number, close: number): number {
  let level = 0
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at = endOfString(text, at + 1, end)
      if (at < 0) return -1
    } else if (unit === open) {
      level += 1
    } else if (unit === close) {
      level -= 1
      if (level === 0) return at + 1
    }
  }
  return -1
}

function unescapeKey(raw: string): string {
  if (!raw.includes('\\')) return raw
  const key = unescapeJson(raw)
  if (key === undefined) throw new JsonError('Encountered an invalid escape sequence in a string')
  return key
}

const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4})(?:\\u([0-9a-fA-F]{4}))?|)/g
const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** The text that stands between the quotes of a string; undefined if an escape is none. */
export function unescapeJson(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw
  const found = { broken: false }
  const text = raw.replace(ESCAPE, (...match: (string | undefined)[]) => {
    const [, simple, first, second] = match
    if (simple !== undefined) return SIMPLE[simple] ?? simple
    if (first === undefined) {
      found.broken = true
      return ''
    }
    const high = parseInt(first, 16)
    const low = second === undefined ? -1 : parseInt(second, 16)
    if (high >= 0xd800 && high <= 0xdfff) {
      if (low < 0xdc00) found.broken = true
      else return String.fromCodePoint(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
      return ''
    }
    // The second escape stands for itself: it begins a pair with what follows if it must.
    return String.fromCharCode(high) + (second === undefined ? '' : (unescapeJson(`\\u${second}`) ?? BROKEN))
  })
  return found.broken || text.includes(BROKEN) ? undefined : text
}

/** A string as a label's value: '' if an escape is none, and blanks where something is no UTF-8, as Loki has it. */
export function jsonText(raw: string): string {
  return (unescapeJson(raw) ?? '').replaceAll('\ufffd', ' ')
}

const BROKEN = '\u{10fffc}'
