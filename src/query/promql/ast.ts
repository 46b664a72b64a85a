import type { Matcher } from '../../model/index.ts'

/** Where a node stands in the query: UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string'

/** How Prometheus' documentation calls the types; its error messages use these words. */
export const TYPE_WORDS: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
}

export const ARITHMETIC_OPERATORS = ['+', '-', '*', '/', '%', '^', 'atan2'] as const
export const COMPARISON_OPERATORS = ['==', '!=', '>', '<', '>=', '<='] as const
export const SET_OPERATORS = ['and', 'or', 'unless'] as const
export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number]
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number]
/** Cut the buckets of a native histogram above (`</`) or below (`>/`) a number. */
export const TRIM_OPERATORS = ['</', '>/'] as const
export type SetOperator = (typeof SET_OPERATORS)[number]
export type TrimOperator = (typeof TRIM_OPERATORS)[number]
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | TrimOperator

export const AGGREGATORS = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
] as const
export type Aggregator = (typeof AGGREGATORS)[number]

/** The `@` modifier: a fixed time, or an end of the query's range. */
export type AtModifier = { readonly t: 'time'; readonly ms: number } | { readonly t: 'start' } | { readonly t: 'end' }

interface Node extends Range {
  readonly type: ValueType
}

export interface NumberLiteral extends Node {
  readonly kind: 'number'
  readonly value: number
  /** Written as a duration: `5m` is 300, and is printed as `5m` again. */
  readonly duration: boolean
}

export type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'step' | 'range' | 'min_of' | 'max_of'

/**
 * A duration that is calculated: `5m * 2`, `step()`, `-(1h)`. `step` and `range` have no operands; a sign has a right
 * one only, and so has a literal in parentheses (then the operator is `+`). What it comes to is known when the times of
 * the query are: see `resolveDurations`.
 */
export interface DurationOperation extends Range {
  readonly kind: 'duration'
  readonly operator: DurationOperator
  readonly left?: DurationExpr
  readonly right?: DurationExpr
  /** In parentheses. */
  readonly wrapped: boolean
}

/** Literals are seconds. */
export type DurationExpr = NumberLiteral | DurationOperation

/** How a selector treats the edges of its range, or the time that it asks for. */
export type Extension = 'anchored' | 'smoothed'

export interface StringLiteral extends Node {
  readonly kind: 'string'
  readonly value: string
}

export interface VectorSelector extends Node {
  readonly kind: 'vector-selector'
  /** The name outside the braces; it is among the matchers too. */
  readonly name: string
  readonly matchers: readonly Matcher[]
  /** 0 as long as the offset is an expression. */
  readonly offsetMs: number
  readonly offsetExpr?: DurationOperation
  readonly at?: AtModifier
  readonly extension?: Extension
}

export interface MatrixSelector extends Node {
  readonly kind: 'matrix-selector'
  /** Its offset, `@`, `anchored` and `smoothed` are those of the whole. */
  readonly selector: VectorSelector
  /** 0 as long as the range is an expression. */
  readonly rangeMs: number
  readonly rangeExpr?: DurationOperation
}

export interface Subquery extends Node {
  readonly kind: 'subquery'
  readonly expr: Expr
  /** 0 as long as the range is an expression. */
  readonly rangeMs: number
  readonly rangeExpr?: DurationOperation
  /** Without it and without `stepExpr`: the server's default resolution. */
  readonly stepMs?: number
  readonly stepExpr?: DurationOperation
  /** 0 as long as the offset is an expression. */
  readonly offsetMs: number
  readonly offsetExpr?: DurationOperation
  readonly at?: AtModifier
}

export interface Paren extends Node {
  readonly kind: 'paren'
  readonly expr: Expr
}

export interface Unary extends Node {
  readonly kind: 'unary'
  readonly operator: '+' | '-'
  readonly expr: Expr
}

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'
  readonly on: boolean
  readonly labels: readonly string[]
  /** The labels of `group_left` and `group_right`, taken over from the "one" side. */
  readonly include: readonly string[]
  /** Values for the side on which a match group has no series: `fill_left`, `fill_right`, `fill` for both. */
  readonly fill?: { readonly left?: number; readonly right?: number }
}

export interface Binary extends Node {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly operatorRange: Range
  readonly left: Expr
  readonly right: Expr
  readonly bool: boolean
  readonly matching: VectorMatching
}

export interface Aggregation extends Node {
  readonly kind: 'aggregation'
  readonly operator: Aggregator
  readonly expr: Expr
  readonly parameter?: Expr
  readonly grouping: readonly string[]
  readonly without: boolean
}

export interface Call extends Node {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expr[]
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Paren
  | Unary
  | Binary
  | Aggregation
  | Call

/** The expression without the parentheses around it. */
export function withoutParens(expr: Expr): Expr {
  let inner = expr
  while (inner.kind === 'paren') inner = inner.expr
  return inner
}

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return COMPARISON_OPERATORS.some((other) => other === operator)
}

export function isSetOperator(operator: BinaryOperator): operator is SetOperator {
  return SET_OPERATORS.some((other) => other === operator)
}

export function isTrimOperator(operator: BinaryOperator): operator is TrimOperator {
  return TRIM_OPERATORS.some((other) => other === operator)
}
