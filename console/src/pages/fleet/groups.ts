import type { ClusterSnapshot, ClusterStatus } from '../../data/fleet-client.ts'

export interface EnvironmentGroup {
  readonly environment: string
  readonly name: string
  readonly clusters: readonly ClusterSnapshot[]
}

/** The order in which environments stand, most important first; others follow by name. */
const ENVIRONMENTS: Readonly<Record<string, string>> = {
  prd: 'Production',
  stg: 'Staging',
  dev: 'Development',
  ops: 'Operations',
}

/** Clusters by environment; inside, by name. The order never depends on status: places are remembered. */
export function groupByEnvironment(clusters: readonly ClusterSnapshot[]): readonly EnvironmentGroup[] {
  const known = Object.keys(ENVIRONMENTS)
  const rank = (environment: string): number => {
    const at = known.indexOf(environment)
    return at < 0 ? known.length : at
  }
  const environments = [...new Set(clusters.map(({ environment }) => environment))].sort(
    (a, b) => rank(a) - rank(b) || a.localeCompare(b),
  )
  return environments.map((environment) => ({
    environment,
    name: ENVIRONMENTS[environment] ?? environment,
    clusters: clusters
      .filter((cluster) => cluster.environment === environment)
      .sort((a, b) => a.cluster.localeCompare(b.cluster)),
  }))
}

export interface Totals {
  readonly metrics: number
  readonly logs: number
  readonly traces: number
  readonly rejectedPerSecond: number
}

export function sumRates(clusters: readonly ClusterSnapshot[]): Totals {
  const sum = (pick: (cluster: ClusterSnapshot) => number): number =>
    clusters.reduce((total, cluster) => total + pick(cluster), 0)
  return {
    metrics: sum(({ rates }) => rates.metrics),
    logs: sum(({ rates }) => rates.logs),
    traces: sum(({ rates }) => rates.traces),
    rejectedPerSecond: sum(({ rejected }) => rejected.perSecond),
  }
}

export function countByStatus(clusters: readonly ClusterSnapshot[]): Readonly<Record<ClusterStatus, number>> {
  const counts: Record<ClusterStatus, number> = { healthy: 0, degraded: 0, silent: 0, 'cut-off': 0, unknown: 0 }
  for (const { status } of clusters) counts[status] += 1
  return counts
}

/** The histories of all clusters added up; null where no cluster has a value. */
export function sumHistory(
  clusters: readonly ClusterSnapshot[],
  signal: 'metrics' | 'logs' | 'traces',
): readonly (number | null)[] {
  const length = Math.max(0, ...clusters.map(({ history }) => history[signal].length))
  return Array.from({ length }, (_, index) => {
    const known = clusters
      .map(({ history }) => history[signal][history[signal].length - length + index])
      .filter((value) => value !== null && value !== undefined)
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0)
  })
}

/** The longest of each; undefined when no cluster has stored anything lately. */
export function worstLag(
  clusters: readonly ClusterSnapshot[],
): { readonly p50Ms: number; readonly p99Ms: number } | undefined {
  const lags = clusters.flatMap(({ lag }) => (lag === undefined ? [] : [lag]))
  if (lags.length === 0) return undefined
  return {
    p50Ms: Math.max(...lags.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...lags.map(({ p99Ms }) => p99Ms)),
  }
}
