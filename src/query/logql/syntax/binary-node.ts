import { ARITHMETIC, COMPARISON } from '../arithmetic.ts'
import {
  ARITHMETIC_OPERATORS,
  type BinaryOperator,
  FILTER_COMPARISONS,
  type LogqlExpr,
  type MetricExpr,
  SET_OPERATORS,
  type VectorMatching,
} from '../ast.ts'
import type { Mistakes } from './mistakes.ts'
import type { TokenStream } from './token-stream.ts'

interface Parts {
  readonly operator: BinaryOperator
  readonly bool: boolean
  readonly matching: VectorMatching
  readonly left: LogqlExpr
  readonly right: LogqlExpr
}

/** The node of an operation between two metrics; of two numbers it is their result at once. */
export function binaryOf(
  { tokens, mistakes }: { readonly tokens: TokenStream; readonly mistakes: Mistakes },
  parts: Parts,
): MetricExpr {
  const { operator, bool, matching } = parts
  const [left, right] = [metricOf(parts.left), metricOf(parts.right)]
  const range = { start: left.start, end: right.end }
  const problem = problemOf(parts.left, operator, 'left') ?? problemOf(parts.right, operator, 'right')
  const number: MetricExpr | undefined =
    problem === undefined && left.kind === 'number' && right.kind === 'number'
      ? { kind: 'number', ...range, value: fold(operator, left.value, right.value) }
      : undefined
  const node: MetricExpr = number ?? { kind: 'binary', ...range, operator, bool, matching, left, right }
  const mistake = problem === undefined ? undefined : tokens.error(range, problem)
  const inner = number === undefined ? undefined : (mistakes.get(left) ?? mistakes.get(right))
  const first = mistake ?? inner
  if (first !== undefined) mistakes.set(node, first)
  return node
}

/** Logs stand for a number until the mistake is told. */
function metricOf(expr: LogqlExpr): MetricExpr {
  if (expr.kind !== 'logs' && expr.kind !== 'variants') return expr
  return { kind: 'number', start: expr.start, end: expr.end, value: 0 }
}

function problemOf(expr: LogqlExpr, operator: BinaryOperator, side: 'left' | 'right'): string | undefined {
  if (expr.kind === 'logs' || expr.kind === 'variants') {
    const type =
      expr.kind === 'variants' ? 'MultiVariantExpr' : expr.stages.length > 0 ? 'PipelineExpr' : 'MatchersExpr'
    return `unexpected type for ${side} leg of binary operation (${operator}): *syntax.${type}`
  }
  if (expr.kind !== 'number' || !SET_OPERATORS.some((name) => name === operator)) return undefined
  const where = `${side} leg of logical/set binary operation (${operator})`
  return `unexpected literal for ${where}: ${expr.value.toFixed(6)}`
}

function fold(operator: BinaryOperator, left: number, right: number): number {
  const arithmetic = ARITHMETIC_OPERATORS.find((name) => name === operator)
  if (arithmetic !== undefined) return ARITHMETIC[arithmetic](left, right)
  const comparison = FILTER_COMPARISONS.find((name) => name === operator)
  return comparison !== undefined && COMPARISON[comparison](left, right) ? 1 : 0
}
