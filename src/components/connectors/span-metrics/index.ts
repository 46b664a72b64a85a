export { SPAN_METRICS } from './checkpoint.ts'
export { createSpanMetrics, type SpanMetricsConnector, type SpanMetricsOptions } from './connector.ts'
