import { LookAhead } from '../../look-ahead.ts'
import type { ParseError } from '../../parse-error.ts'
import type { Range } from '../ast.ts'
import { Lexer } from './lex.ts'
import { logqlError, logqlMistake } from './syntax-error.ts'
import { SYMBOLS, type Token } from './tokens.ts'

const MAX_OPERATORS = 5_000
const MAX_BYTES = 131_072
/** Loki names what it expects if that is no more than so much. */
const MAX_EXPECTED = 4

/** The tokens of a query, asked for as Loki's grammar names them. */
export class TokenStream extends LookAhead<Token> {
  constructor(query: string) {
    super(query, new Lexer(query), MAX_OPERATORS)
    const bytes = Buffer.byteLength(query)
    if (bytes >= MAX_BYTES) {
      throw this.error({ start: 0, end: 0 }, `input size too long (${String(bytes)} > ${String(MAX_BYTES)})`)
    }
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

  /** The error about the token to come, and what could stand there if it is little. */
  unexpected(...expected: readonly string[]): ParseError {
    const { token } = this
    const wanted = expected.length === 0 || expected.length > MAX_EXPECTED ? '' : `, expecting ${expected.join(' or ')}`
    return logqlError(this.query, token, `syntax error: unexpected ${token.kind}${wanted}`, isLineless(token))
  }

  override error(range: Range, message: string): ParseError {
    return logqlMistake(this.query, range, message)
  }
}

/** Tokens that Loki puts together of more than one: it has lost the line then. */
function isLineless({ kind, text }: Token): boolean {
  if (kind === 'DURATION' || kind === 'BYTES' || kind === 'RANGE' || kind === 'FUNCTION_FLAG') return true
  return text.length === 2 && SYMBOLS.has(kind)
}
