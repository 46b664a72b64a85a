import type { Expr, Subquery, VectorSelector } from '../ast.ts'

/** Functions whose answer at one step depends on the query's other steps, or on series that it does not name. */
const NOT_STEPWISE: ReadonlySet<string> = new Set(['start', 'end', 'range', 'step', 'info'])

/**
 * How far beyond a step the query looks for samples, in milliseconds: 0 or more, for negative offsets. Undefined when
 * what the query answers at a step depends on more than samples at a distance from that step: its range, `@`, calculated
 * durations, samples on both sides.
 */
export function lookAheadMs(expr: Expr): number | undefined {
  const ahead = furthestMs(expr)
  return ahead === undefined ? undefined : Math.max(0, ahead)
}

/** Like `lookAheadMs`, below zero where the query looks back only. */
function furthestMs(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return -Infinity
    case 'vector-selector':
      return shiftMs(expr)
    case 'matrix-selector':
      return expr.rangeExpr === undefined ? shiftMs(expr.selector) : undefined
    case 'subquery': {
      if (expr.rangeExpr !== undefined || expr.stepExpr !== undefined) return undefined
      return add(furthestMs(expr.expr), shiftMs(expr))
    }
    case 'paren':
    case 'unary':
      return furthestMs(expr.expr)
    case 'binary':
      return furthest([expr.left, expr.right])
    case 'aggregation':
      return furthest(expr.parameter === undefined ? [expr.expr] : [expr.expr, expr.parameter])
    case 'call':
      return NOT_STEPWISE.has(expr.name) ? undefined : furthest(expr.args)
  }
}

function shiftMs(node: VectorSelector | Subquery): number | undefined {
  if (node.at !== undefined || node.offsetExpr !== undefined) return undefined
  if (node.kind === 'vector-selector' && node.extension !== undefined) return undefined
  return -node.offsetMs
}

function furthest(parts: readonly Expr[]): number | undefined {
  let all = -Infinity
  for (const part of parts) {
    const one = furthestMs(part)
    if (one === undefined) return undefined
    all = Math.max(all, one)
  }
  return all
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b
}
