import { type Binary, type Grouping, type LogqlExpr, type MetricExpr, type VectorMatching } from '../ast.ts'
import { binaryOf } from './binary-node.ts'
import { acceptLiteral, numberOf } from './literals.ts'
import { parseLogRange, parseLogSelector } from './log-range.ts'
import { checkLabelReplace, checkRangeAggregation, checkVectorAggregation, type Mistakes } from './mistakes.ts'
import { RANGE_KINDS, VECTOR_KINDS } from './operations.ts'
import { ARGUMENT_OPERATORS, PRECEDENCE } from './precedence.ts'
import type { TokenStream } from './token-stream.ts'

/** What the reading of a query has: its tokens, and what it found to be wrong but tells only after the whole is read. */
export interface Reading {
  readonly tokens: TokenStream
  readonly mistakes: Mistakes
}

/** Reads an expression by precedence climbing: operators that bind at least as tight as `floor`. */
export function parseExpr(reading: Reading, floor = 0): LogqlExpr {
  const { tokens } = reading
  return tokens.nested(() => {
    let left = parsePrimary(reading)
    for (;;) {
      const operator = ARGUMENT_OPERATORS.find((kind) => tokens.is(kind))
      if (operator === undefined || PRECEDENCE[operator] < floor) return left
      left = parseBinary(reading, left, operator)
    }
  })
}

function parseBinary(reading: Reading, left: LogqlExpr, operator: Binary['operator']): MetricExpr {
  const { tokens } = reading
  tokens.countOperator()
  tokens.take()
  const bool = tokens.accept('bool') !== undefined
  const matching = parseMatching(tokens)
  const precedence = PRECEDENCE[operator]
  const right = parseExpr(reading, operator === '^' ? precedence : precedence + 1)
  return binaryOf(reading, { operator, bool, matching, left, right })
}

function parseMatching(tokens: TokenStream): VectorMatching {
  if (!tokens.is('on', 'ignoring')) return { cardinality: 'one-to-one', on: false, labels: [], include: [] }
  const on = tokens.take().kind === 'on'
  const labels = parseLabels(tokens)
  if (!tokens.is('group_left', 'group_right')) return { cardinality: 'one-to-one', on, labels, include: [] }
  const cardinality = tokens.take().kind === 'group_left' ? 'many-to-one' : 'one-to-many'
  if (!tokens.is('(')) return { cardinality, on, labels, include: [] }
  return { cardinality, on, labels, include: parseLabels(tokens) }
}

function parseLabels(tokens: TokenStream): string[] {
  tokens.expect('(')
  if (tokens.accept(')') !== undefined) return []
  if (!tokens.is('IDENTIFIER')) throw tokens.unexpected('IDENTIFIER', ')')
  const labels = [tokens.take().text]
  while (tokens.accept(')') === undefined) {
    if (tokens.accept(',') === undefined) throw tokens.unexpected(',', ')')
    labels.push(tokens.expect('IDENTIFIER').text)
  }
  return labels
}

function parsePrimary(reading: Reading): LogqlExpr {
  const { tokens, mistakes } = reading
  const { kind, text, start, end } = tokens.token
  if (kind === '{') return parseLogSelector(tokens)
  if (kind === '(') return parseParens(reading)
  if (kind === 'variants') return parseVariants(reading)
  if (kind === 'VECTOR') return parseVector(reading)
  if (kind === 'label_replace') return parseLabelReplace(reading)
  const rangeOperation = RANGE_KINDS.get(kind)
  if (rangeOperation !== undefined) return parseRangeAggregation(reading, rangeOperation)
  const vectorOperation = VECTOR_KINDS.get(kind)
  if (vectorOperation !== undefined) return parseVectorAggregation(reading, vectorOperation)
  const value = acceptLiteral(tokens)
  if (value === undefined) throw tokens.unexpected()
  const node: MetricExpr = { kind: 'number', start, end: tokens.lastEnd, value }
  if (Number.isNaN(value)) mistakes.set(node, tokens.error({ start, end }, notANumber('literal', text)))
  return node
}

function notANumber(what: string, text: string): string {
  return `unable to parse ${what} as a float: strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`
}

function parseParens(reading: Reading): LogqlExpr {
  reading.tokens.take()
  const inner = parseExpr(reading)
  reading.tokens.demand(')')
  return inner
}

/** Reads an expression that must be a metric. */
function parseMetric(reading: Reading): MetricExpr {
  const expr = parseExpr(reading)
  if (expr.kind === 'logs' || expr.kind === 'variants') throw reading.tokens.unexpected()
  return expr
}

