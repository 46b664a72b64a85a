import type { Matcher } from '../../model/index.ts'
import type { LogqlExpr } from './ast.ts'

/** What a query selects of the streams, and how far before its own time it looks. */
export interface LogSelection {
  readonly matchers: readonly Matcher[]
  readonly offsetNs: number
}

/** Every selection of a query. */
export function logSelectionsOf(expr: LogqlExpr): readonly LogSelection[] {
  switch (expr.kind) {
    case 'logs':
      return [{ matchers: expr.matchers, offsetNs: 0 }]
    case 'range-aggregation':
      return [{ matchers: expr.range.selector.matchers, offsetNs: expr.range.offsetNs }]
    case 'vector-aggregation':
    case 'label-replace':
      return logSelectionsOf(expr.expr)
    case 'binary':
      return [...logSelectionsOf(expr.left), ...logSelectionsOf(expr.right)]
    case 'variants':
      return expr.variants.flatMap(logSelectionsOf)
    case 'number':
    case 'vector':
      return []
  }
}
