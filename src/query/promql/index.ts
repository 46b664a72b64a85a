export type { Expr } from './ast.ts'
export { TYPE_WORDS } from './ast.ts'
export {
  type EvalOptions,
  evaluateInstant,
  evaluateRange,
  type PointSeries,
  type QueryData,
  type QueryResult,
} from './eval.ts'
export { type CacheCounts, evaluateRangeCached, ResultsCache } from './cache/index.ts'
export type { QueryPlan } from './context.ts'
export { ALL_FEATURES, NO_FEATURES, type PromqlFeatures } from './features.ts'
export { latestLookMs } from './latest-look.ts'
export { listFeatures } from './list-features.ts'
export { parsePromql, parseSelector } from './parse.ts'
export { selectorsOf } from './selectors.ts'
export { prettifyExpr } from './prettify.ts'
export { treeOfExpr } from './tree.ts'
