import type { Matcher } from '../../model/index.ts'
import type { LogqlExpr } from './ast.ts'
import { checkExpr, checkMatchers } from './check.ts'
import { logqlError, readQuery } from './syntax/index.ts'

/** Parses and checks a query. Throws ParseError with Loki's wording. */
export function parseLogql(query: string): LogqlExpr {
  const { expr, mistakes } = readQuery(query)
  checkExpr(expr, query, mistakes)
  return expr
}

/** Parses a stream selector alone, as in `match[]`. Throws ParseError. */
export function parseStreamSelector(query: string): readonly Matcher[] {
  const { expr } = readQuery(query)
  if (expr.kind !== 'logs' || expr.stages.length > 0) {
    throw logqlError(query, { start: 0, end: query.length }, 'only label matchers are supported')
  }
  checkMatchers(expr.matchers, query)
  return expr.matchers
}
