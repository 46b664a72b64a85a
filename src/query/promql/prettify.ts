import type { Expr } from './ast.ts'
import { partsOf } from './parts.ts'
import { printAggregator, printExpr, printOperator, printSubquerySuffix } from './print.ts'

/** What is longer, in bytes, goes over several lines. */
const MAX_LINE_BYTES = 100
const INDENT = '  '

/** The expression over several lines where it is long, as Prometheus' formatter lays it out. */
export function prettifyExpr(expr: Expr, level = 0): string {
  const indent = INDENT.repeat(level)
  if (expr.kind === 'unary') return indent + expr.operator + prettifyExpr(expr.expr, level).trim()
  if (isShort(expr)) {
    const line = printExpr(expr)
    // Prometheus does not indent a subquery that fits.
    if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return expr.kind === 'subquery' ? line : indent + line
  }
  const inner = (child: Expr): string => prettifyExpr(child, level + 1)
  switch (expr.kind) {
    case 'aggregation': {
      const parameter = expr.parameter === undefined ? '' : `${inner(expr.parameter)},\n`
      return `${indent}${printAggregator(expr)}(\n${parameter}${inner(expr.expr)}\n${indent})`
    }
    case 'binary':
      return `${inner(expr.left)}\n${indent}${printOperator(expr)}\n${inner(expr.right)}`
    case 'call':
      return `${indent}${expr.name}(\n${expr.args.map(inner).join(',\n')}\n${indent})`
    case 'paren':
      return `${indent}(\n${inner(expr.expr)}\n${indent})`
    case 'subquery':
      return prettifyExpr(expr.expr, level) + printSubquerySuffix(expr)
    case 'number':
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
      return indent + printExpr(expr)
  }
}

/** Whether it may fit into a line: printing to see that, level by level, would take the square of the query's length. */
function isShort(expr: Expr): boolean {
  return leastLength(expr, MAX_LINE_BYTES) <= MAX_LINE_BYTES
}

/** At least so many characters come of it; no more is looked at than is needed to get above `limit`. */
function leastLength(expr: Expr, limit: number): number {
  let length = 1
  for (const part of partsOf(expr)) {
    length += leastLength(part, limit - length)
    if (length > limit) return length
  }
  return length
}
