import { randomBytes } from 'node:crypto'
import { messageOf } from '../../core/index.ts'
import type { ReadBack } from './check-canaries.ts'
import { postOtlp } from './post.ts'
import type { Check } from './report.ts'

const CLIENT = 'fleetglass-verify-client'
const SERVER = 'fleetglass-verify-server'
/** How long the way from an edge to a sample of the series may take, besides the interval of the series. */
const ARRIVAL_MS = 20_000
const POLL_MS = 250

export interface ServiceGraphTargets {
  /** Cluster → its edge's OTLP/HTTP address. */
  readonly edges: Readonly<Record<string, string>>
  /** Of the series, as the fleet file has it. */
  readonly intervalMs: number
}

/**
 * A call from one cluster to another, its two sides sent through two edges, must be counted by the hub as one request
 * between them. A fleet with one edge calls itself.
 */
export async function checkServiceGraph(
  { edges, intervalMs }: ServiceGraphTargets,
  hub: ReadBack,
): Promise<readonly Check[]> {
  const [client, other] = Object.entries(edges)
  if (client === undefined) return []
  const server = other ?? client
  const row = { check: 'service graph', cluster: server[0], signal: 'traces' }
  try {
    const before = await requests(client[0], server[0], hub)
    const started = hub.clock.now()
    const traceId = randomBytes(16).toString('hex')
    const spanId = randomBytes(8).toString('hex')
    const ends = [
      { edge: client[1], service: CLIENT, span: { traceId, spanId, kind: 3 } },
      {
        edge: server[1],
        service: SERVER,
        span: { traceId, spanId: randomBytes(8).toString('hex'), parentSpanId: spanId, kind: 2 },
      },
    ]
    for (const { edge, service, span } of ends) {
      const { status, body } = await postOtlp(`${edge}/v1/traces`, requestOf(service, span))
      if (status !== 200) return [{ ...row, ok: false, detail: `the edge answered ${status}: ${body.slice(0, 200)}` }]
    }
    const called = `a call from ${client[0]}`
    for (;;) {
      const isCounted = (await requests(client[0], server[0], hub)) > before
      const latencyMs = hub.clock.now() - started
      if (isCounted) return [{ ...row, ok: true, latencyMs, detail: called }]
      if (latencyMs > intervalMs + ARRIVAL_MS) {
        return [{ ...row, ok: false, detail: `${called} is not counted after ${Math.round(latencyMs / 1_000)} s` }]
      }
      await hub.clock.sleep(POLL_MS)
    }
  } catch (reason) {
    return [{ ...row, ok: false, detail: messageOf(reason) }]
  }
}

function requestOf(service: string, span: Readonly<Record<string, unknown>>): string {
  const nowNs = `${String(Date.now())}000000`
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  const timed = { ...span, name: 'fleetglass canary', startTimeUnixNano: nowNs, endTimeUnixNano: nowNs }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [timed] }] }] })
}

interface PrometheusAnswer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

/** Requests between the two that are counted so far. */
async function requests(clientCluster: string, serverCluster: string, hub: ReadBack): Promise<number> {
  const labels = { client: CLIENT, server: SERVER, client_cluster: clientCluster, server_cluster: serverCluster }
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const query = `sum(traces_service_graph_request_total{${matchers.join(',')}})`
  const path = `/prometheus/api/v1/query?${new URLSearchParams({ query }).toString()}`
  const { data } = (await hub.get(path)) as PrometheusAnswer
  return Number(data.result[0]?.value[1] ?? 0)
}
