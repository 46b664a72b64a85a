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
export { parsePromql, parseSelector } from './parse.ts'
