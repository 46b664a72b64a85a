import type { Expr } from './ast.ts'

/** The expressions that an expression is made of, in the order of the text. A selector in a range is none of them. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
      return []
    case 'paren':
    case 'unary':
    case 'subquery':
      return [expr.expr]
    case 'binary':
      return [expr.left, expr.right]
    case 'aggregation':
      return expr.parameter === undefined ? [expr.expr] : [expr.parameter, expr.expr]
    case 'call':
      return expr.args
  }
}
