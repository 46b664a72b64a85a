import { AppError } from '../../core/index.ts'
import { type Matcher, type MatchOperator, METRIC_NAME } from '../../model/index.ts'
import { parsePromDuration } from '../duration.ts'
import { quoteText } from '../labels.ts'
import { compileMatcher } from '../matchers.ts'
import type { ParseError } from '../parse-error.ts'
import {
  type Aggregation,
  type Aggregator,
  AGGREGATORS,
  type AtModifier,
  type BinaryOperator,
  type Expr,
  isSetOperator,
  type MatrixSelector,
  type Range,
  type Subquery,
  type VectorMatching,
  type VectorSelector,
} from './ast.ts'
import { checkExpr } from './check.ts'
import { findFunction } from './functions/index.ts'
import { describeToken, Lexer, promqlError, type Token, unquote } from './lex.ts'
import { binaryOperator, PRECEDENCE, UNARY_PRECEDENCE } from './precedence.ts'

/** Words of the language that may also be the name of a metric. */
const NAMES_AMONG_KEYWORDS = new Set(['by', 'offset', 'without', 'start', 'end', 'and', 'or', 'unless'])

/** Deeper queries are refused: the parser and the evaluator recurse. */
const MAX_DEPTH = 250
const MAX_OPERATORS = 1_000

/** Parses and type-checks a query. Throws ParseError with Prometheus' wording. */
export function parsePromql(query: string): Expr {
  const parser = new Parser(query)
  const expr = parser.parseQuery()
  checkExpr(expr, query)
  return expr
}

/** Parses a selector such as `up{job="x"}`, as in `match[]`. Throws ParseError. */
export function parseSelector(query: string): readonly Matcher[] {
  return new Parser(query).parseSelector().matchers
}

class Parser {
  readonly #query: string
  readonly #lexer: Lexer
  #token: Token
  #lastEnd = 0
  #depth = 0
  #operators = 0

  constructor(query: string) {
    this.#query = query
    this.#lexer = new Lexer(query)
    this.#token = this.#lexer.next()
  }

