import type { PromqlFeature } from '../../../model/index.ts'
import { LookAhead } from '../../look-ahead.ts'
import type { ParseError } from '../../parse-error.ts'
import type { Range } from '../ast.ts'
import type { PromqlFeatures } from '../features.ts'
import type { FunctionSignature } from '../functions/function.ts'
import { Lexer } from './lex.ts'
import { promqlError } from './syntax-error.ts'
import { describeToken, type Token } from './tokens.ts'

const MAX_OPERATORS = 2_000

/** What the parser must know besides the grammar. */
export interface Language {
  readonly features: PromqlFeatures
  /** The function of that name; undefined when there is none. */
  readonly findFunction: (name: string) => FunctionSignature | undefined
}

/** The tokens of a query, and what the parts of the parser share. */
export class TokenStream extends LookAhead<Token> {
  readonly language: Language
  #aggregations = 0

  constructor(query: string, language: Language) {
    super(query, new Lexer(query), MAX_OPERATORS)
    this.language = language
  }

  is(kind: Token['kind'], text?: string): boolean {
    return this.token.kind === kind && (text === undefined || this.token.text === text)
  }

  isPunctuation(text: string): boolean {
    return this.is('punctuation', text)
  }

  /** Whether the word comes, in any case. */
  isWord(kind: Token['kind'], word: string): boolean {
    return this.token.kind === kind && this.token.text.toLowerCase() === word
  }

  accept(kind: Token['kind'], text: string): Token | undefined {
    return this.is(kind, text) ? this.take() : undefined
  }

  acceptKeyword(word: string): Token | undefined {
    return this.isWord('keyword', word) ? this.take() : undefined
  }

  /** Takes the punctuation or fails; `where` names the construct as in `unexpected`. */
  expect(text: string, where: Where = {}): Token {
    if (!this.isPunctuation(text)) throw this.unexpected(where)
    return this.take()
  }

  isEnabled(feature: PromqlFeature): boolean {
    return this.language.features.has(feature)
  }

  /** Runs the parsing of an aggregation's inside; errors there without a place of their own are said to be in it. */
  insideAggregation<T>(parse: () => T): T {
    this.#aggregations += 1
    const result = parse()
    this.#aggregations -= 1
    return result
  }

  /** The error about the token to come. */
  unexpected({ context, expected }: Where = {}): ParseError {
    const where = context ?? (this.#aggregations > 0 ? 'aggregation' : undefined)
    const inside = where === undefined ? '' : ` in ${where}`
    const instead = expected === undefined ? '' : `, expected ${expected}`
    return this.error(this.token, `unexpected ${describeToken(this.token)}${inside}${instead}`)
  }

  override error(range: Range, message: string): ParseError {
    return promqlError(this.query, range, message)
  }
}

/** Where a token was not expected, and what was, in Prometheus' words. */
export interface Where {
  readonly context?: string
  readonly expected?: string
}
