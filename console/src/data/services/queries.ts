import type { Scope } from '../view-state.ts'

const BY = 'client, client_cluster, client_environment, server, server_cluster, server_environment, connection_type'

/** The PromQL behind a service graph over the last `windowS` seconds; each gives a row for who calls whom. */
export function graphQueries(
  scope: Scope,
  windowS: number,
): Readonly<
  Record<'requests' | 'failed' | 'p95Server' | 'p95Client' | 'meanServer' | 'meanClient' | 'p95Node', string>
> {
  const sum = (name: string, by = BY): string => `sum by (${by}) (${rateWithin(name, scope, windowS)})`
  const quantile = (side: 'server' | 'client'): string =>
    `histogram_quantile(0.95, ${sum(`traces_service_graph_request_${side}_seconds_bucket`, `le, ${BY}`)})`
  const mean = (side: 'server' | 'client'): string =>
    `${sum(`traces_service_graph_request_${side}_seconds_sum`)} / ${sum(`traces_service_graph_request_${side}_seconds_count`)}`
  const own = matcherOf(scope, 'cluster', 'environment')
  const spans = `traces_spanmetrics_latency_bucket{${['span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"', ...own].join(', ')}}[${windowS}s]`
  return {
    requests: sum('traces_service_graph_request_total'),
    failed: sum('traces_service_graph_request_failed_total'),
    p95Server: quantile('server'),
    p95Client: quantile('client'),
    meanServer: mean('server'),
    meanClient: mean('client'),
    p95Node: `histogram_quantile(0.95, sum by (le, service, cluster) (rate(${spans})))`,
  }
}

/** A request is within the scope when either of its ends is. */
function rateWithin(name: string, scope: Scope, windowS: number): string {
  const sides = (['client', 'server'] as const).map((side) =>
    matcherOf(scope, `${side}_cluster`, `${side}_environment`).join(', '),
  )
  if (sides[0] === '') return `rate(${name}[${windowS}s])`
  return sides.map((matchers) => `rate(${name}{${matchers}}[${windowS}s])`).join(' or ')
}

function matcherOf({ environments, clusters }: Scope, cluster: string, environment: string): readonly string[] {
  if (clusters.length > 0) return [anyOf(cluster, clusters)]
  return environments.length > 0 ? [anyOf(environment, environments)] : []
}

/** `label=~"a|b"` for any of these values, whatever characters they have. */
export function anyOf(label: string, values: readonly string[]): string {
  const [only] = values
  if (values.length === 1 && only !== undefined) return `${label}=${JSON.stringify(only)}`
  return `${label}=~${JSON.stringify(values.map((value) => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|'))}`
}

const SERVED = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'

/** What the services of one cluster serve: requests by service and outcome, and their 95th percentile in seconds. */
export function clusterServiceQueries(
  cluster: string,
  windowS: number,
): { readonly requests: string; readonly p95: string } {
  const within = `cluster=${JSON.stringify(cluster)}, ${SERVED}`
  return {
    requests: `sum by (service, status_code) (rate(traces_spanmetrics_calls_total{${within}}[${windowS}s]))`,
    p95: `histogram_quantile(0.95, sum by (le, service) (rate(traces_spanmetrics_latency_bucket{${within}}[${windowS}s])))`,
  }
}

/** The operations of one service, as `clusterServiceQueries` has its services. */
export function operationQueries(
  cluster: string,
  service: string,
  windowS: number,
): { readonly requests: string; readonly p95: string } {
  const within = `cluster=${JSON.stringify(cluster)}, service=${JSON.stringify(service)}, ${SERVED}`
  return {
    requests: `sum by (span_name, status_code) (rate(traces_spanmetrics_calls_total{${within}}[${windowS}s]))`,
    p95: `histogram_quantile(0.95, sum by (le, span_name) (rate(traces_spanmetrics_latency_bucket{${within}}[${windowS}s])))`,
  }
}

/** Requests of one edge by the upper bound of their bucket. */
export function edgeBucketQuery(
  ends: {
    readonly client: string
    readonly clientCluster: string
    readonly server: string
    readonly serverCluster: string
  },
  windowS: number,
): string {
  const matchers = [
    `client=${JSON.stringify(ends.client)}`,
    `client_cluster=${JSON.stringify(ends.clientCluster)}`,
    `server=${JSON.stringify(ends.server)}`,
    `server_cluster=${JSON.stringify(ends.serverCluster)}`,
  ].join(', ')
  return `sum by (le) (increase({__name__=~"traces_service_graph_request_(server|client)_seconds_bucket", ${matchers}}[${windowS}s]))`
}
