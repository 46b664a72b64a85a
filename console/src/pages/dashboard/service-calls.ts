import { type Caller, queryInstant } from '../../data/prometheus/client.ts'
import type { Interval } from '../../data/time-range.ts'

/** Calls from one service to another, over a time; both in their clusters. */
export interface ServiceCall {
  readonly client: string
  readonly clientCluster: string
  readonly server: string
  readonly serverCluster: string
  readonly perSecond: number
  /** 0 to 1. */
  readonly failed: number
}

const LABELS = 'client, server, client_cluster, server_cluster'

/** From the metrics that the hub derives from spans: what Tempo's data source calls the service map. */
export async function askServices(
  { fromMs, toMs }: Interval,
  caller: Caller,
): Promise<{ readonly services: readonly ServiceCall[]; readonly warnings: readonly string[]; readonly raw: unknown }> {
  const window = `${Math.max(60, Math.round((toMs - fromMs) / 1_000))}s`
  const rateOf = (name: string): string => `sum by (${LABELS}) (rate(${name}[${window}]))`
  const [all, failed] = await Promise.all(
    ['traces_service_graph_request_total', 'traces_service_graph_request_failed_total'].map((name) =>
      queryInstant(rateOf(name), toMs / 1_000, caller),
    ),
  )
  const keyOf = (labels: Readonly<Record<string, string>>): string =>
    JSON.stringify([labels['client'], labels['server'], labels['client_cluster'], labels['server_cluster']])
  const failures = new Map((failed?.rows ?? []).map(({ labels, value }) => [keyOf(labels), Number(value)]))
  const services = (all?.rows ?? []).flatMap(({ labels, value }): ServiceCall[] => {
    const perSecond = Number(value)
    if (!(perSecond > 0)) return []
    return [
      {
        client: labels['client'] ?? '',
        clientCluster: labels['client_cluster'] ?? '',
        server: labels['server'] ?? '',
        serverCluster: labels['server_cluster'] ?? '',
        perSecond,
        failed: (failures.get(keyOf(labels)) ?? 0) / perSecond,
      },
    ]
  })
  return { services, warnings: all?.warnings ?? [], raw: all?.raw }
}
