/**
 * How far a number or a duration reaches. `bad` is neither; its end is where Prometheus gives up, because its message
 * quotes the text so far. A number that scans need not be one: `.5.` and `0x` fail when they are converted.
 */
export interface NumberSpan {
  readonly kind: 'number' | 'duration' | 'bad'
  readonly end: number
}

/** Scans from `start`, where a digit stands, or a point before a digit. */
export function scanNumberOrDuration(text: string, start: number): NumberSpan {
  const scan = new Scan(text, start)
  if (scan.number()) return { kind: 'number', end: scan.at }
  if (scan.restOfDuration()) return { kind: 'duration', end: scan.at }
  return { kind: 'bad', end: scan.at }
}

const DECIMAL = '0123456789'
const HEXADECIMAL = '0123456789abcdefABCDEF'

class Scan {
  readonly #text: string
  at: number

  constructor(text: string, start: number) {
    this.#text = text
    this.at = start
  }

  number(): boolean {
    const hexadecimal = this.#accept('0') && this.#accept('xX')
    if (hexadecimal) this.#accept('_')
    const digits = hexadecimal ? HEXADECIMAL : DECIMAL
    this.#accept('.')
    this.#accept(digits)
    let points = 0
    let exponents = 0
    while (this.#is(`${digits}._eE`)) {
      if (this.#accept('.')) {
        points += 1
        if (points > 1 || this.#accept('_.') || hexadecimal) return false
      } else if (this.#accept('eE')) {
        exponents += 1
        if (exponents > 1) return false
        this.#accept('+-')
        if (this.#accept('._eE') || this.#atEnd()) return false
      } else if (this.#accept('_')) {
        if (this.#accept('._eE') || this.#atEnd()) return false
      } else {
        while (this.#accept(digits));
      }
    }
    return !this.#isWordCharacter()
  }

  /** Behind the digits: a unit, then digits and units in turns. Years come first only. */
  restOfDuration(): boolean {
    if (!this.#accept('smhdwy')) return false
    this.#accept('s')
    while (this.#accept(DECIMAL)) {
      while (this.#accept(DECIMAL));
      if (!this.#accept('smhdw')) return false
      this.#accept('s')
    }
    if (!this.#isWordCharacter()) return true
    this.at += 1
    return false
  }

  #isWordCharacter(): boolean {
    return /[A-Za-z0-9_]/.test(this.#text[this.at] ?? '')
  }

  #atEnd(): boolean {
    return this.at >= this.#text.length
  }

  #is(set: string): boolean {
    const character = this.#text[this.at]
    return character !== undefined && set.includes(character)
  }

  #accept(set: string): boolean {
    if (!this.#is(set)) return false
    this.at += 1
    return true
  }
}
