export type { LogqlExpr, LogSelector, MetricExpr } from './ast.ts'
export {
  evaluateLogs,
  evaluateMetric,
  type LogLine,
  type LogqlOptions,
  type LogStream,
  type LogsRequest,
  type MetricResult,
} from './eval.ts'
export { parseLogql, parseStreamSelector } from './parse.ts'
