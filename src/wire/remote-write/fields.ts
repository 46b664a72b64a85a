/**
 * Field numbers of `io.prometheus.write.v2.Request` (remote write 2.0-rc.4, `prompb/io/prometheus/write/v2/types.proto`).
 * The start timestamp stands on the sample; field 6 of TimeSeries, where it once was, is reserved.
 */
export const REQUEST = { symbols: 4, timeseries: 5 } as const

export const TIME_SERIES = { labelsRefs: 1, samples: 2, histograms: 3, exemplars: 4, metadata: 5 } as const

export const SAMPLE = { value: 1, timestamp: 2, startTimestamp: 3 } as const

export const EXEMPLAR = { labelsRefs: 1, value: 2, timestamp: 3 } as const

export const METADATA = { type: 1, helpRef: 3, unitRef: 4 } as const

export const HISTOGRAM = {
  countInt: 1,
  countFloat: 2,
  sum: 3,
  schema: 4,
  zeroThreshold: 5,
  zeroCountInt: 6,
  zeroCountFloat: 7,
  negativeSpans: 8,
  negativeDeltas: 9,
  negativeCounts: 10,
  positiveSpans: 11,
  positiveDeltas: 12,
  positiveCounts: 13,
  resetHint: 14,
  timestamp: 15,
  customValues: 16,
  startTimestamp: 17,
} as const

/**
 * Field numbers of `prometheus.WriteRequest` (remote write 1.0, `prompb/remote.proto` and `prompb/types.proto`). Its
 * Sample and Histogram are the first fields of those above.
 */
export const REQUEST_1 = { timeseries: 1, metadata: 3 } as const

export const TIME_SERIES_1 = { labels: 1, samples: 2, exemplars: 3, histograms: 4 } as const

export const LABEL_1 = { name: 1, value: 2 } as const

export const EXEMPLAR_1 = { labels: 1, value: 2, timestamp: 3 } as const

export const METADATA_1 = { type: 1, familyName: 2, help: 4, unit: 5 } as const

export const BUCKET_SPAN = { offset: 1, length: 2 } as const
