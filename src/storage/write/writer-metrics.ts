import type { Counter, Histogram, Metrics } from '../../core/index.ts'
import type { Transcoder } from './transcoder.ts'

/** The store writer's own metrics. */
export interface WriterMetrics {
  readonly rows: Counter<'table'>
  readonly rejected: Counter<'source_cluster' | 'signal' | 'reason'>
  readonly flushSeconds: Histogram<'stage'>
  readonly lagSeconds: Histogram<'signal'>
  readonly failures: Counter<'code'>
}

const FLUSH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const LAG_SECONDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400]

/** `transcoder` tells the present one, whose running totals are measured. */
export function createWriterMetrics(metrics: Metrics, transcoder: () => Transcoder): WriterMetrics {
  const totals = metrics.gauge('fleetglass_store_delta_series', 'Series of which a running total is kept.', [], () => {
    totals.set(transcoder().totals.series)
  })
  const dropped = metrics.gauge(
    'fleetglass_store_delta_series_dropped',
    'Running totals dropped for want of room; their series begin anew at zero.',
    [],
    () => {
      dropped.set(transcoder().totals.dropped)
    },
  )
  return {
    rows: metrics.counter('fleetglass_store_rows_total', 'Rows inserted.', ['table']),
    rejected: metrics.counter('fleetglass_store_rejected_items_total', 'Items that could not become rows.', [
      'source_cluster',
      'signal',
      'reason',
    ]),
    flushSeconds: metrics.histogram(
      'fleetglass_store_flush_seconds',
      'Time a flush spends in a stage.',
      FLUSH_SECONDS,
      ['stage'],
    ),
    lagSeconds: metrics.histogram(
      'fleetglass_store_lag_seconds',
      'From when a batch was collected until it could be queried.',
      LAG_SECONDS,
      ['signal'],
    ),
    failures: metrics.counter('fleetglass_store_insert_failures_total', 'Failed attempts to insert.', ['code']),
  }
}
