import type { Matcher } from '../../model/index.ts'
import type { Expr } from './ast.ts'
import { checkExpr } from './check.ts'
import { NO_FEATURES, type PromqlFeatures } from './features.ts'
import { findFunction } from './functions/index.ts'
import { readQuery, readSelector } from './syntax/index.ts'

/** Parses and type-checks a query. Throws ParseError with Prometheus' wording. */
export function parsePromql(query: string, features: PromqlFeatures = NO_FEATURES): Expr {
  const expr = readQuery(query, { features, findFunction })
  checkExpr(expr, query)
  return expr
}

/** Parses a selector such as `up{job="x"}`, as in `match[]`. Throws ParseError. */
export function parseSelector(query: string): readonly Matcher[] {
  return readSelector(query).matchers
}
