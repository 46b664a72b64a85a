import type { Matcher } from '../../model/index.ts'
import { matchesEmpty } from '../matchers.ts'
import type { LogqlExpr, LogSelector, MetricExpr } from './ast.ts'
import { logqlMistake, type Mistakes } from './syntax/index.ts'

const EMPTY_MATCHERS =
  'queries require at least one regexp or equality matcher that does not have an empty-compatible value. ' +
  'For instance, app=~".*" does not meet this requirement, but app=~".+" will'

/** Throws the first of what is wrong with the expression, in the order in which Loki looks. */
export function checkExpr(expr: LogqlExpr, query: string, mistakes: Mistakes): void {
  if (expr.kind === 'logs') {
    checkSelector(expr, query)
    return
  }
  if (expr.kind === 'variants') {
    checkSelector(expr.of.selector, query)
    for (const variant of expr.variants) checkMetric(variant, query, mistakes)
    return
  }
  checkMetric(expr, query, mistakes)
}

function checkMetric(expr: MetricExpr, query: string, mistakes: Mistakes): void {
  const mistake = mistakes.get(expr)
  if (mistake !== undefined) throw mistake
  switch (expr.kind) {
    case 'binary':
      checkMetric(expr.left, query, mistakes)
      checkMetric(expr.right, query, mistakes)
      return
    case 'vector-aggregation':
    case 'label-replace':
      checkMetric(expr.expr, query, mistakes)
      return
    case 'range-aggregation':
      checkSelector(expr.range.selector, query)
      return
    case 'number':
    case 'vector':
      return
  }
}

function checkSelector(selector: LogSelector, query: string): void {
  if (selector.matchers.every(matchesEmpty)) throw emptyMatchers(query)
}

/** Throws where the matchers would be satisfied by streams without any label. */
export function checkMatchers(matchers: readonly Matcher[], query: string): void {
  if (matchers.every(matchesEmpty)) throw emptyMatchers(query)
}

function emptyMatchers(query: string): Error {
  return logqlMistake(query, { start: 0, end: query.length }, EMPTY_MATCHERS)
}
