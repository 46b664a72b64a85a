import type { ParseError } from '../../parse-error.ts'
import type { Range } from '../ast.ts'
import { Lexer } from './lex.ts'
import { logqlError, logqlMistake } from './syntax-error.ts'
import { SYMBOLS, type Token } from './tokens.ts'

/** Deeper queries are refused: whatever walks the tree recurses. */
const MAX_DEPTH = 500
const MAX_OPERATORS = 5_000
const MAX_BYTES = 131_072
/** Loki names what it expects if that is no more than so much. */
const MAX_EXPECTED = 4

/**
 * The tokens of a query with one token of look-ahead, read only when it is asked for: of two errors the one that comes
 * first in the text is reported, as Loki does it.
 */
export class TokenStream {
  readonly query: string
  readonly #lexer: Lexer
  #ahead: Token | undefined
  #lastEnd = 0
  #depth = 0
  #operators = 0

  constructor(query: string) {
    this.query = query
    this.#lexer = new Lexer(query)
    const bytes = Buffer.byteLength(query)
    if (bytes >= MAX_BYTES) {
      throw this.mistake({ start: 0, end: 0 }, `input size too long (${String(bytes)} > ${String(MAX_BYTES)})`)
    }
  }

  /** The token to come. */
  get token(): Token {
    this.#ahead ??= this.#lexer.next()
    return this.#ahead
  }

  /** End of the last token taken. */
  get lastEnd(): number {
    return this.#lastEnd
  }

  take(): Token {
    const token = this.token
    this.#lastEnd = token.end
    this.#ahead = undefined
    return token
  }

  is(...kinds: readonly string[]): boolean {
    return kinds.includes(this.token.kind)
  }

  accept(kind: string): Token | undefined {
    return this.is(kind) ? this.take() : undefined
  }

  /** Takes the token, or fails and names what else could stand there. */
  expect(kind: string, ...others: readonly string[]): Token {
    if (!this.is(kind)) throw this.unexpected(kind, ...others)
    return this.take()
  }

  /** Takes the token, or fails where so much could stand that Loki names none of it. */
  demand(kind: string): Token {
    if (!this.is(kind)) throw this.unexpected()
    return this.take()
  }

  /** A string's text. */
  expectText(...others: readonly string[]): string {
    return this.expect('STRING', ...others).value ?? ''
  }

  /** Runs the parsing of something nested, within the limit. */
  nested<T>(parse: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw this.mistake(this.token, 'expression nests too deeply')
    const result = parse()
    this.#depth -= 1
    return result
  }

  /** Counts what makes the tree deep without nesting in the text: `1+1+1…`. */
  countOperator(): void {
    this.#operators += 1
    if (this.#operators > MAX_OPERATORS) throw this.mistake(this.token, 'expression has too many operators')
  }

  /** The error about the token to come, and what could stand there if it is little. */
  unexpected(...expected: readonly string[]): ParseError {
    const { token } = this
    const wanted = expected.length === 0 || expected.length > MAX_EXPECTED ? '' : `, expecting ${expected.join(' or ')}`
    return logqlError(this.query, token, `syntax error: unexpected ${token.kind}${wanted}`, isLineless(token))
  }

  /** What is wrong with a part that could be read. */
  mistake(range: Range, message: string): ParseError {
    return logqlMistake(this.query, range, message)
  }
}

/** Tokens that Loki puts together of more than one: it has lost the line then. */
function isLineless({ kind, text }: Token): boolean {
  if (kind === 'DURATION' || kind === 'BYTES' || kind === 'RANGE' || kind === 'FUNCTION_FLAG') return true
  return text.length === 2 && SYMBOLS.has(kind)
}
