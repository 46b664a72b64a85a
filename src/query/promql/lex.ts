import { isUtf8 } from 'node:buffer'
import { quoteText } from '../labels.ts'
import { lineAndColumn, ParseError } from '../parse-error.ts'
import { AGGREGATORS } from './ast.ts'

export type TokenKind =
  | 'identifier'
  | 'metric-identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'operator'
  | 'aggregator'
  | 'keyword'
  | 'punctuation'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it stands in the query; words of the language are in lower case. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const KEYWORDS = new Set([
  'offset',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'start',
  'end',
])
const WORD_OPERATORS = new Set(['and', 'or', 'unless', 'atan2'])
const AGGREGATOR_WORDS: ReadonlySet<string> = new Set(AGGREGATORS)
const NUMBER_WORDS = new Set(['inf', 'nan'])

const SPACE = /(?:[ \t\r\n]+|#[^\r\n]*)+/y
const WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y
const LABEL_WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATOR = /==|!=|<=|>=|[-+*/%^<>@]/y
const NUMBER =
  /(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?)(?![A-Za-z0-9_.])/y
const DURATION = /\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdw]))*(?![A-Za-z0-9_])/y
const BAD_NUMBER = /[0-9.][A-Za-z0-9_.]*/y
const SPLIT_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Builds the error with Prometheus' form of the message: `1:5: parse error: …`. */
export function promqlError(query: string, range: { start: number; end: number }, message: string): ParseError {
  const { line, column } = lineAndColumn(query, range.start)
  const place = query === '' ? 'unknown position' : `${String(line)}:${String(column)}`
  return new ParseError(`${place}: parse error: ${message}`, { query, start: range.start, end: range.end })
}

/**
 * Reads tokens one after the other. What a character means depends on where it stands: inside braces words are label
 * names and `=` is an operator, inside brackets there are only durations and a colon.
 */
export class Lexer {
  readonly #query: string
  #at = 0
  #parens = 0
  #inBraces = false
  #inBrackets = false
  #gotColon = false

  constructor(query: string) {
    this.#query = query
  }

  next(): Token {
    this.#match(SPACE)
    if (this.#at >= this.#query.length) return this.#end()
    if (this.#inBraces) return this.#insideBraces()
    return this.#inBrackets ? this.#insideBrackets() : this.#outside()
  }

  #outside(): Token {
    const character = this.#peek()
    if (character === '{') this.#inBraces = true
    if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(this.#peek(1)))) return this.#number()
    if (isQuote(character)) return this.#string()
    if (/[A-Za-z_:]/.test(character)) return this.#word()
    if ('(){[],'.includes(character)) return this.#punctuation()
    if (character === '!' && this.#peek(1) !== '=') {
      throw this.#error(this.#at, `unexpected character after '!': ${quoteRune(this.#peek(1))}`)
    }
    if (character === '=' && this.#peek(1) === '~') {
      throw this.#error(this.#at, `unexpected character after '=': '~'`)
    }
    const operator = this.#match(OPERATOR)
    if (operator !== undefined) return this.#token('operator', operator)
    if (character === '=') return this.#token('punctuation', this.#take(1))
    throw this.#error(this.#at, `unexpected character: ${quoteRune(this.#rune())}`)
  }

  #punctuation(): Token {
    const start = this.#at
    const character = this.#take(1)
    if (character === '(') this.#parens += 1
    if (character === ')') {
      this.#parens -= 1
      if (this.#parens < 0) throw this.#error(start, "unexpected right parenthesis ')'")
    }
    if (character === '[') {
      this.#inBrackets = true
      this.#gotColon = false
    }
    if (character === ']') throw this.#error(start, "unexpected right bracket ']'")
    return this.#token('punctuation', character)
  }

  #insideBraces(): Token {
    const character = this.#peek()
    if (isQuote(character)) return this.#string()
    const word = this.#match(LABEL_WORD)
    if (word !== undefined) return this.#token('identifier', word)
    if (character === ',') return this.#token('punctuation', this.#take(1))
    if (character === '}') {
      this.#inBraces = false
      return this.#token('punctuation', this.#take(1))
    }
    if (character === '=') {
      return this.#peek(1) === '~' ? this.#token('operator', this.#take(2)) : this.#token('punctuation', this.#take(1))
    }
    if (character === '!') {
      const second = this.#peek(1)
      if (second === '=' || second === '~') return this.#token('operator', this.#take(2))
      throw this.#error(this.#at, `unexpected character after '!' inside braces: ${quoteRune(second)}`)
    }
    if (character === '{') throw this.#error(this.#at, "unexpected left brace '{'")
    throw this.#error(this.#at, `unexpected character inside braces: ${quoteRune(this.#rune())}`)
  }

  #insideBrackets(): Token {
    const character = this.#peek()
    if (/[0-9.]/.test(character)) return this.#number()
    if (character === ':') {
      if (this.#gotColon) throw this.#error(this.#at, "unexpected colon ':'")
      this.#gotColon = true
      return this.#token('punctuation', this.#take(1))
    }
    if (character === ']') {
      this.#inBrackets = false
      return this.#token('punctuation', this.#take(1))
    }
    if (character === '[') throw this.#error(this.#at, "unexpected left bracket '['")
    throw this.#error(this.#at, `unexpected character in duration expression: ${quoteRune(this.#rune())}`)
  }

  #word(): Token {
    const word = this.#match(WORD) ?? ''
    const lower = word.toLowerCase()
    if (NUMBER_WORDS.has(lower)) return this.#token('number', word)
    if (WORD_OPERATORS.has(lower)) return this.#token('operator', word)
    if (AGGREGATOR_WORDS.has(lower)) return this.#token('aggregator', word)
    if (KEYWORDS.has(lower)) return this.#token('keyword', word)
    return this.#token(word.includes(':') ? 'metric-identifier' : 'identifier', word)
  }

