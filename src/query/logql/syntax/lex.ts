import { parsePromDuration } from '../../duration.ts'
import { quoteText } from '../../labels.ts'
import type { ParseError } from '../../parse-error.ts'
import { scanString, unquoteBytes } from '../../promql/syntax/index.ts'
import { parseByteSize, parseNanoseconds } from '../../quantities.ts'
import { scanNumber } from './scan-number.ts'
import { logqlError } from './syntax-error.ts'
import { FLAGS, FUNCTION_KINDS, SYMBOLS, type Token, WORDS } from './tokens.ts'

const SPACE = /[ \t\r\n]+/y
const COMMENT = /#[^\n]*\n?|\/\/[^\n]*/y
const BLOCK_COMMENT = /\/\*[^]*?\*\//y
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const NUMBER_START = /\d|\.\d/y
const DURATION_REST = /[\p{N}.nuµmshdwy]*/uy
const SIZE_REST = /[\p{N}.BikKMGTP]*/uy
const FLAG = /-[\p{L}-]*/uy
const CALL = /\s*(?:\(|(?:by|without)\s*\()/iy
const LETTER_IN_QUOTES = /'(?:\\.|[^'\\\n])+'/y

/** Reads the tokens of a query one by one. Throws ParseError with Loki's wording. */
export class Lexer {
  readonly #query: string
  #at = 0

  constructor(query: string) {
    this.#query = query
  }

  next(): Token {
    this.#skip()
    const query = this.#query
    const start = this.#at
    if (start >= query.length) return { kind: '$end', text: '', start, end: start }
    const first = query[start] ?? ''
    if (this.#match(NUMBER_START) !== '') return this.#number()
    if (first === '"' || first === '`') return this.#string()
    if (first === '[') return this.#range()
    if (first === '-') {
      const flag = query[start + 1] === '-' ? this.#match(FLAG) : ''
      if (FLAGS.includes(flag)) return this.#token('FUNCTION_FLAG', flag)
      const duration = this.#quantity('-', DURATION_REST, parseNanoseconds)
      if (duration !== undefined) return this.#take(duration, 'DURATION')
    }
    return this.#symbolOrWord(first)
  }

  #skip(): void {
    for (;;) {
      const skipped = this.#match(SPACE) || this.#match(COMMENT) || this.#match(BLOCK_COMMENT)
      if (skipped === '') break
      this.#at += skipped.length
    }
    if (this.#query.startsWith('/*', this.#at)) throw this.#error(this.#at, 'comment not terminated')
  }

  #number(): Token {
    const { end, problem } = scanNumber(this.#query, this.#at)
    if (problem !== undefined) throw this.#error(this.#at, problem)
    const digits = this.#query.slice(this.#at, end)
    const duration = this.#quantity(digits, DURATION_REST, parseNanoseconds)
    if (duration !== undefined) return this.#take(duration, 'DURATION')
    const size = this.#quantity(digits, SIZE_REST, parseByteSize)
    if (size !== undefined) return this.#take(size, 'BYTES')
    return this.#token('NUMBER', digits)
  }

  /** What begins with the text that was read, and goes on with more of the pattern. */
  #quantity(begin: string, rest: RegExp, parse: (text: string) => number | undefined): Omit<Token, 'kind'> | undefined {
    const start = this.#at
    rest.lastIndex = start + begin.length
    const more = rest.exec(this.#query)?.[0] ?? ''
    const size = more === '' ? undefined : parse(begin + more)
    const text = begin + more
    return size === undefined ? undefined : { text, start, end: start + text.length, size }
  }

  #string(): Token {
    const start = this.#at
    const scanned = scanString(this.#query, start)
    if ('problem' in scanned) {
      const open = scanned.problem.startsWith('unterminated') || scanned.problem.endsWith('not terminated')
      if (scanned.problem === 'escape sequence is an invalid Unicode code point') return this.#oddString(start)
      throw this.#error(start, open ? 'literal not terminated' : 'invalid char escape')
    }
    const token = this.#token('STRING', this.#query.slice(start, scanned.end))
    return { ...token, value: unquoteBytes(token.text) }
  }

  /** Escapes of characters that there are not stand for the replacement character or fail as Go's `Unquote` does. */
  #oddString(start: number): Token {
    const repaired = this.#query
      .slice(start)
      .replace(/^"(?:[^"\\]|\\.)*"/s, (literal) => literal.replace(/\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, '\\ufffd'))
    const scanned = scanString(repaired, 0)
    if ('problem' in scanned) throw this.#error(start, 'invalid syntax')
    const text = repaired.slice(0, scanned.end)
    this.#at = start + scanned.end
    return { kind: 'STRING', text, start, end: this.#at, value: unquoteBytes(text) }
  }

  #range(): Token {
    const start = this.#at
    const close = this.#query.indexOf(']', start)
    const inner = this.#query.slice(start + 1, close)
    const problem = close < 0 ? "missing closing ']' in duration" : problemOfDuration(inner)
    if (problem !== undefined) throw this.#error(start, problem, true)
    const ms = parsePromDuration(inner)
    return { ...this.#token('RANGE', `[${inner}]`), size: typeof ms === 'number' ? ms * 1e6 : 0 }
  }

  #symbolOrWord(first: string): Token {
    const word = this.#match(WORD)
    if (word === '') {
      const letter = this.#match(LETTER_IN_QUOTES)
      if (letter !== '') return this.#token('IDENTIFIER', letter)
      const double = this.#query.slice(this.#at, this.#at + 2)
      if (SYMBOLS.has(double)) return this.#token(double, double)
      if (SYMBOLS.has(first)) return this.#token(first, first)
      return this.#token('IDENTIFIER', String.fromCodePoint(this.#query.codePointAt(this.#at) ?? 0))
    }
    const lower = word.toLowerCase()
    const call = FUNCTION_KINDS.get(lower)
    if (call !== undefined) {
      CALL.lastIndex = this.#at + word.length
      return this.#token(CALL.test(this.#query) ? call : 'IDENTIFIER', word)
    }
    return this.#token(WORDS.has(lower) ? lower : 'IDENTIFIER', word)
  }

  #take(token: Omit<Token, 'kind'>, kind: string): Token {
    this.#at = token.end
    return { ...token, kind }
  }

  #token(kind: string, text: string): Token {
    return this.#take({ text, start: this.#at, end: this.#at + text.length }, kind)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#query)?.[0] ?? ''
  }

  #error(start: number, message: string, lineless = false): ParseError {
    return logqlError(this.#query, { start, end: this.#query.length }, message, lineless)
  }
}

/** What Prometheus says of a text that is no duration. */
function problemOfDuration(text: string): string | undefined {
  const ms = parsePromDuration(text)
  if (typeof ms === 'number') return undefined
  if (ms === 'out of range') return 'duration out of range'
  if (text === '') return 'empty duration string'
  const { 1: unit = '' } = /^(?:\d+(?:ms|[smhdwy]))*\d+([^\d]*)/.exec(text) ?? []
  if (unit === '' || KNOWN_UNITS.includes(unit)) return `not a valid duration string: ${quoteText(text)}`
  return `unknown unit ${quoteText(unit)} in duration ${quoteText(text)}`
}

const KNOWN_UNITS: readonly string[] = ['ms', 's', 'm', 'h', 'd', 'w', 'y']
