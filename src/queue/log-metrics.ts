import type { Counter, Histogram, Metrics } from '../core/index.ts'

const SYNC_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5]

export interface LogMetrics {
  readonly appendedRecords: Counter
  readonly appendedBytes: Counter
  /** By the code of the error. */
  readonly refused: Counter<'code'>
  readonly dropped: Counter
  readonly damaged: Counter
  readonly syncSeconds: Histogram
}

/** What the gauges show, asked when they are read. */
export interface LogLevels {
  readonly bytes: number
  readonly limitBytes: number
  readonly records: number
  readonly segments: number
  readonly pendingBytes: number
}

export function createLogMetrics(metrics: Metrics, levels: () => LogLevels): LogMetrics {
  const gauge = (name: string, help: string, read: (levels: LogLevels) => number): void => {
    const made = metrics.gauge(name, help, [], () => {
      made.set(read(levels()))
    })
  }
  gauge('fleetglass_log_bytes', 'Bytes that the durable log takes on disk.', ({ bytes }) => bytes)
  gauge('fleetglass_log_limit_bytes', 'Bytes that the durable log may take.', ({ limitBytes }) => limitBytes)
  gauge('fleetglass_log_records', 'Records in the durable log.', ({ records }) => records)
  gauge('fleetglass_log_segments', 'Segment files of the durable log.', ({ segments }) => segments)
  gauge('fleetglass_log_pending_bytes', 'Bytes that wait for the next sync.', ({ pendingBytes }) => pendingBytes)
  return {
    appendedRecords: metrics.counter('fleetglass_log_appended_records_total', 'Records appended and synced.'),
    appendedBytes: metrics.counter('fleetglass_log_appended_bytes_total', 'Bytes appended and synced.'),
    refused: metrics.counter('fleetglass_log_refused_total', 'Appends that failed, by error code.', ['code']),
    dropped: metrics.counter('fleetglass_log_dropped_records_total', 'Unread records deleted at the size limit.'),
    damaged: metrics.counter('fleetglass_log_damaged_records_total', 'Records found damaged when the log was opened.'),
    syncSeconds: metrics.histogram('fleetglass_log_sync_seconds', 'Time to write and sync a group.', SYNC_BUCKETS),
  }
}
