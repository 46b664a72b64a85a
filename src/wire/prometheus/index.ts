export {
  addHistograms,
  type BucketSpans,
  type DenseBuckets,
  type ExponentialHistogram,
  isStorable,
  MAX_SCALE,
  MIN_SCALE,
  NO_BUCKETS,
  NO_DENSE_BUCKETS,
  rescale,
  toSpans,
} from './exponential.ts'
export { formatBound } from './format-bound.ts'
export { type NameStrategy, type OtlpMetricKind, toLabelName, toMetricName, toMetricUnit } from './metric-names.ts'
export { seriesToOtlp, type TranslatedSeries } from './series-to-otlp.ts'
export { OtlpToSeries } from './otlp-to-series.ts'
export type { WrittenSeries } from './pending-series.ts'
export { DEFAULT_PROMOTED_ATTRIBUTES } from './promoted-attributes.ts'
