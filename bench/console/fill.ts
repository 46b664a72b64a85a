import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import path from 'node:path'
import type { HubUnderTest } from '../load/hub-under-test.ts'

/** The clusters of the fleet that the console is measured with. */
export const CLUSTERS: readonly string[] = Array.from({ length: 10 }, (_, i) => `bench-${i}`)
export const TRACE = 'c0ffee00c0ffee00c0ffee00c0ffee00'
export const SPANS = 10_000
/** Series of each of the groups `g0` to `g19`, a pod of each cluster being one. */
export const PODS = 10
const GROUPS = 20

const STEP_MS = 15_000
const HOUR_MS = 3_600_000
const LINES_OF_REQUEST = 5_000
const STEPS_OF_REQUEST = 24

type Post = (cluster: string, signal: 'metrics' | 'logs' | 'traces', body: unknown) => Promise<void>

/** Sends to the hub's OTLP door over mutual TLS, with each cluster's own certificate. */
export function posterTo(hub: HubUnderTest): Post {
  const agents = new Map<string, Agent>()
  const file = (name: string): Buffer => readFileSync(path.join(hub.dir, 'pki', name))
  const agentOf = (cluster: string): Agent => {
    const known = agents.get(cluster)
    if (known !== undefined) return known
    const agent = new Agent({
      keepAlive: true,
      ca: file('ca.crt'),
      cert: file(`${cluster}.crt`),
      key: file(`${cluster}.key`),
    })
    agents.set(cluster, agent)
    return agent
  }
  return (cluster, signal, body) =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          host: 'localhost',
          port: hub.ports.http,
          path: `/v1/${signal}`,
          method: 'POST',
          agent: agentOf(cluster),
          headers: { 'content-type': 'application/json' },
        },
        (response) => {
          response.resume()
          response.on('end', () => {
            if (response.statusCode === 200) resolve()
            else reject(new Error(`${signal} of ${cluster}: status ${response.statusCode}`))
          })
        },
      )
      asked.on('error', reject)
      asked.end(JSON.stringify(body))
    })
}

const ns = (ms: number): string => `${Math.round(ms * 1_000)}000`
const attributes = (of: Readonly<Record<string, string>>): unknown[] =>
  Object.entries(of).map(([key, stringValue]) => ({ key, value: { stringValue } }))
const resource = (service: string): unknown => ({ attributes: attributes({ 'service.name': service }) })

/** An hour of counters, a point each 15 s: `bench_requests_total` with `group` and `pod`. Returns how many points. */
export async function sendMetrics(post: Post, endMs: number): Promise<number> {
  let points = 0
  for (let firstMs = endMs - HOUR_MS; firstMs < endMs; firstMs += STEP_MS * STEPS_OF_REQUEST) {
    for (const [number, cluster] of CLUSTERS.entries()) {
      const dataPoints: unknown[] = []
      for (let atMs = firstMs; atMs < firstMs + STEP_MS * STEPS_OF_REQUEST; atMs += STEP_MS) {
        const seconds = (atMs - (endMs - HOUR_MS)) / 1_000
        for (let series = 0; series < GROUPS * PODS; series++) {
          const swing = 25 * Math.sin(seconds / (90 + series)) * (1 + number / 10)
          dataPoints.push({
            attributes: attributes({ group: `g${series % GROUPS}`, pod: `pod-${Math.floor(series / GROUPS)}` }),
            startTimeUnixNano: ns(endMs - HOUR_MS),
            timeUnixNano: ns(atMs),
            asDouble: Math.round((100 + seconds + swing) * (series + 1)),
          })
        }
      }
      points += dataPoints.length
      const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints }
      const scopeMetrics = [{ metrics: [{ name: 'bench_requests_total', sum }] }]
      await post(cluster, 'metrics', { resourceMetrics: [{ resource: resource('bench'), scopeMetrics }] })
    }
  }
  return points
}

/** Lines of all clusters, evenly over the hour. */
export async function sendLogs(post: Post, endMs: number, lines: number): Promise<void> {
  const requests = Math.ceil(lines / LINES_OF_REQUEST)
  for (let number = 0; number < requests; number++) {
    const logRecords = Array.from({ length: LINES_OF_REQUEST }, (_, i) => {
      const at = number * LINES_OF_REQUEST + i
      const isError = at % 97 === 0
      return {
        timeUnixNano: ns(endMs - HOUR_MS + (at / lines) * HOUR_MS),
        severityText: isError ? 'error' : 'info',
        body: {
          stringValue: `request ${at} of order ${at % 8_191} took ${(at * 7) % 900} ms path=/api/v1/orders/${at}`,
        },
        attributes: attributes({ order: String(at % 8_191), route: '/api/v1/orders' }),
      }
    })
    const scopeLogs = [{ logRecords }]
    const resourceLogs = [{ resource: resource('orders'), scopeLogs }]
    await post(CLUSTERS[number % CLUSTERS.length] ?? '', 'logs', { resourceLogs })
  }
}

/** One trace that crosses all clusters: each span calls up to ten others. */
export async function sendTrace(post: Post, endMs: number): Promise<void> {
  const startMs = endMs - 60_000
  const idOf = (n: number): string => (n + 1).toString(16).padStart(16, '0')
  const spansOf = new Map(CLUSTERS.map((cluster) => [cluster, [] as unknown[]]))
  for (let n = 0; n < SPANS; n++) {
    const depth = Math.floor(Math.log10(n + 1)) + 1
    const fromMs = startMs + (n / SPANS) * 9_000
    spansOf.get(CLUSTERS[n % CLUSTERS.length] ?? '')?.push({
      traceId: TRACE,
      spanId: idOf(n),
      ...(n === 0 ? {} : { parentSpanId: idOf(Math.floor((n - 1) / 10)) }),
      name: `call ${n % 50}`,
      kind: n % 2 === 0 ? 2 : 3,
      startTimeUnixNano: ns(fromMs),
      endTimeUnixNano: ns(n === 0 ? startMs + 10_000 : fromMs + 1_000 / depth),
      attributes: attributes({ 'http.route': `/step/${n % 50}` }),
      ...(n % 211 === 0 ? { status: { code: 2, message: 'refused' } } : {}),
    })
  }
  for (const [number, cluster] of CLUSTERS.entries()) {
    const scopeSpans = [{ spans: spansOf.get(cluster) }]
    await post(cluster, 'traces', { resourceSpans: [{ resource: resource(`service-${number}`), scopeSpans }] })
  }
}

/** The fleet file's lines of the clusters. */
export const CLUSTER_LINES = CLUSTERS.map((name) => `  ${name}: { environment: dev, region: local }\n`).join('')

/** A dashboard of twenty time series over all ten clusters, in Grafana's form. */
export const DASHBOARD = {
  uid: 'bench',
  title: 'Twenty panels',
  schemaVersion: 39,
  time: { from: 'now-1h', to: 'now' },
  panels: Array.from({ length: GROUPS }, (_, i) => ({
    id: i + 1,
    type: 'timeseries',
    title: `Requests of group ${i}`,
    gridPos: { x: (i % 4) * 6, y: Math.floor(i / 4) * 5, w: 6, h: 5 },
    targets: [{ refId: 'A', expr: `sum by (cluster) (rate(bench_requests_total{group="g${i}"}[5m]))` }],
  })),
}
