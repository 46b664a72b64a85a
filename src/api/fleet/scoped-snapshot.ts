import type { Principal } from '../../access/index.ts'
import type { FleetSnapshot } from '../../contract/index.ts'

/**
 * What of the fleet a caller may see: the clusters in their scope and what happened to those. Refused connections
 * belong to no cluster, and destinations to all; who may not see every tenant may not see them either.
 */
export function scopeSnapshot(snapshot: FleetSnapshot, { scope }: Principal): FleetSnapshot {
  if (scope.tenants === 'all' && scope.clusters === undefined) return snapshot
  const clusters = snapshot.clusters.filter(
    ({ tenant, cluster }) =>
      (scope.tenants === 'all' || scope.tenants.includes(tenant)) &&
      (scope.clusters === undefined || scope.clusters.includes(cluster)),
  )
  const visible = new Set(clusters.map(({ cluster }) => cluster))
  return {
    ...snapshot,
    clusters,
    events: snapshot.events.filter(({ cluster }) => visible.has(cluster)),
    // What is sent on is counted over all tenants.
    destinations: [],
    refusals: { total: {}, recent: [] },
  }
}
