import {
  bitsOf,
  type ByteClass,
  classOf,
  ESCAPED_CHARS,
  ESCAPED_CLASSES,
  foldCase,
  NAMED_CLASSES,
} from './byte-class.ts'

/** Longer sequences say hardly more. */
const LONGEST = 8
/** What says less than this stands in every other text. */
const LEAST_BITS = 10

/**
 * A row of byte classes such that every match of the RE2 expression contains bytes of these classes side by side:
 * input without such bytes need not be looked at. Undefined where none that says much is plain to see. It reads
 * expressions from left to right and takes only what it is sure of; at everything else a new row begins.
 */
export function requiredBytes(expression: string): readonly ByteClass[] | undefined {
  const ignoreCase = expression.startsWith('(?i)')
  const reader = new Reader(ignoreCase ? expression.slice(4) : expression, ignoreCase)
  if (!reader.read()) return undefined
  let best: { readonly row: readonly ByteClass[]; readonly bits: number } | undefined
  for (const row of reader.rows) {
    for (let from = 0; from === 0 || from + LONGEST <= row.length; from++) {
      const part = row.slice(from, from + LONGEST)
      const bits = part.reduce((sum, one) => sum + bitsOf(one), 0)
      if (bits > (best?.bits ?? 0)) best = { row: part, bits }
    }
  }
  return best === undefined || best.bits < LEAST_BITS ? undefined : best.row
}

/** What stands at one place of the expression. */
type Atom = { readonly t: 'class'; readonly bytes: ByteClass } | { readonly t: 'nothing' } | { readonly t: 'unsure' }

const NOTHING: Atom = { t: 'nothing' }
const UNSURE: Atom = { t: 'unsure' }

class Reader {
  readonly rows: ByteClass[][] = []
  readonly #text: string
  readonly #ignoreCase: boolean
  #at = 0
  #row: ByteClass[] = []

  constructor(text: string, ignoreCase: boolean) {
    this.#text = text
    this.#ignoreCase = ignoreCase
  }

  /** False when the expression holds something that is not understood here: then the rows mean nothing. */
  read(): boolean {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? ''
      if (char === '|' || char === ')') return false
      const atom = char === '(' ? this.#group() : this.#atom(char)
      if (atom === undefined) return false
      this.#add(atom, this.#quantifier())
    }
    this.#close()
    return true
  }

  #add(atom: Atom, times: { readonly least: number; readonly exact: boolean }): void {
    if (atom.t === 'unsure' || (atom.t === 'class' && times.least === 0)) this.#close()
    if (atom.t !== 'class' || times.least === 0) return
    for (let i = 0; i < Math.min(times.least, 2 * LONGEST); i++) this.#row.push(atom.bytes)
    if (times.exact) return
    // More of the same may follow, and the last of them stands beside what comes next.
    this.#close()
    this.#row.push(atom.bytes)
  }

  #close(): void {
    if (this.#row.length > 0) this.rows.push(this.#row)
    this.#row = []
  }

  #quantifier(): { readonly least: number; readonly exact: boolean } {
    const found = /^(?:([*+?])|\{(\d{1,4})(,\d*)?\})\??/.exec(this.#text.slice(this.#at, this.#at + 16))
    if (found === null) return { least: 1, exact: true }
    this.#at += found[0].length
    if (found[1] !== undefined) return { least: found[1] === '+' ? 1 : 0, exact: false }
    return { least: Number(found[2]), exact: found[3] === undefined }
  }

  /** Groups are passed over; of what is in them nothing is taken. */
  #group(): Atom | undefined {
    if (/^\(\?(?!:|P?<)/.test(this.#text.slice(this.#at, this.#at + 4))) return undefined
    let depth = 0
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]
      if (char === '\\') {
        if (this.#text[this.#at + 1] === 'Q') return undefined
        this.#at += 1
      } else if (char === '[') {
        if (this.#class() === undefined) return undefined
        this.#at -= 1
      } else if (char === '(') {
        depth += 1
      } else if (char === ')') {
        depth -= 1
        if (depth === 0) {
          this.#at += 1
          return UNSURE
        }
      }
    }
    return undefined
  }

  #atom(char: string): Atom | undefined {
    if (char === '[') return this.#class()
    if (char === '\\') return this.#escape()
    this.#at += 1
    if (char === '^' || char === '$') return NOTHING
    if (char === '.' || char > '\x7f') return UNSURE
    return this.#classAtom(charClass(char.charCodeAt(0)))
  }

  #escape(): Atom | undefined {
    const letter = this.#text[this.#at + 1] ?? ''
    this.#at += 2
    if ('bBAz'.includes(letter)) return NOTHING
    if ('DWS'.includes(letter)) return UNSURE
    const bytes = escapedClass(letter)
    return bytes && this.#classAtom(bytes)
  }

  /** A bracketed class; the position is behind it afterwards. */
  #class(): Atom | undefined {
    const bytes = new Uint8Array(256)
    let isSure = true
    this.#at += 1
    if (this.#text[this.#at] === '^') {
      isSure = false
      this.#at += 1
    }
    for (let isFirst = true; isFirst || this.#text[this.#at] !== ']'; isFirst = false) {
      const char = this.#text[this.#at]
      if (char === undefined) return undefined
      const named = /^\[:(\w+):\]/.exec(this.#text.slice(this.#at, this.#at + 12))
      const known = named?.[1] === undefined ? undefined : NAMED_CLASSES[named[1]]
      if (named !== null) {
        if (known === undefined) return undefined
        this.#at += named[0].length
        merge(bytes, known)
        continue
      }
      const item = this.#classItem(char)
      if (item === undefined) return undefined
      if (item === 'unsure') isSure = false
      else merge(bytes, item)
    }
    this.#at += 1
    return isSure ? this.#classAtom(bytes) : UNSURE
  }

  /** A character, an escape or a range. */
  #classItem(char: string): ByteClass | 'unsure' | undefined {
    this.#at += 1
    let from = char.charCodeAt(0)
    if (char === '\\') {
      const letter = this.#text[this.#at] ?? ''
      this.#at += 1
      if ('DWS'.includes(letter)) return 'unsure'
      const escaped = escapedClass(letter)
      if (escaped === undefined || ESCAPED_CLASSES[letter] !== undefined) return escaped
      from = escaped.indexOf(1)
    }
    let to = from
    const end = this.#text[this.#at + 1]
    if (this.#text[this.#at] === '-' && end !== undefined && end !== ']') {
      // The end of a range that is an escape is rare enough not to be read.
      if (end === '\\' || end === '[') return undefined
      to = end.charCodeAt(0)
      this.#at += 2
    }
    return from > 0x7f || to > 0x7f ? 'unsure' : classOf([from, to])
  }

  #classAtom(bytes: ByteClass): Atom {
    const folded = this.#ignoreCase ? foldCase(bytes) : bytes
    return folded === undefined ? UNSURE : { t: 'class', bytes: folded }
  }
}

/** Of the character behind a backslash; undefined for what is not read here (`\p`, `\x`, `\Q`, …). */
function escapedClass(letter: string): ByteClass | undefined {
  const known = ESCAPED_CLASSES[letter]
  if (known !== undefined) return known
  const code = ESCAPED_CHARS[letter]
  if (code !== undefined) return charClass(code)
  return /^[!-/:-@[-`{-~]$/.test(letter) ? charClass(letter.charCodeAt(0)) : undefined
}

function charClass(code: number): ByteClass {
  return classOf([code, code])
}

function merge(into: Uint8Array, from: ByteClass): void {
  for (let byte = 0; byte < 256; byte++) if (from[byte] === 1) into[byte] = 1
}
