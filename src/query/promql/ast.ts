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
export type SetOperator = (typeof SET_OPERATORS)[number]
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator

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
}

export interface StringLiteral extends Node {
  readonly kind: 'string'
  readonly value: string
}

export interface VectorSelector extends Node {
  readonly kind: 'vector-selector'
  /** The name outside the braces; it is among the matchers too. */
  readonly name: string
  readonly matchers: readonly Matcher[]
  readonly offsetMs: number
  readonly at?: AtModifier
}

export interface MatrixSelector extends Node {
  readonly kind: 'matrix-selector'
  /** Its offset and `@` are those of the whole. */
  readonly selector: VectorSelector
  readonly rangeMs: number
}

export interface Subquery extends Node {
  readonly kind: 'subquery'
  readonly expr: Expr
  readonly rangeMs: number
  /** Absent: the server's default resolution. */
  readonly stepMs?: number
  readonly offsetMs: number
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
