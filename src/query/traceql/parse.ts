import { AppError } from '../../core/index.ts'
import { parseGoDuration } from '../duration.ts'
import { lineAndColumn, ParseError } from '../parse-error.ts'
import { unquote } from '../promql/syntax/index.ts'
import { compileRegexp } from '../regexp.ts'
import type { AttributeValue, SpanCondition } from '../trace-source.ts'
import { lexTraceql, type Token } from './lex.ts'

/** OTLP's StatusCode and SpanKind numbers by TraceQL's words. */
const STATUSES: Readonly<Record<string, bigint>> = { unset: 0n, ok: 1n, error: 2n }
const KINDS: Readonly<Record<string, bigint>> = {
  unspecified: 0n,
  internal: 1n,
  server: 2n,
  client: 3n,
  producer: 4n,
  consumer: 5n,
}

const INTRINSICS: Readonly<Record<string, 'name' | 'duration' | 'status' | 'kind'>> = {
  name: 'name',
  duration: 'duration',
  status: 'status',
  kind: 'kind',
  'span:name': 'name',
  'span:duration': 'duration',
  'span:status': 'status',
  'span:kind': 'kind',
}

const OPERATORS = ['=', '!=', '>=', '<=', '>', '<', '=~', '!~'] as const
const MAX_CONDITIONS = 100

/**
 * Parses `{ a = b && c > d }`: conditions that must hold for one and the same span. `{}` selects every span.
 * Throws ParseError; what TraceQL has beyond that is named in it.
 */
export function parseTraceql(query: string): readonly SpanCondition[] {
  return new Parser(query).parseQuery()
}

class Parser {
  readonly #query: string
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(query: string) {
    this.#query = query
    this.#tokens = lexTraceql(query, (at, message) => this.#error(at, message))
  }

  parseQuery(): SpanCondition[] {
    this.#expect('{')
    const conditions: SpanCondition[] = []
    if (!this.#is('}')) {
      conditions.push(...this.#conjunction())
      if (this.#is('||')) throw this.#unsupported(this.#token)
    }
    this.#expect('}')
    if (this.#token.kind === 'symbol') throw this.#unsupported(this.#token)
    if (this.#token.kind !== 'end') throw this.#unexpected()
    return conditions
  }

  #conjunction(): SpanCondition[] {
    const conditions = this.#term()
    while (this.#is('&&')) {
      this.#advance()
      conditions.push(...this.#term())
      if (conditions.length > MAX_CONDITIONS) throw this.#error(this.#token.start, 'too many conditions')
    }
    return conditions
  }

  #term(): SpanCondition[] {
    if (this.#is('!')) throw this.#unsupported(this.#token)
    if (!this.#is('(')) return this.#condition()
    this.#advance()
    if (this.#is('(')) throw this.#unsupported(this.#token)
    const conditions = this.#conjunction()
    if (this.#is('||')) throw this.#unsupported(this.#token)
    this.#expect(')')
    return conditions
  }

  #condition(): SpanCondition[] {
    const fieldToken = this.#token
    if (fieldToken.text === 'true') {
      this.#advance()
      return []
    }
    const field = this.#field()
    const operator = OPERATORS.find((text) => this.#is(text))
    if (operator === undefined) throw this.#unexpected()
    this.#advance()
    const valueToken = this.#token
    const value = this.#value(field.kind)
    if (operator === '=~' || operator === '!~') this.#checkRegexp(value, valueToken)
    return [{ field, operator, value }]
  }

  #field(): SpanCondition['field'] {
    const token = this.#advance()
    if (token.kind !== 'field') throw this.#unexpected(token)
    const intrinsic = INTRINSICS[token.text]
    if (Object.hasOwn(INTRINSICS, token.text) && intrinsic !== undefined) return { kind: intrinsic }
    const match = /^(resource\.|span\.|\.)(.+)$/s.exec(token.text)
    const name = match?.[2]
    if (name === undefined) throw this.#error(token.start, `the field ${token.text} is not supported yet`)
    const scope = match?.[1] === 'resource.' ? 'resource' : match?.[1] === 'span.' ? 'span' : 'any'
    return { kind: 'attribute', scope, name: unquoteName(name) }
  }

  #value(kind: SpanCondition['field']['kind']): AttributeValue {
    const token = this.#advance()
    if (token.kind === 'string') return { type: 'string', value: this.#string(token) }
    if (token.kind === 'duration') return { type: 'int', value: this.#duration(token) }
    if (token.kind === 'number') {
      return /^-?\d+$/.test(token.text)
        ? { type: 'int', value: BigInt(token.text) }
        : { type: 'double', value: Number(token.text) }
    }
    if (token.kind !== 'field') throw this.#unexpected(token)
    if (token.text === 'true' || token.text === 'false') return { type: 'bool', value: token.text === 'true' }
    const words = kind === 'status' ? STATUSES : kind === 'kind' ? KINDS : {}
    const value = Object.hasOwn(words, token.text) ? words[token.text] : undefined
    if (value !== undefined) return { type: 'int', value }
    throw this.#error(token.start, `syntax error: unexpected ${token.text}, a value is expected`)
  }

  #string(token: Token): string {
    const text = unquote(token.text)
    if (text === undefined) throw this.#error(token.start, 'invalid UTF-8 in a string')
    return text
  }

  #duration(token: Token): bigint {
    const ns = parseGoDuration(token.text)
    if (ns === undefined) throw this.#error(token.start, `not a valid duration: ${token.text}`)
    return BigInt(ns)
  }

  #checkRegexp(value: AttributeValue, token: Token): void {
    if (value.type !== 'string') throw this.#error(token.start, 'a regular expression must be a string')
    try {
      compileRegexp(value.value, { dotMatchesNewline: false })
    } catch (reason) {
      throw this.#error(token.start, AppError.from(reason).message)
    }
  }

  get #token(): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new AppError('internal', 'BUG: read past the end of the query')
    return token
  }

  #is(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text
  }

  #expect(text: string): void {
    if (!this.#is(text)) throw this.#unexpected()
    this.#advance()
  }

  #advance(): Token {
    const token = this.#token
    if (token.kind !== 'end') this.#at += 1
    return token
  }

  #unexpected(token = this.#token): ParseError {
    const what = token.kind === 'end' ? '$end' : token.text
    return this.#error(token.start, `syntax error: unexpected ${what}`)
  }

  #unsupported(token: Token): ParseError {
    return this.#error(token.start, `${token.text} is not supported yet: one { … && … } is`)
  }

  #error(at: number, message: string): ParseError {
    const { line, column } = lineAndColumn(this.#query, at)
    return new ParseError(`parse error at line ${String(line)}, col ${String(column)}: ${message}`, {
      query: this.#query,
      start: at,
      end: this.#query.length,
    })
  }
}

/** An attribute's name may be quoted, whole or in part: `.foo."bar baz"`. */
function unquoteName(name: string): string {
  return name.replace(/"((?:\\.|[^"\\])*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'))
}
