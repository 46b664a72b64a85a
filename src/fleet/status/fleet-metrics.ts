import type { Clock, Counter, Metrics } from '../../core/index.ts'
import { type ClusterStatus, clusterStatusSchema } from '../../contract/index.ts'
import type { ClusterState } from './cluster-state.ts'

/** The fleet in the hub's own metrics, so that rules can watch it: a cluster that says nothing is a series too. */
export interface FleetMetrics {
  readonly acceptedItems: Counter<'source_cluster' | 'signal'>
  readonly acceptedBytes: Counter<'source_cluster' | 'signal'>
  readonly storedItems: Counter<'source_cluster' | 'signal'>
  readonly rejectedItems: Counter<'source_cluster' | 'reason'>
  readonly overwrittenItems: Counter<'source_cluster'>
  readonly refusals: Counter<'reason'>
}

export interface FleetMetricsOptions {
  readonly metrics: Metrics
  readonly clock: Clock
  readonly clusters: readonly ClusterState[]
  /** Brings the clusters' statuses up to now. */
  readonly refresh: () => void
}

export function createFleetMetrics(options: FleetMetricsOptions): FleetMetrics {
  const { metrics } = options
  registerGauges(options)
  const bySignal = ['source_cluster', 'signal'] as const
  return {
    acceptedItems: metrics.counter('fleetglass_fleet_accepted_items_total', 'Items taken into the log.', bySignal),
    acceptedBytes: metrics.counter('fleetglass_fleet_accepted_bytes_total', 'Payload bytes taken in.', bySignal),
    storedItems: metrics.counter('fleetglass_fleet_stored_items_total', 'Items stored and queryable.', bySignal),
    rejectedItems: metrics.counter('fleetglass_fleet_rejected_items_total', 'Items refused, by reason.', [
      'source_cluster',
      'reason',
    ]),
    overwrittenItems: metrics.counter(
      'fleetglass_fleet_overwritten_items_total',
      'Labels that claimed another identity and were overwritten.',
      ['source_cluster'],
    ),
    refusals: metrics.counter('fleetglass_fleet_refusals_total', 'Connections and requests refused, by reason.', [
      'reason',
    ]),
  }
}

function registerGauges({ metrics, clock, clusters, refresh }: FleetMetricsOptions): void {
  const perCluster = (name: string, help: string, read: (cluster: ClusterState) => number | undefined): void => {
    const gauge = metrics.gauge(name, help, ['source_cluster'], () => {
      for (const cluster of clusters) {
        const value = read(cluster)
        if (value !== undefined) gauge.set({ source_cluster: cluster.identity.cluster }, value)
      }
    })
  }
  perCluster('fleetglass_fleet_heard_timestamp_seconds', 'When a batch or report last came.', ({ heardAtMs }) =>
    heardAtMs === undefined ? undefined : heardAtMs / 1_000,
  )
  perCluster(
    'fleetglass_fleet_certificate_not_after_seconds',
    'The end of the certificate last presented.',
    (cluster) => {
      const certificate = cluster.certificate(clock.now())
      return certificate === undefined ? undefined : certificate.notAfterMs / 1_000
    },
  )
  perCluster('fleetglass_fleet_edge_queue_bytes', 'What waits on the edges, as they last reported.', (cluster) =>
    cluster.queueBytes(),
  )
  const status = metrics.gauge(
    'fleetglass_fleet_cluster_status',
    'Whether the cluster has this status: 1 or 0.',
    ['source_cluster', 'status'],
    () => {
      refresh()
      for (const cluster of clusters) {
        for (const name of clusterStatusSchema.options satisfies readonly ClusterStatus[]) {
          status.set({ source_cluster: cluster.identity.cluster, status: name }, cluster.status === name ? 1 : 0)
        }
      }
    },
  )
}
