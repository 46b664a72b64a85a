import type { Matcher } from '../../model/index.ts'
import { formatFloatFixed } from '../go-float.ts'
import type { AtModifier, Binary, DurationExpr, Expr, VectorSelector } from './ast.ts'
import { findFunction } from './functions/index.ts'

/** A value of JSON. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** The expression in the form of Prometheus' `parse_query`, ready for `JSON.stringify`. */
export function treeOfExpr(expr: Expr): Json {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatFloatFixed(expr.value) }
    case 'string':
      return { type: 'stringLiteral', val: wellFormed(expr.value) }
    case 'paren':
      return { type: 'parenExpr', expr: treeOfExpr(expr.expr) }
    case 'unary':
      return { type: 'unaryExpr', op: expr.operator, expr: treeOfExpr(expr.expr) }
    case 'vector-selector':
      return { type: 'vectorSelector', ...treeOfSelector(expr) }
    case 'matrix-selector': {
      const { selector, rangeMs, rangeExpr } = expr
      return {
        type: 'matrixSelector',
        range: rangeMs,
        rangeExpr: treeOfDuration(rangeExpr),
        ...treeOfSelector(selector),
      }
    }
    case 'subquery':
      return {
        type: 'subquery',
        expr: treeOfExpr(expr.expr),
        range: expr.rangeMs,
        rangeExpr: treeOfDuration(expr.rangeExpr),
        step: expr.stepMs ?? 0,
        stepExpr: treeOfDuration(expr.stepExpr),
        ...treeOfTimes(expr),
      }
    case 'binary':
      return {
        type: 'binaryExpr',
        op: expr.operator,
        lhs: treeOfExpr(expr.left),
        rhs: treeOfExpr(expr.right),
        matching: treeOfMatching(expr),
        bool: expr.bool,
      }
    case 'aggregation':
      return {
        type: 'aggregation',
        op: expr.operator,
        expr: treeOfExpr(expr.expr),
        param: expr.parameter === undefined ? null : treeOfExpr(expr.parameter),
        grouping: expr.grouping,
        without: expr.without,
      }
    case 'call':
      return { type: 'call', func: treeOfFunction(expr.name), args: expr.args.map(treeOfExpr) }
  }
}

function treeOfSelector(selector: VectorSelector): { readonly [key: string]: Json } {
  return {
    name: selector.name,
    matchers: selector.matchers.map(treeOfMatcher),
    ...treeOfTimes(selector),
    anchored: selector.extension === 'anchored',
    smoothed: selector.extension === 'smoothed',
  }
}

function treeOfMatcher({ name, operator, value }: Matcher): Json {
  return { name: wellFormed(name), value: wellFormed(value), type: operator }
}

/** JSON in UTF-8 cannot say bytes that are no text (see `unquoteBytes`). */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd')
}

function treeOfTimes({
  offsetMs,
  offsetExpr,
  at,
}: {
  readonly offsetMs: number
  readonly offsetExpr?: DurationExpr
  readonly at?: AtModifier
}): { readonly [key: string]: Json } {
  return {
    offset: offsetMs,
    offsetExpr: treeOfDuration(offsetExpr),
    timestamp: at?.t === 'time' ? at.ms : null,
    startOrEnd: at === undefined || at.t === 'time' ? null : at.t,
  }
}

function treeOfMatching({ matching, left, right }: Binary): Json {
  if (left.type !== 'vector' || right.type !== 'vector') return null
  const { cardinality, labels, on, include, fill } = matching
  return {
    card: cardinality,
    labels,
    on,
    include,
    fillValues: { lhs: fill?.left ?? null, rhs: fill?.right ?? null },
  }
}

function treeOfFunction(name: string): Json {
  const signature = findFunction(name)
  if (signature === undefined) return { name, argTypes: [], variadic: 0, returnType: 'vector' }
  return { name, argTypes: signature.args, variadic: signature.variadic, returnType: signature.returns }
}

function treeOfDuration(expr: DurationExpr | undefined): Json {
  if (expr === undefined) return null
  if (expr.kind === 'number') {
    return { type: 'numberLiteral', val: formatFloatFixed(expr.value), duration: expr.duration }
  }
  return {
    type: 'durationExpr',
    op: expr.operator,
    lhs: treeOfDuration(expr.left),
    rhs: treeOfDuration(expr.right),
    wrapped: expr.wrapped,
  }
}
