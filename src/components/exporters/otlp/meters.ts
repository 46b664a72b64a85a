import type { Counter, Gauge, Metrics } from '../../../core/index.ts'

/** What the exporter counts about itself. */
export interface OtlpExporterMeters {
  readonly sentItems: Counter<'signal'>
  /** Before compression. */
  readonly sentBytes: Counter<'signal'>
  /** Answers by gRPC code, `ok` and `partly_stored` among them. */
  readonly answers: Counter<'code'>
  /** Records given up, by why: `refused` by the hub, `damaged` on disk. */
  readonly deadRecords: Counter<'reason'>
  /** Items of a request that the hub says it took in part. */
  readonly rejectedItems: Counter<'signal'>
  readonly lastSuccess: Gauge
}

export function createOtlpExporterMeters(metrics: Metrics, inFlight: () => number): OtlpExporterMeters {
  const name = (rest: string): string => `fleetglass_otlp_exporter_${rest}`
  const inFlightRequests = metrics.gauge(name('in_flight_requests'), 'Requests to the hub under way.', [], () => {
    inFlightRequests.set(inFlight())
  })
  return {
    sentItems: metrics.counter(name('sent_items_total'), 'Points, log records and spans the hub has stored.', [
      'signal',
    ]),
    sentBytes: metrics.counter(name('sent_bytes_total'), 'Bytes the hub has stored.', ['signal']),
    answers: metrics.counter(name('answers_total'), 'Answers to requests, by gRPC code.', ['code']),
    deadRecords: metrics.counter(name('dead_records_total'), 'Records given up.', ['reason']),
    rejectedItems: metrics.counter(name('rejected_items_total'), 'Items that the hub rejected.', ['signal']),
    lastSuccess: metrics.gauge(name('last_success_timestamp_seconds'), 'When the hub last took something.'),
  }
}
