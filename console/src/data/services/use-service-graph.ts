import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { queryInstant } from '../prometheus/client.ts'
import { useView } from '../view.tsx'
import { toServiceGraph, type ServiceGraph } from './graph.ts'
import { clusterServiceQueries, graphQueries, operationQueries } from './queries.ts'

const ROUND_S = 15

/** The end of the range on whole steps, and its length: what is asked again within a step is not asked again. */
export function useWindow(): { readonly atS: number; readonly windowS: number } {
  const { interval } = useView()
  const atS = Math.floor(interval.toMs / 1_000 / ROUND_S) * ROUND_S
  return { atS, windowS: Math.max(60, Math.round((interval.toMs - interval.fromMs) / 1_000)) }
}

export interface GraphAnswer {
  readonly graph: ServiceGraph
  readonly warnings: readonly string[]
}

/** Who calls whom in the range and the scope of the page. */
export function useServiceGraph(): ReturnType<typeof useQuery<GraphAnswer>> {
  const { scope, tenant } = useView()
  const { atS, windowS } = useWindow()
  return useQuery({
    queryKey: ['prometheus', 'service-graph', scope.environments, scope.clusters, atS, windowS, tenant],
    queryFn: async ({ signal }) => {
      const queries = graphQueries(scope, windowS)
      const ask = (query: string): ReturnType<typeof queryInstant> => queryInstant(query, atS, { signal, tenant })
      const [requests, failed, p95Server, p95Client, meanServer, meanClient, p95Node] = await Promise.all([
        ask(queries.requests),
        ask(queries.failed),
        ask(queries.p95Server),
        ask(queries.p95Client),
        ask(queries.meanServer),
        ask(queries.meanClient),
        ask(queries.p95Node),
      ])
      const answers = { requests, failed, p95Server, p95Client, meanServer, meanClient, p95Node }
      return {
        graph: toServiceGraph({
          requests: requests.rows,
          failed: failed.rows,
          p95Server: p95Server.rows,
          p95Client: p95Client.rows,
          meanServer: meanServer.rows,
          meanClient: meanClient.rows,
          p95Node: p95Node.rows,
        }),
        warnings: [...new Set(Object.values(answers).flatMap(({ warnings }) => warnings))],
      }
    },
    placeholderData: keepPreviousData,
  })
}

/** One service, or one operation of a service. */
export interface Served {
  readonly name: string
  /** Per second. */
  readonly requests: number
  readonly failed: number
  readonly p95S: number | undefined
}

/** The services of a cluster; with `service`, the operations of that one. Those that fail most come first. */
export function useServed(cluster: string, service?: string): ReturnType<typeof useQuery<readonly Served[]>> {
  const { tenant } = useView()
  const { atS, windowS } = useWindow()
  return useQuery({
    queryKey: ['prometheus', 'served', cluster, service, atS, windowS, tenant],
    queryFn: async ({ signal }) => {
      const queries =
        service === undefined ? clusterServiceQueries(cluster, windowS) : operationQueries(cluster, service, windowS)
      const [requests, p95] = await Promise.all([
        queryInstant(queries.requests, atS, { signal, tenant }),
        queryInstant(queries.p95, atS, { signal, tenant }),
      ])
      return sumServed(requests.rows, p95.rows, service === undefined ? 'service' : 'span_name')
    },
    placeholderData: keepPreviousData,
  })
}

interface Row {
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
}

/** Requests by name over their outcomes. Those that fail come first, the others by their names. */
export function sumServed(requests: readonly Row[], p95: readonly Row[], label: string): readonly Served[] {
  const quantiles = new Map(p95.map(({ labels, value }) => [labels[label] ?? '', Number(value)]))
  const sums = new Map<string, { requests: number; failed: number }>()
  for (const { labels, value } of requests) {
    const name = labels[label] ?? ''
    const sum = sums.get(name) ?? { requests: 0, failed: 0 }
    sum.requests += Number(value)
    if (labels['status_code'] === 'STATUS_CODE_ERROR') sum.failed += Number(value)
    sums.set(name, sum)
  }
  return [...sums]
    .filter(([, sum]) => sum.requests > 0)
    .map(([name, sum]) => {
      const quantile = quantiles.get(name)
      return { name, ...sum, p95S: quantile !== undefined && Number.isFinite(quantile) ? quantile : undefined }
    })
    .sort((a, b) => b.failed / b.requests - a.failed / a.requests || (a.name < b.name ? -1 : 1))
}
