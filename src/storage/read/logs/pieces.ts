import { sql, type Sql, str } from '../../sql.ts'

/** The index of `body` knows all triples of characters, in lower case; a shorter piece finds nothing there. */
const MIN_PIECE = 3

/**
 * What the index can say of a line that contains the text: nothing new, but it is looked up instead of read. Undefined
 * where the text is too short.
 */
export function hasPiece(text: string): Sql | undefined {
  const piece = toLowerAscii(text)
  if (!isLong(piece)) return undefined
  return sql`lower(body) LIKE ${str(`%${piece.replace(/[\\%_]/g, '\\$&')}%`)}`
}

/** Counted as the index does: a character beyond 16 bits is one. */
function isLong(text: string): boolean {
  return Array.from(text).length >= MIN_PIECE
}

/** As ClickHouse's `lower`. */
function toLowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/**
 * Texts of which all that stand in one list must be in a line, in upper or lower case, for the RE2 expression to match
 * a part of it; one of the lists is enough. Undefined where that cannot be told. It reads just enough of the syntax not to
 * be wrong: alternatives at the top, letters one after the other; what stands in groups is left out.
 */
export function requiredTexts(expression: string): readonly (readonly string[])[] | undefined {
  let rest = expression
  // In any case, two letters have a third form that is not ASCII.
  let anyCase = false
  const flags = /^\(\?([imsU]*)\)/.exec(expression)
  if (flags !== null) {
    anyCase = flags[1]?.includes('i') === true
    rest = expression.slice(flags[0].length)
  }
  // Flags further inside, and texts taken literally, are for others to understand.
  if (/\(\?[a-zA-Z-]*[imsU-]|\\Q|\\[CpP]/.test(rest.replace(/\(\?P?</g, ''))) return undefined
  const alternatives = new Reader(rest, anyCase).alternatives()
  if (alternatives === undefined) return undefined
  const long = alternatives.map((texts) => texts.filter(isLong))
  return long.every((texts) => texts.length > 0) ? long : undefined
}

const META = new Set('.^$*+?()[]{}|\\')

class Reader {
  readonly #text: string
  readonly #anyCase: boolean
  #at = 0
  #run: string[] = []
  #texts: string[] = []

  constructor(text: string, anyCase: boolean) {
    this.#text = text
    this.#anyCase = anyCase
  }

  alternatives(): readonly (readonly string[])[] | undefined {
    const all: (readonly string[])[] = []
    while (this.#at < this.#text.length) {
      const code = this.#text.codePointAt(this.#at) ?? 0
      const character = String.fromCodePoint(code)
      if (character === '|') {
        this.#at += 1
        this.#endRun()
        all.push(this.#texts)
        this.#texts = []
        continue
      }
      if (!this.#step(character)) return undefined
    }
    this.#endRun()
    all.push(this.#texts)
    return all
  }

  /** One element with its repetition; false when it is not understood. */
  #step(character: string): boolean {
    switch (character) {
      case '\\': {
        const next = this.#text[this.#at + 1] ?? ''
        this.#at += 2
        // Only punctuation stands for itself; what a letter or digit means here is not looked at.
        if (next === '' || /[xo0-9]/.test(next)) return false
        if (META.has(next) || /[^A-Za-z0-9\s]/.test(next)) this.#take(next)
        else this.#endRun()
        return this.#repetition()
      }
      case '(':
        this.#endRun()
        return this.#skipGroup() && this.#repetition()
      case '[':
        this.#endRun()
        return this.#skipClass() && this.#repetition()
      case '.':
      case '^':
      case '$':
        this.#endRun()
        this.#at += 1
        return this.#repetition()
      case ')':
      case '*':
      case '+':
      case '?':
        return false
      default:
        this.#at += character.length
        this.#take(character)
        return this.#repetition()
    }
  }

  #take(character: string): void {
    const hasThirdForm = this.#anyCase && /[ksKS]/.test(character)
    const hasOtherCase = this.#anyCase && character > '\x7f'
    if (hasThirdForm || hasOtherCase) this.#endRun()
    else this.#run.push(character)
  }

  #endRun(): void {
    if (this.#run.length > 0) this.#texts.push(this.#run.join(''))
    this.#run = []
  }

  /** What may be absent takes its character away; what may come again ends the run behind it. */
  #repetition(): boolean {
    const rest = this.#text.slice(this.#at)
    const found = /^(?:[*+?]|\{(\d*)(?:,\d*)?\})\??/.exec(rest)
    if (found === null) return !rest.startsWith('{')
    this.#at += found[0].length
    const mayBeAbsent = found[0].startsWith('*') || found[0].startsWith('?') || Number(found[1] ?? 1) === 0
    if (mayBeAbsent) this.#run.pop()
    this.#endRun()
    return true
  }

  #skipGroup(): boolean {
    let depth = 0
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? ''
      if (character === '\\') this.#at += 2
      else if (character === '[') {
        if (!this.#skipClass()) return false
      } else {
        this.#at += 1
        if (character === '(') depth++
        if (character === ')' && --depth === 0) return true
      }
    }
    return false
  }

  #skipClass(): boolean {
    this.#at += 1
    if (this.#text[this.#at] === '^') this.#at += 1
    // A bracket that comes first stands for itself.
    if (this.#text[this.#at] === ']') this.#at += 1
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? ''
      if (character === '\\') this.#at += 2
      else if (this.#text.startsWith('[:', this.#at)) {
        const end = this.#text.indexOf(':]', this.#at)
        if (end < 0) return false
        this.#at = end + 2
      } else {
        this.#at += 1
        if (character === ']') return true
      }
    }
    return false
  }
}
