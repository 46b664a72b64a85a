import type { InstantRow } from '../prometheus/client.ts'

/** `store`: a database; `outside`: somebody who sends no spans; `caller`: who calls from outside. */
export type NodeKind = 'service' | 'store' | 'outside' | 'caller'

export interface ServiceNode {
  /** `cluster/name`; the cluster is empty where nobody knows it. */
  readonly id: string
  readonly name: string
  readonly cluster: string
  readonly environment: string
  readonly kind: NodeKind
  /** Requests per second that come in. */
  readonly requests: number
  readonly failed: number
  /** Seconds; absent where no duration was seen. */
  readonly p95S: number | undefined
}

export interface ServiceEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly isMessaging: boolean
  /** Requests per second. */
  readonly requests: number
  readonly failed: number
  readonly p95S: number | undefined
  /** Mean seconds between the two, where both measured: the client's time without the server's. */
  readonly wireS: number | undefined
}

export interface ServiceGraph {
  readonly nodes: ReadonlyMap<string, ServiceNode>
  readonly edges: readonly ServiceEdge[]
}

/** The answers that a graph is made of; each row has the labels of both ends. */
export interface GraphRows {
  readonly requests: readonly InstantRow[]
  readonly failed: readonly InstantRow[]
  readonly p95Server: readonly InstantRow[]
  readonly p95Client: readonly InstantRow[]
  readonly meanServer: readonly InstantRow[]
  readonly meanClient: readonly InstantRow[]
  /** By service and cluster. */
  readonly p95Node: readonly InstantRow[]
}

/** A share of failed requests above this is worth a colour. */
const FAILS_ABOVE = 0.01

export function isFailing(of: { readonly requests: number; readonly failed: number }): boolean {
  return of.requests > 0 && of.failed / of.requests > FAILS_ABOVE
}

export function failShare(of: { readonly requests: number; readonly failed: number }): number {
  return of.requests > 0 ? of.failed / of.requests : 0
}

interface End {
  readonly name: string
  readonly cluster: string
  readonly environment: string
  readonly kind: NodeKind
}

/** Who calls whom. Ends are in the order of their names, so that the same answers give the same graph. */
export function toServiceGraph(rows: GraphRows): ServiceGraph {
  const failed = valuesByEdge(rows.failed)
  const p95Server = valuesByEdge(rows.p95Server)
  const p95Client = valuesByEdge(rows.p95Client)
  const meanServer = valuesByEdge(rows.meanServer)
  const meanClient = valuesByEdge(rows.meanClient)
  const p95Node = new Map(
    rows.p95Node.map((row) => [nodeId(row.labels['cluster'] ?? '', row.labels['service'] ?? ''), finite(row.value)]),
  )
  const ends = new Map<string, End>()
  const edges: ServiceEdge[] = []
  for (const { labels, value } of rows.requests) {
    const requests = finite(value) ?? 0
    if (requests <= 0) continue
    const key = edgeKey(labels)
    const { client, server } = endsOf(labels)
    const from = keep(ends, client)
    const to = keep(ends, server)
    const atServer = meanServer.get(key)
    const atClient = meanClient.get(key)
    edges.push({
      id: `${from} → ${to}${labels['connection_type'] === 'messaging_system' ? ' by message' : ''}`,
      from,
      to,
      isMessaging: labels['connection_type'] === 'messaging_system',
      requests,
      failed: failed.get(key) ?? 0,
      p95S: p95Server.get(key) ?? p95Client.get(key),
      wireS:
        labels['connection_type'] === '' || labels['connection_type'] === undefined
          ? difference(atClient, atServer)
          : undefined,
    })
  }
  edges.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { nodes: sumNodes(ends, edges, p95Node), edges }
}

function sumNodes(
  ends: ReadonlyMap<string, End>,
  edges: readonly ServiceEdge[],
  p95Node: ReadonlyMap<string, number | undefined>,
): ReadonlyMap<string, ServiceNode> {
  const sums = new Map<string, { requests: number; failed: number; p95S: number | undefined }>()
  for (const { to, requests, failed, p95S } of edges) {
    const sum = sums.get(to) ?? { requests: 0, failed: 0, p95S: undefined }
    sum.requests += requests
    sum.failed += failed
    if (p95S !== undefined) sum.p95S = Math.max(sum.p95S ?? 0, p95S)
    sums.set(to, sum)
  }
  const ids = [...ends.keys()].sort()
  return new Map(
    ids.flatMap((id) => {
      const end = ends.get(id)
      if (end === undefined) return []
      const { requests = 0, failed = 0, p95S } = sums.get(id) ?? {}
      return [[id, { ...end, id, requests, failed, p95S: p95Node.get(id) ?? p95S }]]
    }),
  )
}

export function nodeId(cluster: string, name: string): string {
  return `${cluster}/${name}`
}

function keep(ends: Map<string, End>, end: End): string {
  const id = nodeId(end.cluster, end.name)
  const known = ends.get(id)
  // Who sends spans of its own is a service, whatever somebody else took it for.
  if (known === undefined || (known.kind !== 'service' && end.kind === 'service')) ends.set(id, end)
  return id
}

function endsOf(labels: Readonly<Record<string, string>>): { readonly client: End; readonly server: End } {
  const clientCluster = labels['client_cluster'] ?? ''
  const serverCluster = labels['server_cluster'] ?? ''
  const type = labels['connection_type'] ?? ''
  const client: End = {
    name: labels['client'] ?? '',
    cluster: clientCluster,
    environment: labels['client_environment'] ?? '',
    kind: clientCluster === '' ? 'caller' : 'service',
  }
  const name = labels['server'] ?? ''
  // A database stands beside who asks it: where it is, nobody says.
  if (serverCluster === '' && type === 'database')
    return { client, server: { name, cluster: client.cluster, environment: client.environment, kind: 'store' } }
  const environment = labels['server_environment'] ?? ''
  return {
    client,
    server: { name, cluster: serverCluster, environment, kind: serverCluster === '' ? 'outside' : 'service' },
  }
}

function edgeKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    ['client_cluster', 'client', 'server_cluster', 'server', 'connection_type'].map((name) => labels[name] ?? ''),
  )
}

function valuesByEdge(rows: readonly InstantRow[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { labels, value } of rows) {
    const number = finite(value)
    if (number !== undefined) found.set(edgeKey(labels), number)
  }
  return found
}

function finite(text: string): number | undefined {
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(0, a - b)
}

/** Which part of a graph is shown. */
export interface GraphFilter {
  readonly find: string
  readonly withStores: boolean
  readonly onlyFailing: boolean
}

/** The part of the graph that passes: the edges, and the ends of these; a service without edges does not stand alone. */
export function filterGraph(graph: ServiceGraph, filter: GraphFilter): ServiceGraph {
  const words = filter.find.toLowerCase().split(/\s+/).filter(Boolean)
  const names = (id: string): string => {
    const node = graph.nodes.get(id)
    return node === undefined ? '' : `${node.name} ${node.cluster}`.toLowerCase()
  }
  const edges = graph.edges.filter((edge) => {
    if (!filter.withStores && graph.nodes.get(edge.to)?.kind === 'store') return false
    if (filter.onlyFailing && !isFailing(edge)) return false
    const ends = [names(edge.from), names(edge.to)]
    return words.length === 0 || ends.some((end) => words.every((word) => end.includes(word)))
  })
  const kept = new Set(edges.flatMap(({ from, to }) => [from, to]))
  return { edges, nodes: new Map([...graph.nodes].filter(([id]) => kept.has(id))) }
}
