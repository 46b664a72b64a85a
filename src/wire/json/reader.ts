import { isUtf8 } from 'node:buffer'
import { AppError } from '../../core/index.ts'

/** What a value is, told from its first byte. */
export const JSON_KINDS = { object: 1, array: 2, string: 3, number: 4, true: 5, false: 6, null: 7 } as const

/** Deeper values are refused, wherever they stand. */
const MAX_DEPTH = 256

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e

/** By first byte: the kind of the value, 0 where none begins so. */
const KIND_OF_BYTE = new Uint8Array(256)
KIND_OF_BYTE[OPEN_OBJECT] = JSON_KINDS.object
KIND_OF_BYTE[OPEN_ARRAY] = JSON_KINDS.array
KIND_OF_BYTE[QUOTE] = JSON_KINDS.string
KIND_OF_BYTE[0x74] = JSON_KINDS.true
KIND_OF_BYTE[0x66] = JSON_KINDS.false
KIND_OF_BYTE[0x6e] = JSON_KINDS.null
KIND_OF_BYTE[MINUS] = JSON_KINDS.number
for (let digit = 0x30; digit <= 0x39; digit++) KIND_OF_BYTE[digit] = JSON_KINDS.number

/** Bytes of a string that need a look: the closing quote, an escape, and control characters, which are not allowed. */
const IS_SPECIAL = new Uint8Array(256)
IS_SPECIAL.fill(1, 0, 0x20)
IS_SPECIAL[QUOTE] = 1
IS_SPECIAL[BACKSLASH] = 1

const LITERALS: readonly (readonly [kind: number, word: string])[] = [
  [JSON_KINDS.true, 'true'],
  [JSON_KINDS.false, 'false'],
  [JSON_KINDS.null, 'null'],
]

/**
 * Reads JSON (RFC 8259) out of bytes in one pass without making objects: the caller goes through members and elements
 * with `nextMember` and `nextElement`, looks at `kind()` and calls one of the value methods for each. Strings stay where
 * they are; `start`, `end` and `hasEscapes` say which bytes they are.
 *
 * Throws AppError `invalid` with the position of what is wrong. It is as strict as `JSON.parse`, and refuses bytes that
 * are no UTF-8 and values that are nested more than 256 deep.
 */
export class JsonReader {
  readonly bytes: Uint8Array
  readonly #limit: number
  pos: number
  /** The contents of the string or number that was read last; of a member's name after `nextMember`. */
  start = 0
  end = 0
  hasEscapes = false
  #isFirst = true
  #depth = 0

  /** `isText` when the caller knows already that the bytes are UTF-8. */
  constructor(bytes: Uint8Array, from = 0, limit = bytes.length, known: 'is-utf8' | 'unknown' = 'unknown') {
    if (known === 'unknown' && !isUtf8(from === 0 && limit === bytes.length ? bytes : bytes.subarray(from, limit))) {
      throw new AppError('invalid', 'JSON: the body is no valid UTF-8')
    }
    this.bytes = bytes
    this.#limit = limit
    this.pos = from
  }

