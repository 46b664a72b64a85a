import type { Expr } from './ast.ts'
import { partsOf } from './parts.ts'

/** What looks at the time of the step even if its arguments do not. */
const OF_THE_STEP: ReadonlySet<string> = new Set([
  ...['minute', 'hour', 'day_of_week', 'day_of_month', 'day_of_year', 'days_in_month', 'month', 'year'],
  ...['predict_linear', 'time', 'timestamp'],
])

/** Whether the expression has the same value at every step of a range, because all that it reads is fixed by `@`. */
export function isStepInvariant(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true
    case 'vector-selector':
    case 'subquery':
      return expr.at !== undefined
    case 'matrix-selector':
      return expr.selector.at !== undefined
    case 'call':
      return !OF_THE_STEP.has(expr.name) && expr.args.every(isStepInvariant)
    case 'aggregation':
      return isStepInvariant(expr.expr)
    case 'paren':
    case 'unary':
    case 'binary':
      return partsOf(expr).every(isStepInvariant)
  }
}
