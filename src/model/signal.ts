export const SIGNALS = ['metrics', 'logs', 'traces'] as const
export type Signal = (typeof SIGNALS)[number]

/**
 * The wire form of a batch's payload: an OTLP `Export…ServiceRequest` (which equals `MetricsData`, `LogsData`,
 * `TracesData` on the wire), or, for metrics born in Prometheus' form, an `io.prometheus.write.v2.Request`.
 */
export type PayloadFormat = 'otlp' | 'remote-write-2'
