export {
  ANY,
  type AnyValue,
  formatDouble,
  readAnyValue,
  readKeyValue,
  toOtlpJson,
  toPlainJson,
  toPlainText,
} from './any-value.ts'
export type { AttributeMap } from './attributes.ts'
export { flattenAttributes, type FlatValue } from './flatten.ts'
export type { ReadResource, ReadScope } from './items.ts'
export { type ReadLog, type ReadLogRecord, readLogs } from './logs.ts'
export {
  hasNoValue,
  type ReadBuckets,
  type ReadExemplar,
  type ReadExponentialPoint,
  type ReadHistogramPoint,
  type ReadNumberPoint,
  type ReadSummaryPoint,
} from './metric-points.ts'
export { type ReadMetric, type ReadMetricPoint, readMetricPoints, type Temporality } from './metrics.ts'
export { type ReadSpan, type ReadSpanEvent, type ReadSpanLink, type ReadSpanRecord, readSpans } from './spans.ts'
