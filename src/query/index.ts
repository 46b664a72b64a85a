export type { Cardinality, CardinalitySource, Ranked } from './cardinality-source.ts'
export { parseGoDuration, parsePromDuration } from './duration.ts'
export type { Exemplar, ExemplarSource, SeriesExemplars } from './exemplar-source.ts'
export { formatFloatFixed, formatFloatSample } from './go-float.ts'
export { compareLabels, labelsKey, labelValue, sortedNames } from './labels.ts'
export {
  ANY_LINE,
  type FieldCondition,
  type LineColumns,
  type LineCondition,
  type LineParser,
  type LogBlock,
  type LogCountAnswer,
  type LogCountRequest,
  type LogCounts,
  type LogSelectRequest,
  type LogSource,
  type NsRange,
  type NumberCondition,
  type SelectedStream,
} from './log-source.ts'
export {
  evaluateLogs,
  evaluateMetric,
  type LogqlExpr,
  type LogResultStream,
  logSelectionsOf,
  type MetricResult,
  parseLogql,
  parseStreamSelector,
  prettifyLogql,
  type QueryStatistics,
} from './logql/index.ts'
export {
  createMemoryLogScriptStore,
  type LogScriptStore,
  runLogqlScript,
  type ScriptStream,
} from './logql-script/index.ts'
export type { LogVolumeRequest, LogVolumeSource, StreamVolume } from './log-volume-source.ts'
export { compileMatchers, matchesEmpty } from './matchers.ts'
export type {
  BucketRequest,
  HistogramSamples,
  MetricMetadata,
  MetricSource,
  NamesRequest,
  SelectRequest,
  SeriesBuckets,
  SeriesSamples,
} from './metric-source.ts'
export { piecesOf } from './metric-source.ts'
export {
  type ApiBucket,
  apiBuckets,
  bucketsFromSpans,
  type FloatHistogram,
  hintAfter,
  type ResetHint,
  spansOf,
} from './promql/histogram/index.ts'
export {
  createMemoryScriptStore,
  runScript,
  type ScriptCase,
  type ScriptPoint,
  type ScriptSeries,
  type ScriptStore,
} from './promql-script/index.ts'
export {
  type CacheCounts,
  evaluateInstant,
  evaluateRange,
  evaluateRangeCached,
  type Expr,
  latestLookMs,
  listFeatures,
  NO_FEATURES,
  parsePromql,
  parseSelector,
  prettifyExpr,
  type PromqlFeatures,
  type QueryData,
  type QueryPlan,
  type QueryResult,
  ResultsCache,
  selectorsOf,
  treeOfExpr,
  TYPE_WORDS,
} from './promql/index.ts'
export { LATE_AFTER_MS, type LateArrival, type LateSamples } from './late-samples.ts'
export type {
  EntityRef,
  Operation,
  ServiceLink,
  ServiceSource,
  TraceOverview,
  TraceQuery,
  WholeSpan,
  WholeSpanEvent,
  WholeSpanLink,
} from './service-source.ts'
export type {
  SpanComparison,
  SpanConstant,
  SpanLevel,
  SpanOperand,
  SpanPredicate,
  SpanTextField,
  SpanTimeField,
} from './span-predicate.ts'
export {
  BUCKET_FACTS,
  type BucketFact,
  type Buckets,
  bucketsOf,
  coarserBuckets,
  concatBuckets,
  mergeBuckets,
  newBuckets,
  type RollupSizeMs,
  ROLLUP_SIZES_MS,
} from './rollups/index.ts'
export { clampTimeMs } from './time-bounds.ts'
export type { SpanNeed, TraceNeed } from './span-need.ts'
export type {
  Attributes,
  AttributeValue,
  CandidatesRequest,
  Span,
  SpanCount,
  SpanCountRequest,
  SpanEvent,
  SpanLink,
  SpanParts,
  SpansRequest,
  TagRequest,
  TagScope,
  TraceSource,
} from './trace-source.ts'
export {
  createMemoryTraceStore,
  runTraceScript,
  type TraceScriptCase,
  type TraceScriptStore,
} from './traceql-script/index.ts'
export {
  evaluateTraceMetrics,
  type Field as TraceqlField,
  formatValue as formatTraceqlValue,
  type FoundSpan,
  type FoundSpanset,
  type FoundTrace,
  type MetricsExemplar,
  type MetricsGrid,
  type NamedValue,
  needOfSpan,
  parseField as parseTraceqlField,
  parseTags,
  parseTraceql,
  printField as printTraceqlField,
  printTraceql,
  searchTraces,
  type TraceqlLimits,
  type TraceqlQuery,
  type TraceqlSeries,
  type TraceqlValue,
} from './traceql/index.ts'
