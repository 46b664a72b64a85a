import type { ParseError } from './parse-error.ts'

interface Place {
  readonly start: number
  readonly end: number
}

/** Deeper queries are refused: whatever walks the tree recurses. */
const MAX_DEPTH = 500

/**
 * The tokens of a query with one token of look-ahead, and the limits of the tree that becomes of them. The look-ahead is
 * read only when it is asked for: of two errors the one that comes first in the text is reported, as upstream does it.
 */
export abstract class LookAhead<T extends Place> {
  readonly query: string
  readonly #lexer: { next(): T }
  readonly #maxOperators: number
  #ahead: T | undefined
  #lastEnd = 0
  #depth = 0
  #operators = 0

  constructor(query: string, lexer: { next(): T }, maxOperators: number) {
    this.query = query
    this.#lexer = lexer
    this.#maxOperators = maxOperators
  }

  /** The token to come. */
  get token(): T {
    this.#ahead ??= this.#lexer.next()
    return this.#ahead
  }

  /** End of the last token taken. */
  get lastEnd(): number {
    return this.#lastEnd
  }

  take(): T {
    const token = this.token
    this.#lastEnd = token.end
    this.#ahead = undefined
    return token
  }

  /** Runs the parsing of something nested, within the limit. */
  nested<R>(parse: () => R): R {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw this.error(this.token, 'expression nests too deeply')
    const result = parse()
    this.#depth -= 1
    return result
  }

  /** Counts what makes the tree deep without nesting in the text: `1+1+1…`, `a[1m:][1m:]…`. */
  countOperator(): void {
    this.#operators += 1
    if (this.#operators > this.#maxOperators) throw this.error(this.token, 'expression has too many operators')
  }

  /** What is wrong with a part that could be read. */
  abstract error(range: Place, message: string): ParseError
}
