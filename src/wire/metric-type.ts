/**
 * The types of metric families, by OpenMetrics' words. The index is the number of the type in remote write 2.0
 * (`Metadata.MetricType`); `unknown` is what the text format 0.0.4 calls `untyped`.
 */
export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const

export type MetricType = (typeof METRIC_TYPES)[number]
