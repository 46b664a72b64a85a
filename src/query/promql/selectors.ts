import type { Matcher } from '../../model/index.ts'
import type { Expr } from './ast.ts'

/** The matchers of every selector in the query, in the order of the text. */
export function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return []
    case 'vector-selector':
      return [expr.matchers]
    case 'matrix-selector':
      return [expr.selector.matchers]
    case 'paren':
    case 'unary':
    case 'subquery':
      return selectorsOf(expr.expr)
    case 'binary':
      return [...selectorsOf(expr.left), ...selectorsOf(expr.right)]
    case 'aggregation':
      return [...(expr.parameter === undefined ? [] : selectorsOf(expr.parameter)), ...selectorsOf(expr.expr)]
    case 'call':
      return expr.args.flatMap(selectorsOf)
  }
}
