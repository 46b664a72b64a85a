import { AppError } from '../../core/index.ts'
import { type Matcher, MATCH_OPERATORS } from '../../model/index.ts'
import { parseGoDuration, parsePromDuration } from '../duration.ts'
import { compileMatcher, matchesEmpty } from '../matchers.ts'
import { ParseError } from '../parse-error.ts'
import { unquote } from '../promql/syntax/index.ts'
import { compileRegexp, escapeRegexp } from '../regexp.ts'
import {
  type BinaryExpr,
  type LineFilter,
  type LogqlExpr,
  type LogSelector,
  type MetricExpr,
  RANGE_OPERATIONS,
  type RangeAggregation,
  type RangeOperation,
  type VectorAggregation,
  type VectorAggregator,
} from './ast.ts'
import { describeToken, KEYWORDS, lexLogql, logqlError, type Token } from './lex.ts'

const PRECEDENCE: Readonly<Record<BinaryExpr['operator'], number>> = {
  '==': 1,
  '!=': 1,
  '>': 1,
  '<': 1,
  '>=': 1,
  '<=': 1,
  '+': 2,
  '-': 2,
  '*': 3,
  '/': 3,
  '%': 3,
  '^': 4,
}
const VECTOR_AGGREGATORS: readonly VectorAggregator[] = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
]
const FILTER_OPERATORS = ['|=', '!=', '|~', '!~'] as const
const MAX_DEPTH = 250
const MAX_OPERATORS = 1_000

const EMPTY_MATCHERS =
  'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible ' +
  'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will'

/** Parses a query. Throws ParseError; what is not in the language yet is named in it. */
export function parseLogql(query: string): LogqlExpr {
  return new Parser(query).parseQuery()
}

/** Parses a stream selector alone, as in `match[]`. Throws ParseError. */
export function parseStreamSelector(query: string): readonly Matcher[] {
  const expr = parseLogql(query)
  if (expr.kind === 'logs' && expr.filters.length === 0) return expr.matchers
  throw logqlError(query, { start: 0, end: query.length }, 'only label matchers are supported')
}

class Parser {
  readonly #query: string
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #operators = 0

  constructor(query: string) {
    this.#query = query
    this.#tokens = lexLogql(query)
  }

  parseQuery(): LogqlExpr {
    const expr = this.#isLogs() ? this.#logs() : this.#metric(0)
    if (this.#token.kind !== 'end') throw this.#unexpected()
    return expr
  }

  #isLogs(): boolean {
    const first = this.#tokens.find((token) => token.text !== '(')
    return first?.text === '{'
  }

