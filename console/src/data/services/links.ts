import type { ServiceNode } from './graph.ts'
import { anyOf } from './queries.ts'

const SERVED = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'
const quote = (text: string): string => JSON.stringify(text)

/** The TraceQL condition for spans of this service in its cluster. */
function conditionOf({ name, cluster }: Pick<ServiceNode, 'name' | 'cluster'>): string {
  const service = `resource.service.name = ${quote(name)}`
  return cluster === '' ? service : `${service} && resource.k8s.cluster.name = ${quote(cluster)}`
}

/** Where a client's span names whom it asks. */
const PEERS = [
  'span.peer.service',
  'span.server.address',
  'span.db.namespace',
  'span.db.name',
  'span.db.system.name',
  'span.db.system',
]

/** The TraceQL search for the spans of an edge on the side that was asked, with one more condition on them if not empty. */
export function edgeTraces(from: ServiceNode, to: ServiceNode, condition: string): string {
  const more = condition === '' ? '' : ` && ${condition}`
  if (from.kind === 'caller')
    return `{ ${conditionOf(to)} && trace:rootService = ${quote(to.name)} && kind = server${more} }`
  if (to.kind === 'store' || to.kind === 'outside') {
    const peers = PEERS.map((attribute) => `${attribute} = ${quote(to.name)}`).join(' || ')
    return `{ ${conditionOf(from)} && (${peers})${more} }`
  }
  return `{ ${conditionOf(from)} } > { ${conditionOf(to)}${more} }`
}

/** The same for requests that failed: either side may say so. */
export function failedEdgeTraces(from: ServiceNode, to: ServiceNode): string {
  const failed = 'status = error'
  const asked = edgeTraces(from, to, failed)
  if (from.kind === 'caller' || to.kind !== 'service') return asked
  return `(${asked}) || ({ ${conditionOf(from)} && ${failed} } > { ${conditionOf(to)} })`
}

/** The TraceQL search for what a service did; for who sends no spans, what was asked of it. */
export function serviceTraces(node: ServiceNode, onlyFailed: boolean): string {
  const failed = onlyFailed ? ' && status = error' : ''
  if (node.kind === 'store' || node.kind === 'outside') {
    const peers = PEERS.map((attribute) => `${attribute} = ${quote(node.name)}`).join(' || ')
    return `{ (${peers})${failed} }`
  }
  return node.kind === 'caller' ? '{ nestedSetParent < 0 }' : `{ ${conditionOf(node)}${failed} }`
}

/** The lines of these services where they run; undefined where none of them writes any. */
export function serviceLogs(nodes: readonly ServiceNode[]): string | undefined {
  const own = nodes.filter(({ kind }) => kind === 'service')
  if (own.length === 0) return undefined
  const unique = (values: readonly string[]): readonly string[] => [...new Set(values)]
  const services = anyOf('service_name', unique(own.map(({ name }) => name)))
  return `{${services}, ${anyOf('cluster', unique(own.map(({ cluster }) => cluster)))}}`
}

/** Rate, failures and 95th percentile of an edge as three queries of Explore. */
export function edgeMetrics(from: ServiceNode, to: ServiceNode): readonly string[] {
  const matchers = [
    `client=${quote(from.name)}`,
    ...(from.cluster === '' ? [] : [`client_cluster=${quote(from.cluster)}`]),
    `server=${quote(to.name)}`,
    ...(to.cluster === '' || to.kind === 'store' ? [] : [`server_cluster=${quote(to.cluster)}`]),
  ].join(', ')
  const side = to.kind === 'service' ? 'server' : 'client'
  return [
    `sum(rate(traces_service_graph_request_total{${matchers}}[5m]))`,
    `sum(rate(traces_service_graph_request_failed_total{${matchers}}[5m]))`,
    `histogram_quantile(0.95, sum by (le) (rate(traces_service_graph_request_${side}_seconds_bucket{${matchers}}[5m])))`,
  ]
}

/** The same of a service, by operation. */
export function serviceMetrics(node: ServiceNode): readonly string[] {
  if (node.kind !== 'service') {
    const end = node.kind === 'caller' ? 'client' : 'server'
    return [`sum by (client, server) (rate(traces_service_graph_request_total{${end}=${quote(node.name)}}[5m]))`]
  }
  const own = `service=${quote(node.name)}, cluster=${quote(node.cluster)}, span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"`
  return [
    `sum by (span_name) (rate(traces_spanmetrics_calls_total{${own}}[5m]))`,
    `sum by (span_name) (rate(traces_spanmetrics_calls_total{${own}, status_code="STATUS_CODE_ERROR"}[5m]))`,
    `histogram_quantile(0.95, sum by (le, span_name) (rate(traces_spanmetrics_latency_bucket{${own}}[5m])))`,
  ]
}

/** What Compare asks about a service, or one of its operations: the 95th percentile, without naming a cluster. */
export function compareQuery(service?: string, operation?: string): string {
  if (service === undefined)
    return `histogram_quantile(0.95, sum by (le, service) (rate(traces_spanmetrics_latency_bucket{${SERVED}}[5m])))`
  const own = `service=${quote(service)}${operation === undefined ? '' : `, span_name=${quote(operation)}`}`
  return `histogram_quantile(0.95, sum by (le, span_name) (rate(traces_spanmetrics_latency_bucket{${own}}[5m])))`
}

interface Place {
  readonly cluster: string
  readonly environment: string
  readonly region: string
}

/**
 * With what a cluster is compared: the one of the same region in staging, or in production for one of staging; else
 * all of that environment. Undefined where the fleet has no such environment.
 */
export function counterpartOf(
  cluster: string,
  fleet: readonly Place[],
): { readonly side: string; readonly words: string } | undefined {
  const own = fleet.find((one) => one.cluster === cluster)
  if (own === undefined) return undefined
  const wanted = own.environment === 'stg' ? 'prd' : 'stg'
  const others = fleet.filter(({ environment }) => environment === wanted)
  if (others.length === 0) return undefined
  const twin = others.find(({ region }) => region === own.region) ?? (others.length === 1 ? others[0] : undefined)
  return { side: twin === undefined ? `env:${wanted}` : `cluster:${twin.cluster}`, words: wanted }
}
