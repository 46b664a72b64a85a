import type { ClusterSnapshot } from '../../../data/fleet-client.ts'

/** A healthy cluster with the given differences. */
export function makeCluster(cluster: string, differences: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    cluster,
    environment: 'dev',
    region: 'uaenorth',
    clusterType: 'workload',
    tenant: 'dev',
    status: 'healthy',
    sinceMs: 0,
    rates: { metrics: 0, logs: 0, traces: 0 },
    history: { startMs: 0, stepMs: 30_000, metrics: [], logs: [], traces: [], lagP50Ms: [], lagP99Ms: [] },
    rejected: { perSecond: 0, total: {}, recent: [] },
    overwritten: 0,
    ledger: {
      accepted: 0,
      stored: 0,
      forwardedOnly: 0,
      rejected: 0,
      queued: 0,
      deduplicated: 0,
      difference: 0,
      balanced: true,
    },
    deadLetters: 0,
    sends: [],
    edges: [],
    heardAtMs: 0,
    ...differences,
  }
}