  #number(): Token {
    const number = this.#match(NUMBER)
    if (number !== undefined) return this.#token('number', number)
    const duration = this.#match(DURATION)
    if (duration !== undefined) return this.#token('duration', duration)
    const start = this.#at
    const bad = this.#match(BAD_NUMBER) ?? this.#take(1)
    throw this.#error(start, `bad number or duration syntax: ${quoteText(bad)}`)
  }

  #string(): Token {
    const start = this.#at
    const quote = this.#take(1)
    const raw = quote === '`'
    for (;;) {
      const character = this.#peek()
      if (character === '' || (character === '\n' && !raw)) {
        throw this.#error(start, raw ? 'unterminated raw string' : 'unterminated quoted string')
      }
      if (character === '\\' && !raw) this.#skipEscape(start, quote)
      else this.#at += 1
      if (character === quote) break
    }
    const text = this.#query.slice(start, this.#at)
    if (SPLIT_SURROGATE.test(text)) throw this.#error(start, 'invalid UTF-8 rune')
    return { kind: 'string', text, start, end: this.#at }
  }

  #skipEscape(start: number, quote: string): void {
    this.#at += 1
    const kind = this.#peek()
    if (kind === '') throw this.#error(start, 'escape sequence not terminated')
    if ('abfnrtv\\'.includes(kind) || kind === quote) {
      this.#at += 1
      return
    }
    const digits = ESCAPE_DIGITS[kind] ?? (/[0-7]/.test(kind) ? ESCAPE_DIGITS['0'] : undefined)
    if (digits === undefined) throw this.#error(start, `unknown escape sequence ${unicodeName(this.#rune())}`)
    if (digits.base === 16) this.#at += 1
    for (let i = 0; i < digits.count; i++) {
      const digit = this.#peek()
      if (digit === '') throw this.#error(start, 'escape sequence not terminated')
      if (Number.isNaN(parseInt(digit, digits.base))) {
        throw this.#error(start, `illegal character ${unicodeName(this.#rune())} in escape sequence`)
      }
      this.#at += 1
    }
    const point = parseInt(this.#query.slice(this.#at - digits.count, this.#at), digits.base)
    if (point > digits.limit || (point >= 0xd800 && point < 0xe000)) {
      throw this.#error(start, 'escape sequence is an invalid Unicode code point')
    }
  }

  #end(): Token {
    if (this.#inBraces) throw this.#error(this.#at, 'unexpected end of input inside braces')
    if (this.#inBrackets) throw this.#error(this.#at, 'unexpected end of input in duration expression')
    if (this.#parens > 0) throw this.#error(this.#at, 'unclosed left parenthesis')
    return { kind: 'end', text: '', start: this.#at, end: this.#at }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#query)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #peek(ahead = 0): string {
    return this.#query[this.#at + ahead] ?? ''
  }

  #rune(): string {
    return String.fromCodePoint(this.#query.codePointAt(this.#at) ?? 0)
  }

  #take(length: number): string {
    this.#at += length
    return this.#query.slice(this.#at - length, this.#at)
  }

  #token(kind: TokenKind, text: string): Token {
    return { kind, text, start: this.#at - text.length, end: this.#at }
  }

  #error(start: number, message: string): ParseError {
    return promqlError(this.#query, { start, end: this.#query.length }, message)
  }
}

const ESCAPE_DIGITS: Readonly<Record<string, { base: number; count: number; limit: number }>> = {
  '0': { base: 8, count: 3, limit: 255 },
  x: { base: 16, count: 2, limit: 255 },
  u: { base: 16, count: 4, limit: 0x10ffff },
  U: { base: 16, count: 8, limit: 0x10ffff },
}

/** A token as Prometheus' messages describe it: `identifier "foo"`, `<op:+>`, `end of input`, … */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input'
    case 'keyword':
      return `<${token.text}>`
    case 'operator':
      return `<op:${token.text}>`
    case 'aggregator':
      return `<aggr:${token.text}>`
    case 'punctuation':
      return quoteText(token.text)
    case 'identifier':
      return `identifier ${quoteText(token.text)}`
    case 'metric-identifier':
      return `metric identifier ${quoteText(token.text)}`
    case 'string':
    case 'number':
    case 'duration': {
      const long = token.text.length > 10
      return `${token.kind} ${quoteText(token.text.slice(0, 10))}${long ? '...' : ''}`
    }
  }
}

