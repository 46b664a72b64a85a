export type * from './ast.ts'
export type { MetricsGrid } from './grid.ts'
export type { TraceqlLimits } from './limits.ts'
export { evaluateTraceMetrics, type MetricsOptions, type MetricsResult, type TraceqlSeries } from './metrics.ts'
export { needOfSpan } from './need.ts'
export { parseField, parseTraceql } from './parse.ts'
export { printField, printTraceql } from './print.ts'
export {
  type FoundSpan,
  type FoundSpanset,
  type FoundTrace,
  type NamedValue,
  type SearchOptions,
  type SearchResult,
  searchTraces,
  type TraceSearch,
} from './search.ts'
export type { MetricsExemplar } from './series.ts'
export { parseTags } from './tags.ts'
export { formatValue, type TraceqlValue } from './value.ts'
