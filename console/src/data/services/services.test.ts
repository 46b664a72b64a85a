import { expect, it } from 'vitest'
import { filterGraph, type GraphRows, isFailing, toServiceGraph } from './graph.ts'
import {
  compareQuery,
  counterpartOf,
  edgeMetrics,
  edgeTraces,
  failedEdgeTraces,
  serviceLogs,
  serviceTraces,
} from './links.ts'
import { graphQueries } from './queries.ts'
import { sumServed } from './use-service-graph.ts'

type Labels = Readonly<Record<string, string>>
const row = (labels: Labels, value: number | string): { labels: Labels; value: string } => ({
  labels,
  value: String(value),
})
const call = (client: string, from: string, server: string, to: string, type = ''): Labels => ({
  client,
  client_cluster: from,
  client_environment: from.slice(0, 3),
  server,
  server_cluster: to,
  server_environment: to.slice(0, 3),
  connection_type: type,
})
const CROSSING = call('orders', 'prd-a', 'payments', 'prd-b')
const ROWS: GraphRows = {
  requests: [
    row(CROSSING, 10),
    row(call('payments', 'prd-b', 'pg', '', 'database'), 4),
    row(call('payments', 'prd-b', 'acquirer', '', 'virtual_node'), 1),
    row(call('user', '', 'orders', 'prd-a', 'virtual_node'), 20),
    row(call('gone', 'prd-a', 'orders', 'prd-a'), 0),
  ],
  failed: [row(CROSSING, 2)],
  p95Server: [row(CROSSING, 0.5)],
  p95Client: [row(call('payments', 'prd-b', 'pg', '', 'database'), 0.006), row(CROSSING, 9)],
  meanServer: [row(CROSSING, 0.2)],
  meanClient: [row(CROSSING, 0.25)],
  p95Node: [row({ service: 'orders', cluster: 'prd-a' }, 1.5), row({ service: 'payments', cluster: 'prd-b' }, 'NaN')],
}

it('makes a graph of who calls whom, with what each end sees', () => {
  const { nodes, edges } = toServiceGraph(ROWS)
  expect([...nodes.values()].map(({ id, kind }) => `${kind} ${id}`)).toEqual([
    'outside /acquirer',
    'caller /user',
    'service prd-a/orders',
    'service prd-b/payments',
    'store prd-b/pg',
  ])
  expect(edges.map(({ from, to }) => [from, to])).toEqual([
    ['/user', 'prd-a/orders'],
    ['prd-a/orders', 'prd-b/payments'],
    ['prd-b/payments', '/acquirer'],
    ['prd-b/payments', 'prd-b/pg'],
  ])
  const crossing = edges[1]
  expect(crossing).toMatchObject({ requests: 10, failed: 2, p95S: 0.5 })
  expect(crossing?.wireS).toBeCloseTo(0.05)
  expect(edges[3]).toMatchObject({ p95S: 0.006, wireS: undefined })
  // Of its own spans; else the worst of the edges.
  expect(nodes.get('prd-a/orders')).toMatchObject({ requests: 20, p95S: 1.5 })
  expect(nodes.get('prd-b/payments')).toMatchObject({ requests: 10, failed: 2, p95S: 0.5 })
})

it('is the same whatever the order of the answers', () => {
  const turned = { ...ROWS, requests: ROWS.requests.toReversed() }
  expect([...toServiceGraph(turned).nodes.keys()]).toEqual([...toServiceGraph(ROWS).nodes.keys()])
  expect(toServiceGraph(turned).edges).toEqual(toServiceGraph(ROWS).edges)
})

it('leaves out data stores, healthy requests, and what is not looked for', () => {
  const graph = toServiceGraph(ROWS)
  const all = { find: '', withStores: true, onlyFailing: false }
  const targets = (filter: Parameters<typeof filterGraph>[1]): readonly string[] =>
    filterGraph(graph, filter).edges.map(({ to }) => to)
  expect(targets({ ...all, withStores: false })).not.toContain('prd-b/pg')
  expect(targets({ ...all, onlyFailing: true })).toEqual(['prd-b/payments'])
  expect(targets({ ...all, find: 'PG prd' })).toEqual(['prd-b/pg'])
  expect([...filterGraph(graph, { ...all, find: 'user' }).nodes.keys()]).toEqual(['/user', 'prd-a/orders'])
})

