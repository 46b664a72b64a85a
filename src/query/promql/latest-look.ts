import type { Expr, Subquery, VectorSelector } from './ast.ts'

/**
 * The latest time that a query looks at, in milliseconds; -Infinity if it looks at no samples. Calculated offsets count
 * as none.
 */
export function latestLookMs(expr: Expr, range: { readonly startMs: number; readonly endMs: number }): number {
  return latest(expr, range, range.endMs)
}

function latest(expr: Expr, range: { readonly startMs: number; readonly endMs: number }, nowMs: number): number {
  const shifted = ({ at, offsetMs }: VectorSelector | Subquery): number => {
    const fixed = at?.t === 'time' ? at.ms : at?.t === 'start' ? range.startMs : at?.t === 'end' ? range.endMs : nowMs
    return fixed - offsetMs
  }
  const all = (parts: readonly Expr[]): number => Math.max(-Infinity, ...parts.map((part) => latest(part, range, nowMs)))
  switch (expr.kind) {
    case 'number':
    case 'string':
      return -Infinity
    case 'vector-selector':
      return shifted(expr)
    case 'matrix-selector':
      return shifted(expr.selector)
    case 'subquery':
      return latest(expr.expr, range, shifted(expr))
    case 'paren':
    case 'unary':
      return latest(expr.expr, range, nowMs)
    case 'binary':
      return all([expr.left, expr.right])
    case 'aggregation':
      return all(expr.parameter === undefined ? [expr.expr] : [expr.parameter, expr.expr])
    case 'call':
      return all(expr.args)
  }
}
