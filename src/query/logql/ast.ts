import type { Matcher } from '../../model/index.ts'
import type { Aggregator, ArithmeticOperator, ComparisonOperator } from '../promql/ast.ts'

/** Where a node stands in the query: UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** `|=`, `!=`, `|~`, `!~` on the line; the last two hold RE2 expressions, not anchored. */
export interface LineFilter {
  readonly operator: '|=' | '!=' | '|~' | '!~'
  readonly value: string
}

/** `{app="x"} |= "error"`. */
export interface LogSelector extends Range {
  readonly kind: 'logs'
  readonly matchers: readonly Matcher[]
  /** All must hold. */
  readonly filters: readonly LineFilter[]
}

export const RANGE_OPERATIONS = ['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate'] as const
export type RangeOperation = (typeof RANGE_OPERATIONS)[number]

/** `rate({app="x"}[5m] offset 1h)`. */
export interface RangeAggregation extends Range {
  readonly kind: 'range-aggregation'
  readonly operation: RangeOperation
  readonly selector: LogSelector
  readonly rangeMs: number
  readonly offsetMs: number
}

export type VectorAggregator = Exclude<Aggregator, 'group' | 'count_values' | 'quantile'>

export interface VectorAggregation extends Range {
  readonly kind: 'vector-aggregation'
  readonly operator: VectorAggregator
  readonly expr: MetricExpr
  /** The k of `topk` and `bottomk`. */
  readonly parameter?: number
  readonly grouping: readonly string[]
  readonly without: boolean
}

export interface BinaryExpr extends Range {
  readonly kind: 'binary'
  readonly operator: Exclude<ArithmeticOperator, 'atan2'> | ComparisonOperator
  readonly bool: boolean
  readonly left: MetricExpr
  readonly right: MetricExpr
}

/** `vector(1)`. */
export interface VectorLiteral extends Range {
  readonly kind: 'vector'
  readonly value: number
}

export interface NumberLiteral extends Range {
  readonly kind: 'number'
  readonly value: number
}

export type MetricExpr = RangeAggregation | VectorAggregation | BinaryExpr | VectorLiteral | NumberLiteral
export type LogqlExpr = LogSelector | MetricExpr
