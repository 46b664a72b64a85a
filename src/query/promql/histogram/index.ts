export {
  addHistograms,
  type Combination,
  divideHistogram,
  scaleHistogram,
  subtractHistograms,
} from './arithmetic.ts'
export { toSchema } from './align.ts'
export { type Buckets, bucketsFromSpans, bucketsOf, spansOf } from './buckets.ts'
export {
  compact,
  CUSTOM_SCHEMA,
  EMPTY_HISTOGRAM,
  equalHistograms,
  type FloatHistogram,
  hasCustomBounds,
  type ResetHint,
  sameBounds,
  withHint,
} from './float-histogram.ts'
export { HistogramSum } from './histogram-sum.ts'
export { histogramFraction, histogramQuantile, type NanEffect } from './quantile.ts'
export { hintAfter, isReset } from './reset.ts'
export { type ApiBucket, apiBuckets, formatHistogram } from './text.ts'
export { trimHistogram } from './trim.ts'
export { histogramVariance } from './variance.ts'
