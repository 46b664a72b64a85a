/** A number as Go's scanner reads one: where it ends, or what is wrong with it. */
export interface ScannedNumber {
  readonly end: number
  readonly problem?: string
}

const PREFIXES: Readonly<Record<string, { readonly base: number; readonly name: string }>> = {
  x: { base: 16, name: 'hexadecimal' },
  o: { base: 8, name: 'octal' },
  b: { base: 2, name: 'binary' },
}

/**
 * Reads a number that begins at `start` with a digit, or with a point before one: decimal, hexadecimal, octal or binary,
 * with underscores between digits, a fraction and an exponent.
 */
export function scanNumber(query: string, start: number): ScannedNumber {
  return new NumberScanner(query, start).scan()
}

class NumberScanner {
  readonly #query: string
  readonly #start: number
  #at: number
  #base = 10
  #name = 'decimal'
  /** An octal number by its leading zero alone. */
  #legacyOctal = false
  /** A prefix has a zero before it, which counts for underscores. */
  #separator = false
  #digits = false
  #wrongDigit = ''
  #isFloat = false

  constructor(query: string, start: number) {
    this.#query = query
    this.#start = start
    this.#at = start
  }

  scan(): ScannedNumber {
    const problem = this.#problem()
    return problem === undefined ? { end: this.#at } : { end: this.#at, problem }
  }

  #problem(): string | undefined {
    let problem: string | undefined
    if (this.#char() !== '.') {
      this.#prefix()
      this.#takeDigits()
    }
    if (this.#char() === '.') {
      this.#isFloat = true
      if (this.#base < 10 && !this.#legacyOctal) problem ??= `invalid radix point in ${this.#name} literal`
      this.#at += 1
      this.#takeDigits()
    }
    if (!this.#digits) problem ??= `${this.#name} literal has no digits`
    problem = this.#exponent(problem)
    if (!this.#isFloat && this.#wrongDigit !== '') {
      problem ??= `invalid digit '${this.#wrongDigit}' in ${this.#name} literal`
    }
    const text = this.#query.slice(this.#start, this.#at)
    if (this.#separator && !separatesDigits(text)) problem ??= "'_' must separate successive digits"
    return problem
  }

  #prefix(): void {
    if (this.#char() !== '0') return
    this.#at += 1
    const found = PREFIXES[this.#char().toLowerCase()]
    if (found === undefined) {
      this.#name = 'octal'
      this.#base = 8
      this.#legacyOctal = true
      this.#digits = true
      return
    }
    this.#at += 1
    this.#base = found.base
    this.#name = found.name
  }

  /** Whether there were any. */
  #takeDigits(): boolean {
    const pattern = this.#base === 16 ? /[0-9a-fA-F_]/ : /[0-9_]/
    for (let char = this.#char(); pattern.test(char); char = this.#char()) {
      this.#at += 1
      if (char === '_') this.#separator = true
      else {
        this.#digits = true
        if (this.#base < 10 && Number(char) >= this.#base && this.#wrongDigit === '') this.#wrongDigit = char
      }
    }
    return this.#digits
  }

  #exponent(before: string | undefined): string | undefined {
    const letter = this.#char()
    const kind = letter.toLowerCase()
    if (kind === 'e' || kind === 'p') {
      let problem = before
      const plain = this.#name === 'decimal' || this.#legacyOctal
      if (kind === 'e' && !plain) problem ??= `'${letter}' exponent requires decimal mantissa`
      if (kind === 'p' && this.#base !== 16) problem ??= `'${letter}' exponent requires hexadecimal mantissa`
      this.#at += 1
      this.#isFloat = true
      if (this.#char() === '+' || this.#char() === '-') this.#at += 1
      this.#base = 10
      this.#digits = false
      if (!this.#takeDigits()) problem ??= 'exponent has no digits'
      return problem
    }
    if (this.#name === 'hexadecimal' && this.#isFloat) return before ?? 'hexadecimal mantissa requires a ‘p’ exponent'
    return before
  }

  #char(): string {
    return this.#query[this.#at] ?? ''
  }
}

/** Whether each underscore stands between two digits, or between a prefix and one. */
function separatesDigits(text: string): boolean {
  const digits = text.replace(/^0[xXoObB]/, '0')
  return !/(?:^|[^0-9a-fA-F])_|_(?:$|[^0-9a-fA-F])/.test(digits)
}