/**
 * The text that a string token stands for. Octal and `\x` escapes name bytes; together they must be UTF-8, else the
 * answer is undefined.
 */
export function unquote(token: string): string | undefined {
  const body = token.slice(1, -1)
  if (token.startsWith('`')) return body
  if (!body.includes('\\')) return body
  const bytes: number[] = []
  const text = body.replace(
    /\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g,
    (...match: (string | undefined)[]) => {
      const [, simple, octal, hex, short, long] = match
      if (simple !== undefined) return SIMPLE_ESCAPES[simple] ?? simple
      const point = short ?? long
      if (point !== undefined) return String.fromCodePoint(parseInt(point, 16))
      const byte = octal === undefined ? parseInt(hex ?? '0', 16) : parseInt(octal, 8)
      bytes.push(byte)
      // A placeholder that a query cannot hold: lone surrogates were refused by the lexer.
      return BYTE_MARK
    },
  )
  return bytes.length > 0 ? decodeBytes(text, bytes) : text
}

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

function decodeBytes(text: string, bytes: readonly number[]): string | undefined {
  const parts = text.split(BYTE_MARK)
  const encoded = parts.flatMap((part, i) => {
    const byte = bytes[i]
    return byte === undefined ? [Buffer.from(part)] : [Buffer.from(part), Buffer.from([byte])]
  })
  const joined = Buffer.concat(encoded)
  return isUtf8(joined) ? joined.toString('utf8') : undefined
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`'
}

function quoteRune(rune: string): string {
  if (rune === '') return "'\\uffff'"
  return rune === "'" ? "'\\''" : `'${quoteText(rune).slice(1, -1).replace('\\"', '"')}'`
}

function unicodeName(rune: string): string {
  const point = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `U+${point} '${rune}'`
}
