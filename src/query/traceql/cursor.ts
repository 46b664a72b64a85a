import { AppError } from '../../core/index.ts'
import { ParseError } from '../parse-error.ts'
import { lexTraceql, type Token } from './lex.ts'

/** More than any person writes; it bounds the depth of the tree. */
const MAX_TOKENS = 20_000
const MAX_DEPTH = 500

/** Where in the query a part of the tree stands; UTF-16 units. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** A query's tokens, read from left to right. */
export class Cursor {
  readonly #query: string
  readonly #tokens: readonly Token[]
  /** Of the parts that can have the wrong type. */
  readonly places = new WeakMap<object, Place>()
  #at = 0
  #depth = 0

  constructor(query: string) {
    this.#query = query
    this.#tokens = lexTraceql(query, (at, message) => this.#fail(at, at + 1, message))
    if (this.#tokens.length > MAX_TOKENS) throw this.#fail(0, query.length, 'the query is too long')
  }

  get token(): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new AppError('internal', 'BUG: read past the end of the query')
    return token
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at + 1]
  }

  is(text: string): boolean {
    return this.token.kind === 'word' && this.token.text === text
  }

  /** Steps over the word if it is the next token. */
  accept(text: string): boolean {
    if (!this.is(text)) return false
    this.advance()
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(text)
  }

  advance(): Token {
    const { token } = this
    if (token.kind !== 'end') this.#at += 1
    return token
  }

  /** Remembers where the node stands, which ends before the next token. */
  mark<T extends object>(start: number, node: T): T {
    const last = this.#tokens[this.#at - 1]
    this.places.set(node, { start, end: last === undefined ? start : last.start + last.text.length })
    return node
  }

  /** The error of finding this token where it may not stand. */
  unexpected(expected?: string, token: Token = this.token): ParseError {
    const what = expected === undefined ? '' : `, expecting ${expected}`
    const end = token.start + Math.max(1, token.text.length)
    return this.#fail(token.start, end, `syntax error: unexpected ${nameOf(token)}${what}`)
  }

  fail(token: Token, message: string): ParseError {
    return this.#fail(token.start, token.start + token.text.length, message)
  }

  /** Reads something that may hold itself; how deep is bounded. */
  nested<T>(read: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw this.fail(this.token, 'the query is nested too deeply')
    this.#depth += 1
    try {
      return read()
    } finally {
      this.#depth -= 1
    }
  }

  #fail(start: number, end: number, message: string): ParseError {
    const before = this.#query.slice(0, start)
    const line = before.split('\n').length
    const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1
    return new ParseError(`parse error at line ${String(line)}, col ${String(column)}: ${message}`, {
      query: this.#query,
      start,
      end: Math.min(end, this.#query.length),
    })
  }
}

/** What stands there, by the kind of token where the text says little. */
function nameOf(token: Token): string {
  switch (token.kind) {
    case 'end':
      return '$end'
    case 'identifier':
      return 'IDENTIFIER'
    case 'string':
      return 'STRING'
    case 'int':
      return 'INTEGER'
    case 'float':
      return 'FLOAT'
    case 'duration':
      return 'DURATION'
    case 'word':
    case 'scope':
    case 'attribute':
      return token.text
  }
}
