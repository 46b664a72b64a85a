import type { Counter, Gauge, Histogram, Metrics } from '../../../core/index.ts'

export interface SpanMetricsMeters {
  readonly spans: Counter<'source_cluster'>
  readonly series: Gauge<'source_cluster'>
  readonly overflowed: Counter<'source_cluster'>
  readonly requests: Counter<'outcome'>
  readonly pending: Gauge
  readonly notCounted: Counter<'reason'>
  readonly flushSeconds: Histogram
  readonly failedFlushes: Counter
}

export function createMeters(metrics: Metrics): SpanMetricsMeters {
  return {
    spans: metrics.counter('fleetglass_span_metrics_spans_total', 'Spans counted in derived series.', [
      'source_cluster',
    ]),
    series: metrics.gauge('fleetglass_span_metrics_series', 'Series derived from spans, by cluster.', [
      'source_cluster',
    ]),
    overflowed: metrics.counter(
      'fleetglass_span_metrics_overflow_total',
      'Spans and requests counted without series of their own, because their cluster has too many.',
      ['source_cluster'],
    ),
    requests: metrics.counter(
      'fleetglass_span_metrics_requests_total',
      'Requests between services: paired, virtual (one side sends no spans); and single sides: unpaired, dropped.',
      ['outcome'],
    ),
    pending: metrics.gauge('fleetglass_span_metrics_pending', 'Sides of requests that wait for their other side.'),
    notCounted: metrics.counter(
      'fleetglass_span_metrics_not_counted_total',
      'Spans that no series were derived from: given up with the backlog, missing in the log, or undecodable.',
      ['reason'],
    ),
    flushSeconds: metrics.histogram(
      'fleetglass_span_metrics_flush_seconds',
      'How long it took to render all series.',
      [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5],
    ),
    failedFlushes: metrics.counter(
      'fleetglass_span_metrics_failed_flushes_total',
      'Times that series could not be appended to the log; they come with the next try.',
    ),
  }
}
