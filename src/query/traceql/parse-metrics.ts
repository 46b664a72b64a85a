import type { ComparisonOperator, Field, MetricsAggregation, SecondStage, SpansetFilter } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { operatorOf, parseField } from './parse-field.ts'

const NANOSECONDS = 1e9
const DEFAULT_TOP = 10

const AGGREGATIONS: Readonly<Record<MetricsAggregation['operator'], unknown>> = {
  rate: 0,
  count_over_time: 0,
  min_over_time: 0,
  max_over_time: 0,
  avg_over_time: 0,
  sum_over_time: 0,
  quantile_over_time: 0,
  histogram_over_time: 0,
  compare: 0,
}

const COMPARISONS: Readonly<Record<ComparisonOperator, unknown>> = {
  '=': 0,
  '!=': 0,
  '<': 0,
  '<=': 0,
  '>': 0,
  '>=': 0,
}

export function isAggregation(cursor: Cursor): boolean {
  return operatorOf(AGGREGATIONS, cursor) !== undefined
}

export function parseAggregation(cursor: Cursor, parseFilter: () => SpansetFilter): MetricsAggregation {
  const operator = operatorOf(AGGREGATIONS, cursor)
  if (operator === undefined) throw cursor.unexpected()
  cursor.advance()
  cursor.expect('(')
  switch (operator) {
    case 'rate':
    case 'count_over_time':
      cursor.expect(')')
      return { operator, by: parseBy(cursor) }
    case 'min_over_time':
    case 'max_over_time':
    case 'avg_over_time':
    case 'sum_over_time':
    case 'histogram_over_time': {
      const field = parseField(cursor)
      cursor.expect(')')
      return { operator, field, by: parseBy(cursor) }
    }
    case 'quantile_over_time': {
      const field = parseField(cursor)
      const quantiles: number[] = []
      cursor.expect(',')
      do quantiles.push(parseQuantile(cursor))
      while (cursor.accept(','))
      cursor.expect(')')
      return { operator, field, quantiles, by: parseBy(cursor) }
    }
    case 'compare':
      return parseCompare(cursor, parseFilter)
  }
}

function parseCompare(cursor: Cursor, parseFilter: () => SpansetFilter): MetricsAggregation {
  const filter = parseFilter()
  const numbers: bigint[] = []
  while (cursor.accept(',')) numbers.push(parseInteger(cursor))
  if (numbers.length === 2 || numbers.length > 3) throw cursor.unexpected()
  cursor.expect(')')
  const [top = BigInt(DEFAULT_TOP), startNs = 0n, endNs = 0n] = numbers
  return { operator: 'compare', filter, top: Number(top), startNs, endNs }
}

function parseBy(cursor: Cursor): Field[] {
  if (!cursor.accept('by')) return []
  cursor.expect('(')
  const fields = [parseField(cursor)]
  while (cursor.accept(',')) fields.push(parseField(cursor))
  cursor.expect(')')
  return fields
}

function parseInteger(cursor: Cursor): bigint {
  const token = cursor.advance()
  if (token.kind !== 'int') throw cursor.unexpected('INTEGER', token)
  return token.value
}

function parseQuantile(cursor: Cursor): number {
  const token = cursor.advance()
  if (token.kind !== 'int' && token.kind !== 'float') throw cursor.unexpected('FLOAT or INTEGER', token)
  return Number(token.value)
}

/** `| topk(3)`, `> 5`, in any number and order. */
export function parseSecondStages(cursor: Cursor): SecondStage[] {
  const stages: SecondStage[] = []
  for (;;) {
    const operator = operatorOf(COMPARISONS, cursor)
    const word = cursor.is('|') && cursor.next?.kind === 'word' ? cursor.next.text : ''
    if (operator !== undefined) {
      cursor.advance()
      stages.push({ kind: 'compare', operator, value: parseThreshold(cursor) })
    } else if (word === 'topk' || word === 'bottomk') {
      cursor.advance()
      cursor.advance()
      cursor.expect('(')
      stages.push({ kind: word, limit: Number(parseInteger(cursor)) })
      cursor.expect(')')
    } else return stages
  }
}

/** A number; a duration counts seconds, as series do. */
function parseThreshold(cursor: Cursor): number {
  const sign = cursor.accept('-') ? -1 : 1
  const token = cursor.advance()
  switch (token.kind) {
    case 'int':
    case 'float':
      return sign * Number(token.value)
    case 'duration':
      return (sign * Number(token.value)) / NANOSECONDS
    case 'string':
    case 'word':
    case 'identifier':
    case 'scope':
    case 'attribute':
    case 'end':
      throw cursor.unexpected('a number', token)
  }
}