  /** Of the value that comes next; throws where none does. */
  kind(): number {
    const kind = KIND_OF_BYTE[this.#peek()] ?? 0
    if (kind === 0) throw this.wrong('a value was expected')
    return kind
  }

  beginObject(): void {
    this.#begin(OPEN_OBJECT, 'an object was expected')
  }

  /** Reads the next member's name; false, and behind the object, when there is none. */
  nextMember(): boolean {
    if (!this.#next(CLOSE_OBJECT)) return false
    if (this.#peek() !== QUOTE) throw this.wrong('the name of a member was expected')
    this.string()
    if (this.#peek() !== COLON) throw this.wrong('a colon was expected')
    this.pos += 1
    return true
  }

  beginArray(): void {
    this.#begin(OPEN_ARRAY, 'an array was expected')
  }

  /** Goes to the next element; false, and behind the array, when there is none. */
  nextElement(): boolean {
    return this.#next(CLOSE_ARRAY)
  }

  /** Reads a string. */
  string(): void {
    const { bytes } = this
    if (this.#peek() !== QUOTE) throw this.wrong('a string was expected')
    let at = this.pos + 1
    this.start = at
    this.hasEscapes = false
    for (;;) {
      while (at < this.#limit && IS_SPECIAL[bytes[at] ?? 0] === 0) at++
      if (at >= this.#limit) throw this.wrong('a string does not end')
      const byte = bytes[at] ?? 0
      if (byte === QUOTE) break
      if (byte !== BACKSLASH) {
        this.pos = at
        throw this.wrong('a control character in a string')
      }
      this.hasEscapes = true
      at = this.#escape(at)
    }
    this.end = at
    this.pos = at + 1
  }

  /** Reads a number and leaves it as text between `start` and `end`; true if it is a plain integer. */
  number(): boolean {
    const { bytes } = this
    let at = this.#peekPos()
    this.start = at
    let isInteger = true
    if (bytes[at] === MINUS) at += 1
    const first = bytes[at] ?? 0
    const digits = this.#digits(at)
    if (digits === at || (first === 0x30 && digits > at + 1)) throw this.wrong('a number was expected')
    at = digits
    if (bytes[at] === DOT && at < this.#limit) {
      isInteger = false
      const end = this.#digits(at + 1)
      if (end === at + 1) throw this.wrong('digits were expected behind the point')
      at = end
    }
    const sign = at < this.#limit ? (bytes[at] ?? 0) : 0
    if (sign === 0x65 || sign === 0x45) {
      isInteger = false
      at += bytes[at + 1] === PLUS || bytes[at + 1] === MINUS ? 2 : 1
      const end = this.#digits(at)
      if (end === at) throw this.wrong('digits were expected behind the exponent')
      at = end
    }
    this.end = at
    this.pos = at
    return isInteger
  }

  /** Reads `true`, `false` or `null`; returns its kind. */
  literal(): number {
    const kind = this.kind()
    const word = LITERALS.find(([of]) => of === kind)?.[1]
    if (word === undefined) throw this.wrong('true, false or null was expected')
    for (let i = 0; i < word.length; i++) {
      if (this.pos + i >= this.#limit || this.bytes[this.pos + i] !== word.charCodeAt(i))
        throw this.wrong('a value was expected')
    }
    this.pos += word.length
    return kind
  }

  /** Reads over the value that comes next, whatever it is. */
  skip(): void {
    switch (this.kind()) {
      case JSON_KINDS.object:
        this.beginObject()
        while (this.nextMember()) this.skip()
        return
      case JSON_KINDS.array:
        this.beginArray()
        while (this.nextElement()) this.skip()
        return
      case JSON_KINDS.string:
        this.string()
        return
      case JSON_KINDS.number:
        this.number()
        return
      default:
        this.literal()
    }
  }

  /** Throws unless nothing but white space is left. */
  finish(): void {
    if (this.#peek() !== 0 || this.pos < this.#limit) throw this.wrong('something stands behind the value')
  }

  /** Whether the string that was read last is this one, which must be ASCII. */
  equals(ascii: Uint8Array): boolean {
    if (this.end - this.start !== ascii.length) return false
    for (let i = 0; i < ascii.length; i++) if (this.bytes[this.start + i] !== ascii[i]) return false
    return true
  }

  wrong(what: string): AppError {
    return new AppError('invalid', `JSON: ${what} at byte ${String(this.pos)}`)
  }

  #begin(bracket: number, what: string): void {
    if (this.#peek() !== bracket) throw this.wrong(what)
    if (this.#depth === MAX_DEPTH) throw this.wrong(`more than ${String(MAX_DEPTH)} levels of nested values`)
    this.#depth += 1
    this.pos += 1
    this.#isFirst = true
  }

  #next(bracket: number): boolean {
    const byte = this.#peek()
    if (byte === bracket) {
      this.pos += 1
      this.#depth -= 1
      this.#isFirst = false
      return false
    }
    if (this.#isFirst) {
      this.#isFirst = false
      return true
    }
    if (byte !== COMMA) throw this.wrong('a comma was expected')
    this.pos += 1
    // A comma must be followed by something.
    if (this.#peek() === bracket) throw this.wrong('nothing behind a comma')
    return true
  }

  /** The next byte that is no white space, which `pos` goes to; 0 at the end. */
  #peek(): number {
    const { bytes } = this
    let at = this.pos
    let byte = 0
    while (at < this.#limit) {
      byte = bytes[at] ?? 0
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.pos = at
        return byte
      }
      at += 1
    }
    this.pos = at
    return 0
  }

  #peekPos(): number {
    this.#peek()
    return this.pos
  }

  #digits(from: number): number {
    let at = from
    while (at < this.#limit) {
      const byte = this.bytes[at] ?? 0
      if (byte < 0x30 || byte > 0x39) break
      at += 1
    }
    return at
  }

  /** The position behind the escape at `at`. */
  #escape(at: number): number {
    const byte = at + 1 < this.#limit ? (this.bytes[at + 1] ?? 0) : 0
    if (byte === 0x75) {
      for (let i = at + 2; i < at + 6; i++) {
        if (i >= this.#limit || hexDigit(this.bytes[i] ?? 0) < 0) {
          this.pos = at
          throw this.wrong('four hexadecimal digits were expected')
        }
      }
      return at + 6
    }
    // " \ / b f n r t
    if (byte === QUOTE || byte === BACKSLASH || byte === 0x2f || byte === 0x62) return at + 2
    if (byte === 0x66 || byte === 0x6e || byte === 0x72 || byte === 0x74) return at + 2
    this.pos = at
    throw this.wrong('an unknown escape')
  }
}

/** The value of a hexadecimal digit, -1 if it is none. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