  #logs(): LogSelector {
    if (this.#is('(')) {
      this.#nest()
      this.#advance()
      const inner = this.#logs()
      this.#expect(')')
      this.#depth -= 1
      return inner
    }
    const { start } = this.#token
    const matchers = this.#matchers()
    const filters: LineFilter[] = []
    while (this.#is('|=', '!=', '|~', '!~', '|', '|>', '!>')) filters.push(...this.#lineFilter())
    if (matchers.every(matchesEmpty)) {
      throw new ParseError(EMPTY_MATCHERS, { query: this.#query, start, end: this.#lastEnd })
    }
    return { kind: 'logs', start, end: this.#lastEnd, matchers, filters }
  }

  #matchers(): Matcher[] {
    this.#expect('{', 'STRING, {')
    const matchers: Matcher[] = []
    while (!this.#is('}')) {
      matchers.push(this.#matcher())
      if (this.#is(',')) this.#advance()
      else if (!this.#is('}')) throw this.#unexpected('} or ,')
    }
    this.#advance()
    return matchers
  }

  #matcher(): Matcher {
    const label = this.#token
    if (label.kind !== 'word') throw this.#unexpected('IDENTIFIER or }')
    this.#advance()
    const operator = MATCH_OPERATORS.find((text) => this.#is(text))
    if (operator === undefined) throw this.#unexpected('= or != or =~ or !~')
    this.#advance()
    const value = this.#token
    const matcher: Matcher = { name: label.text, operator, value: this.#string() }
    try {
      compileMatcher(matcher)
    } catch (reason) {
      throw logqlError(this.#query, value, AppError.from(reason).message)
    }
    return matcher
  }

  /** One filter of the query; with `or` it may be one expression over all texts, or several filters. */
  #lineFilter(): LineFilter[] {
    const token = this.#advance()
    const operator = FILTER_OPERATORS.find((text) => text === token.text)
    if (operator === undefined) {
      const stage = token.text === '|' ? ` ${this.#token.text}` : ''
      throw logqlError(this.#query, token, `the stage ${token.text}${stage} is not supported yet`)
    }
    const texts = [this.#filterText(operator)]
    while (this.#is('or')) {
      this.#advance()
      texts.push(this.#filterText(operator))
    }
    const [first = ''] = texts
    if (texts.length === 1) return [{ operator, value: first }]
    // Not (a or b) is not a, and not b.
    if (operator === '!=' || operator === '!~') return texts.map((value) => ({ operator, value }))
    const parts = operator === '|=' ? texts.map(escapeRegexp) : texts.map((text) => `(?:${text})`)
    return [{ operator: '|~', value: parts.join('|') }]
  }

  #filterText(operator: LineFilter['operator']): string {
    const token = this.#token
    if (token.text === 'ip') throw logqlError(this.#query, token, 'the filter ip() is not supported yet')
    const text = this.#string()
    if (operator === '|=' || operator === '!=') return text
    try {
      compileRegexp(text, { dotMatchesNewline: false })
    } catch (reason) {
      throw logqlError(this.#query, token, AppError.from(reason).message)
    }
    return text
  }

  #metric(floor: number): MetricExpr {
    this.#nest()
    let left = this.#metricPrimary()
    for (;;) {
      const operator = this.#binaryOperator()
      if (operator === undefined || PRECEDENCE[operator] < floor) break
      left = this.#binary(left, operator)
    }
    this.#depth -= 1
    return left
  }

  #binary(left: MetricExpr, operator: BinaryExpr['operator']): BinaryExpr {
    this.#operators += 1
    if (this.#operators > MAX_OPERATORS) throw logqlError(this.#query, this.#token, 'too many operators')
    this.#advance()
    const bool = this.#is('bool')
    if (bool) this.#advance()
    if (this.#is('on', 'ignoring')) {
      throw logqlError(this.#query, this.#token, `${this.#token.text} is not supported yet`)
    }
    const precedence = PRECEDENCE[operator]
    const right = this.#metric(operator === '^' ? precedence : precedence + 1)
    return { kind: 'binary', start: left.start, end: right.end, operator, bool, left, right }
  }

  #binaryOperator(): BinaryExpr['operator'] | undefined {
    const token = this.#token
    if (token.kind === 'word' && ['and', 'or', 'unless'].includes(token.text)) {
      throw logqlError(this.#query, token, `the operator ${token.text} is not supported yet`)
    }
    if (token.kind !== 'symbol' || !Object.hasOwn(PRECEDENCE, token.text)) return undefined
    return token.text as BinaryExpr['operator']
  }

  #metricPrimary(): MetricExpr {
    const token = this.#token
    if (this.#is('(')) {
      this.#advance()
      const expr = this.#metric(0)
      this.#expect(')')
      return expr
    }
    if (token.kind === 'number' || this.#is('-', '+')) return this.#numberLiteral()
    if (token.kind !== 'word') throw this.#unexpected()
    if (token.text === 'vector') return this.#vectorLiteral()
    const operation = RANGE_OPERATIONS.find((name) => name === token.text)
    if (operation !== undefined) return this.#rangeAggregation(operation)
    const aggregator = VECTOR_AGGREGATORS.find((name) => name === token.text)
    if (aggregator !== undefined) return this.#vectorAggregation(aggregator)
    if (this.#tokens[this.#at + 1]?.text !== '(') throw this.#unexpected()
    throw logqlError(this.#query, token, `the function ${token.text} is not supported yet`)
  }

  #numberLiteral(): MetricExpr {
    const { start } = this.#token
    const value = this.#number()
    return { kind: 'number', start, end: this.#lastEnd, value }
  }

  #vectorLiteral(): MetricExpr {
    const { start } = this.#advance()
    this.#expect('(')
    const value = this.#number()
    this.#expect(')')
    return { kind: 'vector', start, end: this.#lastEnd, value }
  }

  #rangeAggregation(operation: RangeOperation): RangeAggregation {
    const { start } = this.#advance()
    this.#expect('(')
    const logs = this.#logsWithRange()
    this.#expect(')')
    if (this.#is('by', 'without')) {
      throw logqlError(this.#query, this.#token, 'grouping not allowed for count_over_time aggregation')
    }
    return { kind: 'range-aggregation', start, end: this.#lastEnd, operation, ...logs }
  }

  /** The range may stand before the filters or behind them: `{a="b"}[5m] |= "x"`, `{a="b"} |= "x" [5m]`. */
  #logsWithRange(): Pick<RangeAggregation, 'selector' | 'rangeMs' | 'offsetMs'> {
    const { start } = this.#token
    const matchers = this.#is('(') ? undefined : this.#matchers()
    if (matchers === undefined) {
      const selector = this.#logs()
      return { selector, ...this.#range() }
    }
    let range = this.#is('[') ? this.#range() : undefined
    const filters: LineFilter[] = []
    while (this.#is('|=', '!=', '|~', '!~', '|', '|>', '!>')) filters.push(...this.#lineFilter())
    range ??= this.#range()
    if (matchers.every(matchesEmpty)) {
      throw new ParseError(EMPTY_MATCHERS, { query: this.#query, start, end: this.#lastEnd })
    }
    return { selector: { kind: 'logs', start, end: this.#lastEnd, matchers, filters }, ...range }
  }

  #range(): { rangeMs: number; offsetMs: number } {
    this.#expect('[')
    const rangeMs = this.#duration()
    this.#expect(']')
    if (rangeMs <= 0) throw logqlError(this.#query, this.#token, 'the range must be greater than 0')
    if (!this.#is('offset')) return { rangeMs, offsetMs: 0 }
    this.#advance()
    const sign = this.#is('-') ? -1 : 1
    if (this.#is('-')) this.#advance()
    return { rangeMs, offsetMs: sign * this.#duration() }
  }

  #vectorAggregation(operator: VectorAggregator): VectorAggregation {
    const { start } = this.#advance()
    const before = this.#is('by', 'without') ? this.#grouping() : undefined
    this.#expect('(')
    const ranked = operator === 'topk' || operator === 'bottomk'
    const parameter = ranked ? this.#number() : undefined
    if (ranked) this.#expect(',')
    const expr = this.#metric(0)
    this.#expect(')')
    const after = before === undefined && this.#is('by', 'without') ? this.#grouping() : undefined
    const { grouping, without } = before ?? after ?? { grouping: [], without: false }
    return {
      kind: 'vector-aggregation',
      start,
      end: this.#lastEnd,
      operator,
      expr,
      ...(parameter === undefined ? {} : { parameter }),
      grouping,
      without,
    }
  }

  #grouping(): { grouping: string[]; without: boolean } {
    const without = this.#advance().text === 'without'
    this.#expect('(')
    const grouping: string[] = []
    while (!this.#is(')')) {
      if (this.#token.kind !== 'word') throw this.#unexpected('IDENTIFIER or )')
      grouping.push(this.#advance().text)
      if (this.#is(',')) this.#advance()
      else if (!this.#is(')')) throw this.#unexpected(') or ,')
    }
    this.#advance()
    return { grouping, without }
  }

  #number(): number {
    const sign = this.#is('-') ? -1 : 1
    if (this.#is('-', '+')) this.#advance()
    if (this.#token.kind !== 'number') throw this.#unexpected('NUMBER')
    return sign * Number(this.#advance().text)
  }

  #duration(): number {
    const token = this.#token
    const ms = parsePromDuration(token.text)
    if (token.kind !== 'duration') throw this.#unexpected('DURATION')
    this.#advance()
    if (typeof ms === 'number') return ms
    const ns = parseGoDuration(token.text)
    if (ns === undefined) throw logqlError(this.#query, token, `not a valid duration: ${token.text}`)
    return ns / 1e6
  }

  #string(): string {
    const token = this.#token
    const text = token.kind === 'string' ? unquote(token.text) : undefined
    if (text === undefined) throw this.#unexpected('STRING')
    this.#advance()
    return text
  }

  get #token(): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new AppError('internal', 'BUG: read past the end of the query')
    return token
  }

  get #lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0
  }

  #nest(): void {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw logqlError(this.#query, this.#token, 'the query nests too deeply')
  }

  #is(...texts: readonly string[]): boolean {
    const { kind, text } = this.#token
    return (kind === 'symbol' || (kind === 'word' && KEYWORDS.has(text))) && texts.includes(text)
  }

  #expect(text: string, expected = text): void {
    if (!this.#is(text)) throw this.#unexpected(expected)
    this.#advance()
  }

  #advance(): Token {
    const token = this.#token
    if (token.kind !== 'end') this.#at += 1
    return token
  }

  #unexpected(expected = ''): ParseError {
    const instead = expected === '' ? '' : `, expecting ${expected}`
    return logqlError(this.#query, this.#token, `syntax error: unexpected ${describeToken(this.#token)}${instead}`)
  }
}
