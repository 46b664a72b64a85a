import type { Counter, Metrics } from '../../../core/index.ts'

/** What the receiver counts about itself. */
export interface OtlpMeters {
  /** Data points, log records and spans that were taken over. */
  readonly acceptedItems: Counter<'signal' | 'source_cluster'>
  readonly acceptedBytes: Counter<'signal' | 'source_cluster'>
  /** Requests over gRPC by how they ended: `ok`, or the error's code. */
  readonly requests: Counter<'code'>
  /** Connections and requests of senders that are not let in, by reason. */
  readonly refusals: Counter<'reason'>
  /** Batch ids that were not believed, because they are malformed or of another cluster's edge. */
  readonly ignoredIds: Counter<'source_cluster'>
}

export function createOtlpMeters(metrics: Metrics): OtlpMeters {
  const name = (rest: string): string => `fleetglass_otlp_receiver_${rest}`
  const bySource = ['signal', 'source_cluster'] as const
  return {
    acceptedItems: metrics.counter(name('accepted_items_total'), 'Points, log records and spans taken over.', bySource),
    acceptedBytes: metrics.counter(name('accepted_bytes_total'), 'Bytes taken over, after decompression.', bySource),
    requests: metrics.counter(name('grpc_requests_total'), 'Requests over gRPC by how they ended.', ['code']),
    refusals: metrics.counter(name('refusals_total'), 'Connections and requests not let in.', ['reason']),
    ignoredIds: metrics.counter(name('ignored_batch_ids_total'), 'Batch ids that were not believed.', [
      'source_cluster',
    ]),
  }
}
