import type { ClusterSnapshot, FleetSnapshot } from '../../contract/index.ts'
import { formatBytes, formatDuration, formatRate } from '../format.ts'
import { renderTable } from '../table.ts'

/** The live status of `up`: one line a cluster, then what is wrong, in words. */
export function renderFleet(snapshot: FleetSnapshot): string {
  const table = renderTable(
    [
      { title: 'Cluster' },
      { title: 'Status' },
      { title: 'Connected', align: 'right' },
      { title: 'Metrics', align: 'right' },
      { title: 'Logs', align: 'right' },
      { title: 'Spans', align: 'right' },
      { title: 'Lag p50', align: 'right' },
      { title: 'Queue', align: 'right' },
    ],
    snapshot.clusters.map(row),
  )
  const reasons = snapshot.clusters.flatMap((cluster) =>
    cluster.reason === undefined ? [] : [`${cluster.cluster}: ${cluster.reason}`],
  )
  return [table, ...reasons].join('\n')
}

function row(c: ClusterSnapshot): string[] {
  return [
    c.cluster,
    c.status,
    `${c.edges.filter(({ connected }) => connected).length}/${c.edges.length}`,
    formatRate(c.rates.metrics),
    formatRate(c.rates.logs),
    formatRate(c.rates.traces),
    lag(c),
    queue(c),
  ]
}

function lag(c: ClusterSnapshot): string {
  return c.lag === undefined ? 'unknown' : formatDuration(c.lag.p50Ms)
}

function queue(c: ClusterSnapshot): string {
  return c.queue === undefined ? 'unknown' : formatBytes(c.queue.bytes)
}