  parseQuery(): Expr {
    if (this.#is('end', '')) throw promqlError('', { start: 0, end: 0 }, 'no expression found in input')
    const expr = this.#expr(0)
    if (!this.#is('end', '')) throw this.#unexpected()
    return expr
  }

  parseSelector(): VectorSelector {
    const selector = this.#vectorSelector()
    if (!this.#is('end', '')) throw this.#unexpected()
    return selector
  }

  /** Precedence climbing: reads operators that bind at least as tight as `floor`. */
  #expr(floor: number): Expr {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw this.#error(this.#token, 'expression nests too deeply')
    let left = this.#unary()
    for (;;) {
      const operator = binaryOperator(this.#token)
      if (operator === undefined || PRECEDENCE[operator] < floor) break
      left = this.#binary(left, operator)
    }
    this.#depth -= 1
    return left
  }

  #binary(left: Expr, operator: BinaryOperator): Expr {
    this.#operators += 1
    if (this.#operators > MAX_OPERATORS) throw this.#error(this.#token, 'expression has too many operators')
    const { start } = this.#advance()
    const bool = this.#acceptKeyword('bool') !== undefined
    const matching = this.#matching(operator)
    const operatorRange = { start, end: this.#lastEnd }
    const precedence = PRECEDENCE[operator]
    const right = this.#expr(operator === '^' ? precedence : precedence + 1)
    const type = left.type === 'scalar' && right.type === 'scalar' ? 'scalar' : 'vector'
    return {
      kind: 'binary',
      type,
      start: left.start,
      end: right.end,
      operator,
      operatorRange,
      left,
      right,
      bool,
      matching,
    }
  }

  #matching(operator: BinaryOperator): VectorMatching {
    const cardinality = isSetOperator(operator) ? 'many-to-many' : 'one-to-one'
    const word = this.#acceptKeyword('on') ?? this.#acceptKeyword('ignoring')
    if (word === undefined) return { cardinality, on: false, labels: [], include: [] }
    const on = word.text.toLowerCase() === 'on'
    const labels = this.#groupingLabels()
    const side = this.#acceptKeyword('group_left') ?? this.#acceptKeyword('group_right')
    if (side === undefined) return { cardinality, on, labels, include: [] }
    const include = this.#is('punctuation', '(') ? this.#groupingLabels() : []
    const many = side.text.toLowerCase() === 'group_left' ? 'many-to-one' : 'one-to-many'
    return { cardinality: many, on, labels, include }
  }

  #unary(): Expr {
    const { kind, text, start } = this.#token
    if (kind !== 'operator' || (text !== '+' && text !== '-')) return this.#postfix(this.#primary())
    this.#advance()
    // An operator of lower precedence than `^` ends the operand: -2^2 is -(2^2), -a*b is (-a)*b.
    const expr = this.#expr(UNARY_PRECEDENCE + 1)
    if (expr.kind === 'number') {
      return { ...expr, value: text === '-' ? -expr.value : expr.value, start }
    }
    return { kind: 'unary', type: expr.type, start, end: expr.end, operator: text, expr }
  }

  #primary(): Expr {
    const token = this.#token
    switch (token.kind) {
      case 'number':
        this.#advance()
        return {
          kind: 'number',
          type: 'scalar',
          start: token.start,
          end: token.end,
          value: this.#number(token),
          duration: false,
        }
      case 'string':
        this.#advance()
        return { kind: 'string', type: 'string', start: token.start, end: token.end, value: this.#text(token) }
      case 'aggregator':
        return this.#aggregationOrSelector()
      case 'identifier':
        return this.#callOrSelector()
      case 'punctuation':
        if (token.text === '(') return this.#paren()
        if (token.text === '{') return this.#vectorSelector()
        throw this.#unexpected()
      case 'metric-identifier':
      case 'keyword':
      case 'operator':
        if (isMetricName(token)) return this.#vectorSelector()
        throw this.#unexpected()
      case 'duration':
        // A duration alone is a number of seconds.
        this.#advance()
        return {
          kind: 'number',
          type: 'scalar',
          start: token.start,
          end: token.end,
          value: this.#durationMs(token) / 1000,
          duration: true,
        }
      case 'end':
        throw this.#unexpected()
    }
  }

  #paren(): Expr {
    const { start } = this.#advance()
    const expr = this.#expr(0)
    this.#expectPunctuation(')')
    return { kind: 'paren', type: expr.type, start, end: this.#lastEnd, expr }
  }

  #callOrSelector(): Expr {
    const name = this.#advance()
    if (!this.#is('punctuation', '(')) return this.#selectorAfterName(name)
    const args = this.#args()
    const signature = findFunction(name.text)
    if (signature === undefined) {
      throw this.#error(name, `unknown function with name ${quoteText(name.text)}`)
    }
    return { kind: 'call', type: signature.returns, start: name.start, end: this.#lastEnd, name: name.text, args }
  }

  #args(): Expr[] {
    this.#advance()
    const args: Expr[] = []
    if (!this.#is('punctuation', ')')) {
      args.push(this.#expr(0))
      while (this.#is('punctuation', ',')) {
        const comma = this.#advance()
        if (this.#is('punctuation', ')')) {
          throw this.#error(comma, 'trailing commas not allowed in function call args')
        }
        args.push(this.#expr(0))
      }
    }
    this.#expectPunctuation(')')
    return args
  }

  #aggregationOrSelector(): Expr {
    const word = this.#advance()
    const operator = AGGREGATORS.find((name) => name === word.text.toLowerCase())
    if (operator !== undefined && (this.#is('punctuation', '(') || this.#isGroupingKeyword())) {
      return this.#aggregation(word, operator)
    }
    if (this.#endsName()) return this.#selectorAfterName(word)
    throw this.#unexpected('aggregation')
  }

  #aggregation(word: Token, operator: Aggregator): Aggregation {
    const before = this.#isGroupingKeyword() ? this.#groupingClause() : undefined
    if (!this.#is('punctuation', '(')) throw this.#unexpected('aggregation')
    const args = this.#args()
    const after = before === undefined && this.#isGroupingKeyword() ? this.#groupingClause() : undefined
    const range = { start: word.start, end: this.#lastEnd }
    if (args.length === 0) throw this.#error(range, 'no arguments for aggregate expression provided')
    const wanted = takesParameter(operator) ? 2 : 1
    const expr = args[wanted - 1]
    if (args.length !== wanted || expr === undefined) {
      const counts = `expected ${String(wanted)}, got ${String(args.length)}`
      throw this.#error(range, `wrong number of arguments for aggregate expression provided, ${counts}`)
    }
    const { grouping, without } = before ?? after ?? { grouping: [], without: false }
    const parameter = wanted === 2 ? args[0] : undefined
    return {
      kind: 'aggregation',
      type: 'vector',
      ...range,
      operator,
      expr,
      ...(parameter === undefined ? {} : { parameter }),
      grouping,
      without,
    }
  }

  #groupingClause(): { readonly grouping: readonly string[]; readonly without: boolean } {
    const without = this.#advance().text.toLowerCase() === 'without'
    return { grouping: this.#groupingLabels(), without }
  }

  #groupingLabels(): string[] {
    if (!this.#is('punctuation', '(')) throw this.#unexpected('grouping opts', '"("')
    this.#advance()
    const labels: string[] = []
    while (!this.#is('punctuation', ')')) {
      labels.push(this.#groupingLabel())
      if (this.#is('punctuation', ',')) this.#advance()
      else if (!this.#is('punctuation', ')')) throw this.#unexpected('grouping opts', '"," or ")"')
    }
    this.#advance()
    return labels
  }

  #groupingLabel(): string {
    const token = this.#token
    if (token.kind === 'string') return this.#text(this.#advance())
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(token.text) || token.kind === 'number') {
      throw this.#unexpected('grouping opts', 'label')
    }
    return this.#advance().text
  }

  #vectorSelector(): VectorSelector {
    if (this.#is('punctuation', '{')) return this.#selectorAfterName(undefined)
    if (this.#token.kind !== 'identifier' && !isMetricName(this.#token)) throw this.#unexpected()
    return this.#selectorAfterName(this.#advance())
  }

  #selectorAfterName(name: Token | undefined): VectorSelector {
    const start = name?.start ?? this.#token.start
    const matchers = this.#is('punctuation', '{') ? this.#matchers() : []
    if (name !== undefined) matchers.push({ name: METRIC_NAME, operator: '=', value: name.text })
    return {
      kind: 'vector-selector',
      type: 'vector',
      start,
      end: this.#lastEnd,
      name: name?.text ?? '',
      matchers,
      offsetMs: 0,
    }
  }

  #matchers(): Matcher[] {
    this.#advance()
    const matchers: Matcher[] = []
    while (!this.#is('punctuation', '}')) {
      matchers.push(this.#matcher())
      if (this.#is('punctuation', ',')) this.#advance()
      else if (!this.#is('punctuation', '}')) throw this.#unexpected('label matching', '"," or "}"')
    }
    this.#advance()
    return matchers
  }

  #matcher(): Matcher {
    const label = this.#token
    if (label.kind !== 'identifier' && label.kind !== 'string') {
      throw this.#unexpected('label matching', 'identifier or "}"')
    }
    this.#advance()
    const name = label.kind === 'string' ? this.#text(label) : label.text
    const operator = matchOperator(this.#token)
    if (operator === undefined) {
      // A quoted text alone is the metric's name: {"http.requests"}.
      if (label.kind === 'string' && (this.#is('punctuation', ',') || this.#is('punctuation', '}'))) {
        return { name: METRIC_NAME, operator: '=', value: name }
      }
      throw this.#unexpected('label matching', 'label matching operator')
    }
    this.#advance()
    if (this.#token.kind !== 'string') throw this.#unexpected('label matching', 'string')
    const value = this.#advance()
    const matcher: Matcher = { name, operator, value: this.#text(value) }
    try {
      compileMatcher(matcher)
    } catch (reason) {
      throw this.#error({ start: label.start, end: value.end }, AppError.from(reason).message)
    }
    return matcher
  }

  /** `offset`, `@`, `[…]` after an expression, in any number; what may follow what is checked as upstream does. */
  #postfix(primary: Expr): Expr {
    let expr = primary
    for (;;) {
      if (this.#isKeyword('offset')) expr = this.#offset(expr)
      else if (this.#is('operator', '@')) expr = this.#at(expr)
      else if (this.#is('punctuation', '[')) expr = this.#brackets(expr)
      else return expr
    }
  }

  #offset(expr: Expr): Expr {
    this.#advance()
    const sign = this.#is('operator', '-') ? -1 : 1
    if (this.#is('operator', '-') || this.#is('operator', '+')) this.#advance()
    if (!this.#isDuration()) throw this.#unexpected('offset', 'number or duration')
    const offsetMs = sign * this.#durationMs(this.#advance())
    const end = this.#lastEnd
    if (expr.kind === 'matrix-selector') {
      if (expr.selector.offsetMs !== 0) throw this.#error(expr, 'offset may not be set multiple times')
      return { ...expr, end, selector: { ...expr.selector, offsetMs } }
    }
    if (expr.kind === 'vector-selector' || expr.kind === 'subquery') {
      if (expr.offsetMs !== 0) throw this.#error(expr, 'offset may not be set multiple times')
      return { ...expr, end, offsetMs }
    }
    throw this.#error(
      expr,
      'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    )
  }

  #at(expr: Expr): Expr {
    this.#advance()
    const at = this.#atModifier(expr)
    const end = this.#lastEnd
    if (expr.kind === 'matrix-selector') {
      if (expr.selector.at !== undefined) throw this.#error(expr, '@ <timestamp> may not be set multiple times')
      return { ...expr, end, selector: { ...expr.selector, at } }
    }
    if (expr.kind === 'vector-selector' || expr.kind === 'subquery') {
      if (expr.at !== undefined) throw this.#error(expr, '@ <timestamp> may not be set multiple times')
      return { ...expr, end, at }
    }
    throw this.#error(
      expr,
      '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    )
  }

  #atModifier(expr: Expr): AtModifier {
    const word = this.#acceptKeyword('start') ?? this.#acceptKeyword('end')
    if (word !== undefined) {
      if (!this.#is('punctuation', '(')) throw this.#unexpected('@', 'timestamp')
      this.#advance()
      if (!this.#is('punctuation', ')')) throw this.#unexpected('@', 'timestamp')
      this.#advance()
      return { t: word.text.toLowerCase() === 'start' ? 'start' : 'end' }
    }
    const sign = this.#is('operator', '-') ? -1 : 1
    if (this.#is('operator', '-') || this.#is('operator', '+')) this.#advance()
    const token = this.#token
    if (!this.#isDuration()) throw this.#unexpected('@', 'timestamp')
    this.#advance()
    const seconds = sign * (token.kind === 'number' ? this.#number(token) : this.#durationMs(token) / 1000)
    if (!Number.isFinite(seconds) || Math.abs(seconds) >= 2 ** 63) {
      throw this.#error(expr, `timestamp out of bounds for @ modifier: ${String(seconds)}`)
    }
    return { t: 'time', ms: Math.round(seconds * 1000) }
  }

  #brackets(expr: Expr): MatrixSelector | Subquery {
    const open = this.#advance()
    if (!this.#isDuration()) throw this.#unexpected('subquery or range selector', 'number or duration')
    const rangeMs = this.#positiveDurationMs(this.#advance())
    if (this.#is('punctuation', ':')) return this.#subquery(expr, rangeMs)
    if (!this.#is('punctuation', ']')) throw this.#unexpected('subquery or range', '":" or "]"')
    const close = this.#advance()
    const range = { start: open.start, end: close.end }
    if (expr.kind !== 'vector-selector') throw this.#error(range, 'ranges only allowed for vector selectors')
    if (expr.offsetMs !== 0) throw this.#error(range, 'no offset modifiers allowed before range')
    if (expr.at !== undefined) throw this.#error(range, 'no @ modifiers allowed before range')
    return { kind: 'matrix-selector', type: 'matrix', start: expr.start, end: close.end, selector: expr, rangeMs }
  }

  #subquery(expr: Expr, rangeMs: number): Subquery {
    this.#advance()
    const step = this.#isDuration() ? this.#positiveDurationMs(this.#advance()) : undefined
    if (!this.#is('punctuation', ']')) {
      throw this.#unexpected('subquery selector', step === undefined ? 'number or duration or "]"' : '"]"')
    }
    const { end } = this.#advance()
    return {
      kind: 'subquery',
      type: 'matrix',
      start: expr.start,
      end,
      expr,
      rangeMs,
      ...(step === undefined ? {} : { stepMs: step }),
      offsetMs: 0,
    }
  }

  #isDuration(): boolean {
    return this.#token.kind === 'duration' || this.#token.kind === 'number'
  }

  #positiveDurationMs(token: Token): number {
    const ms = this.#durationMs(token)
    if (ms <= 0) throw this.#error(token, 'duration must be greater than 0')
    return ms
  }

  #durationMs(token: Token): number {
    if (token.kind === 'number') {
      const ms = Math.trunc(Math.round(this.#number(token) * 1e9) / 1e6)
      if (Number.isNaN(ms) || Math.abs(ms) >= 2 ** 63 / 1e6) throw this.#error(token, 'duration out of range')
      return ms
    }
    const ms = parsePromDuration(token.text)
    if (ms === 'out of range') throw this.#error(token, 'duration out of range')
    if (ms === undefined) throw this.#error(token, `not a valid duration string: ${quoteText(token.text)}`)
    return ms
  }

  #number(token: Token): number {
    const text = token.text.replaceAll('_', '').toLowerCase()
    if (text === 'inf') return Infinity
    if (text === 'nan') return NaN
    if (/^0[0-7]+$/.test(text)) return parseInt(text, 8)
    const value = Number(text)
    if (Number.isFinite(value)) return value
    const reason = `strconv.ParseFloat: parsing ${quoteText(token.text)}: value out of range`
    throw this.#error(token, `error parsing number: ${reason}`)
  }

  #text(token: Token): string {
    const text = unquote(token.text)
    if (text === undefined) throw this.#error(token, `error unquoting string ${quoteText(token.text)}: invalid UTF-8`)
    return text
  }

  #isGroupingKeyword(): boolean {
    return this.#isKeyword('by') || this.#isKeyword('without')
  }

  /** Whether the current token can follow a metric's name. */
  #endsName(): boolean {
    const { kind, text } = this.#token
    if (kind === 'end' || kind === 'operator') return true
    if (kind === 'keyword') return text.toLowerCase() === 'offset'
    return kind === 'punctuation' && '{[),'.includes(text)
  }

  #isKeyword(word: string): boolean {
    return this.#token.kind === 'keyword' && this.#token.text.toLowerCase() === word
  }

  #acceptKeyword(word: string): Token | undefined {
    return this.#isKeyword(word) ? this.#advance() : undefined
  }

  #is(kind: Token['kind'], text: string): boolean {
    return this.#token.kind === kind && this.#token.text === text
  }

  #expectPunctuation(text: string): void {
    if (!this.#is('punctuation', text)) throw this.#unexpected()
    this.#advance()
  }

  #advance(): Token {
    const token = this.#token
    this.#lastEnd = token.end
    this.#token = this.#lexer.next()
    return token
  }

  #unexpected(context = '', expected = ''): ParseError {
    const where = context === '' ? '' : ` in ${context}`
    const instead = expected === '' ? '' : `, expected ${expected}`
    return this.#error(this.#token, `unexpected ${describeToken(this.#token)}${where}${instead}`)
  }

  #error(range: Range, message: string): ParseError {
    return promqlError(this.#query, range, message)
  }
}

function matchOperator(token: Token): MatchOperator | undefined {
  if (token.kind !== 'operator' && token.kind !== 'punctuation') return undefined
  const { text } = token
  return text === '=' || text === '!=' || text === '=~' || text === '!~' ? text : undefined
}

function isMetricName(token: Token): boolean {
  return token.kind === 'metric-identifier' || NAMES_AMONG_KEYWORDS.has(token.text.toLowerCase())
}

function takesParameter(operator: Aggregator): boolean {
  return operator === 'topk' || operator === 'bottomk' || operator === 'quantile' || operator === 'count_values'
}