function parseVector({ tokens, mistakes }: Reading): MetricExpr {
  const { start } = tokens.take()
  tokens.expect('(')
  const { text } = tokens.expect('NUMBER')
  tokens.expect(')')
  const value = numberOf(text)
  const node: MetricExpr = { kind: 'vector', start, end: tokens.lastEnd, value }
  if (Number.isNaN(value)) mistakes.set(node, tokens.error(node, notANumber('vectorExpr', text)))
  return node
}

function parseLabelReplace(reading: Reading): MetricExpr {
  const { tokens, mistakes } = reading
  const { start } = tokens.take()
  tokens.expect('(')
  const expr = parseMetric(reading)
  const [target = '', replacement = '', source = '', expression = ''] = Array.from({ length: 4 }, (_, i) => {
    if (i === 0) tokens.demand(',')
    else tokens.expect(',')
    return tokens.expectText()
  })
  tokens.expect(')')
  const node: MetricExpr = {
    kind: 'label-replace',
    start,
    end: tokens.lastEnd,
    expr,
    target,
    replacement,
    source,
    expression,
  }
  checkLabelReplace(node, { tokens, mistakes })
  return node
}

/** Reads a number and the comma behind it, if they come: what was written. */
function acceptParameter(tokens: TokenStream): string | undefined {
  if (!tokens.is('NUMBER')) return undefined
  const { text } = tokens.take()
  tokens.expect(',')
  return text
}

function parseRangeAggregation(
  { tokens, mistakes }: Reading,
  operation: Extract<MetricExpr, { kind: 'range-aggregation' }>['operation'],
): MetricExpr {
  const { start } = tokens.take()
  tokens.expect('(')
  if (!tokens.is('NUMBER', '{', '(')) throw tokens.unexpected('NUMBER', '{', '(')
  const parameter = acceptParameter(tokens)
  const range = parseLogRange(tokens)
  tokens.expect(')')
  const grouping = acceptGrouping(tokens)
  const node: MetricExpr = {
    kind: 'range-aggregation',
    start,
    end: tokens.lastEnd,
    operation,
    range,
    ...(parameter === undefined ? {} : { parameter: numberOf(parameter) }),
    ...(grouping === undefined ? {} : { grouping }),
  }
  checkRangeAggregation(node, parameter, { tokens, mistakes })
  return node
}

function parseVectorAggregation(
  reading: Reading,
  operation: Extract<MetricExpr, { kind: 'vector-aggregation' }>['operation'],
): MetricExpr {
  const { tokens, mistakes } = reading
  const { start } = tokens.take()
  const before = acceptGrouping(tokens)
  tokens.expect('(', ...(before === undefined ? ['by', 'without'] : []))
  const { parameter, expr } = parseArguments(reading)
  tokens.demand(')')
  const grouping = before ?? acceptGrouping(tokens)
  const node: MetricExpr = {
    kind: 'vector-aggregation',
    start,
    end: tokens.lastEnd,
    operation,
    expr,
    ...(parameter === undefined ? {} : { parameter: numberOf(parameter) }),
    ...(grouping === undefined ? {} : { grouping }),
  }
  checkVectorAggregation(node, parameter, { tokens, mistakes })
  return node
}

/** A number in front may be a parameter, or begin the expression: `topk(2, x)`, `sum(2 * x)`. */
function parseArguments(reading: Reading): { readonly parameter?: string; readonly expr: MetricExpr } {
  const { tokens } = reading
  if (!tokens.is('NUMBER')) return { expr: parseMetric(reading) }
  const { text, end } = tokens.token
  const expr = parseMetric(reading)
  if (expr.end !== end || !tokens.is(',')) return { expr }
  tokens.take()
  return { parameter: text, expr: parseMetric(reading) }
}

function acceptGrouping(tokens: TokenStream): Grouping | undefined {
  if (!tokens.is('by', 'without')) return undefined
  const without = tokens.take().kind === 'without'
  return { labels: parseLabels(tokens), without }
}

function parseVariants(reading: Reading): LogqlExpr {
  const { tokens } = reading
  const { start } = tokens.take()
  tokens.expect('(')
  const variants = [parseMetric(reading)]
  while (tokens.accept(',') !== undefined) variants.push(parseMetric(reading))
  tokens.demand(')')
  tokens.expect('of')
  tokens.expect('(')
  const of = parseLogRange(tokens)
  tokens.expect(')')
  return { kind: 'variants', start, end: tokens.lastEnd, variants, of }
}
