export type { LineFilter, LogLine, LogSelectRequest, LogSource, LogStream } from './log-source.ts'
export type { MetricMetadata, MetricSource, NamesRequest, SelectRequest, SeriesSamples } from './metric-source.ts'
export type {
  Attributes,
  AttributeValue,
  Span,
  SpanCondition,
  SpanEvent,
  SpanLink,
  TraceSearchRequest,
  TraceSource,
  TraceSummary,
} from './trace-source.ts'