it('a share above one in a hundred fails', () => {
  expect(isFailing({ requests: 100, failed: 1 })).toBe(false)
  expect(isFailing({ requests: 100, failed: 1.1 })).toBe(true)
  expect(isFailing({ requests: 0, failed: 0 })).toBe(false)
})

it('asks for requests of which either end is in the scope', () => {
  expect(graphQueries({ environments: [], clusters: [] }, 60).requests).toContain(
    '(rate(traces_service_graph_request_total[60s]))',
  )
  expect(graphQueries({ environments: ['stg'], clusters: ['a.b', 'c'] }, 60).failed).toContain(
    'rate(traces_service_graph_request_failed_total{client_cluster=~"a\\\\.b|c"}[60s]) or rate(traces_service_graph_request_failed_total{server_cluster=~"a\\\\.b|c"}[60s])',
  )
})

it('leads from an edge to its traces, logs and metrics, whatever names are in it', () => {
  const { nodes } = toServiceGraph(ROWS)
  const get = (id: string) => {
    const node = nodes.get(id)
    if (node === undefined) throw new Error(id)
    return node
  }
  const [orders, payments, pg, user] = ['prd-a/orders', 'prd-b/payments', 'prd-b/pg', '/user'].map(get)
  if (orders === undefined || payments === undefined || pg === undefined || user === undefined)
    throw new Error('a node')
  expect(edgeTraces(orders, payments, '')).toBe(
    '{ resource.service.name = "orders" && resource.k8s.cluster.name = "prd-a" } > { resource.service.name = "payments" && resource.k8s.cluster.name = "prd-b" }',
  )
  // Either side may be the one that says it.
  expect(failedEdgeTraces(orders, payments)).toMatch(
    /"prd-b" && status = error \}\) \|\| \(.*"prd-a" && status = error \}/,
  )
  expect(edgeTraces(payments, pg, '')).toContain('span.db.system = "pg")')
  expect(edgeTraces(user, orders, '')).toContain('trace:rootService = "orders"')
  expect(serviceLogs([orders, payments, pg])).toBe('{service_name=~"orders|payments", cluster=~"prd-a|prd-b"}')
  expect(serviceLogs([pg, user])).toBeUndefined()
  expect(serviceTraces({ ...orders, name: 'a"b\\' }, false)).toContain('"a\\"b\\\\"')
  expect(edgeMetrics(orders, payments)).toHaveLength(3)
  expect(compareQuery('payments')).not.toContain('cluster')
})

it('compares with the same region of staging, and staging with production', () => {
  const fleet = ['prd-west', 'prd-east', 'stg-west', 'dev-west'].map((cluster) => ({
    cluster,
    environment: cluster.slice(0, 3),
    region: cluster.slice(4),
  }))
  expect(counterpartOf('prd-west', fleet)?.side).toBe('cluster:stg-west')
  expect(counterpartOf('prd-east', fleet)?.side).toBe('cluster:stg-west')
  expect(counterpartOf('stg-west', fleet)).toEqual({ side: 'cluster:prd-west', words: 'prd' })
  expect(counterpartOf('stg-west', fleet.slice(2))).toBeUndefined()
  expect(counterpartOf('nowhere', fleet)).toBeUndefined()
})

it('sums what is served over its outcomes, what fails first', () => {
  const requests = [
    row({ service: 'a', status_code: 'STATUS_CODE_UNSET' }, 9),
    row({ service: 'b', status_code: 'STATUS_CODE_UNSET' }, 3),
    row({ service: 'b', status_code: 'STATUS_CODE_ERROR' }, 1),
    row({ service: 'c', status_code: 'STATUS_CODE_UNSET' }, 0),
  ]
  expect(sumServed(requests, [row({ service: 'a' }, 0.1), row({ service: 'b' }, 'NaN')], 'service')).toEqual([
    { name: 'b', requests: 4, failed: 1, p95S: undefined },
    { name: 'a', requests: 9, failed: 0, p95S: 0.1 },
  ])
})
