import type { Counter, Gauge, Metrics } from '../../../core/index.ts'

/** What the file receivers count about themselves. Made once, shared by all of them, told apart by `receiver`. */
export interface FilelogMeters {
  readonly records: Counter<'receiver'>
  readonly readBytes: Counter<'receiver'>
  /** `truncated`, `malformed`, `invalid_utf8`, `unfinished`: records that were passed on, but not as they were meant. */
  readonly blemishes: Counter<'receiver' | 'kind'>
  /** `rotated`, `truncated`, `deleted`, `recovered`. */
  readonly fileEvents: Counter<'receiver' | 'event'>
  /** Files gone before they were read to their end. */
  readonly lostFiles: Counter<'receiver'>
  /** Records that the pipeline refused for good, by the error's code. */
  readonly droppedRecords: Counter<'receiver' | 'code'>
  /** Batches that the pipeline refused for now. */
  readonly refusals: Counter<'receiver' | 'code'>
  readonly errors: Counter<'receiver' | 'operation'>
  /** `open`: held open; `closed`: quiet, closed to save descriptors; `rotated`: open although renamed or deleted. */
  readonly files: Gauge<'receiver' | 'state'>
  /** Bytes on disk that are not read yet. */
  readonly lagBytes: Gauge<'receiver'>
}

export function createFilelogMeters(metrics: Metrics): FilelogMeters {
  const name = (rest: string): string => `fleetglass_filelog_${rest}`
  return {
    records: metrics.counter(name('records_total'), 'Log records read from files and accepted.', ['receiver']),
    readBytes: metrics.counter(name('read_bytes_total'), 'Bytes of lines read from files.', ['receiver']),
    blemishes: metrics.counter(name('blemishes_total'), 'Records passed on cut, unparsed or repaired.', [
      'receiver',
      'kind',
    ]),
    fileEvents: metrics.counter(name('file_events_total'), 'What happened to tailed files.', ['receiver', 'event']),
    lostFiles: metrics.counter(name('lost_files_total'), 'Files gone before they were read to their end.', [
      'receiver',
    ]),
    droppedRecords: metrics.counter(name('dropped_records_total'), 'Records refused for good by the pipeline.', [
      'receiver',
      'code',
    ]),
    refusals: metrics.counter(name('refusals_total'), 'Batches refused for now by the pipeline.', ['receiver', 'code']),
    errors: metrics.counter(name('errors_total'), 'Failed operations on files.', ['receiver', 'operation']),
    files: metrics.gauge(name('files'), 'Tailed files by state.', ['receiver', 'state']),
    lagBytes: metrics.gauge(name('lag_bytes'), 'Bytes on disk that are not read yet.', ['receiver']),
  }
}
