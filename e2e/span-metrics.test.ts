import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HubProcess } from './testing/hub-process.ts'
import { eventually, sleep } from './testing/local-fleet.ts'

/** How often the hub is killed; set FLEETGLASS_TEST_KILLS for a long run. */
const KILLS = Math.min(20, Number(process.env['FLEETGLASS_TEST_KILLS'] ?? 2))

interface Matrix {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[] }
}

describe('metrics derived from spans', () => {
  let hub: HubProcess
  let sent = 0

  beforeAll(async () => {
    hub = await HubProcess.start(
      {
        clusters: {
          'dev-a': { environment: 'dev', region: 'r' },
          'dev-b': { environment: 'dev', region: 'r' },
          'prd-a': { environment: 'prd', region: 'r' },
        },
      },
      { spanMetrics: { interval: '1s', wait: '2s' } },
    )
  }, 60_000)

  afterAll(async () => {
    await hub.stop()
  })

  /** A request of the shop in one cluster to the model in another, as each of them tells it. True if both were taken. */
  async function sendRequest(from: string, to: string, serverMs: number): Promise<boolean> {
    const trace = String(sent++).padStart(32, 'a')
    const answers = [
      await post(hub, from, 'shop', { traceId: trace, spanId: 'c'.repeat(16), kind: 3, ms: serverMs + 20 }),
      await post(hub, to, 'model', {
        traceId: trace,
        spanId: 'd'.repeat(16),
        parentSpanId: 'c'.repeat(16),
        kind: 2,
        ms: serverMs,
      }),
    ]
    return answers.every((status) => status === 200)
  }

  const GRAPH = 'sum by (client, server, client_cluster, server_cluster) (traces_service_graph_request_total)'

  it('shows who calls whom over clusters, how long it takes, and a trace of it', async () => {
    for (let i = 0; i < 20; i++) {
      expect(await sendRequest('dev-a', 'dev-b', 10 + 2 * i)).toBe(true)
      expect(await sendRequest('dev-a', 'prd-a', 100)).toBe(true)
    }
    const edges = await eventually(
      () => hub.query(GRAPH),
      (found) => found.length === 2 && found.every(({ value }) => value === '20'),
    )
    const shop = { client: 'shop', client_cluster: 'dev-a', server: 'model' }
    expect(edges.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining([
        { ...shop, server_cluster: 'dev-b' },
        { ...shop, server_cluster: 'prd-a' },
      ]),
    )
    const [median] = await hub.query(
      'histogram_quantile(0.5, sum by (le) (traces_spanmetrics_latency_bucket{cluster="dev-b", span_kind="SPAN_KIND_SERVER"}))',
    )
    // Durations of 10 to 48 ms, in buckets of 16 and 32 ms.
    expect(Number(median?.value)).toBeGreaterThan(0.016)
    expect(Number(median?.value)).toBeLessThanOrEqual(0.032)

    const end = Date.now() / 1_000 + 60
    const exemplars = await hub.getJson<{ data: { exemplars: { labels: Record<string, string> }[] }[] }>(
      `/prometheus/api/v1/query_exemplars?query=traces_spanmetrics_latency_bucket&start=${String(end - 600)}&end=${String(end)}`,
    )
    const traces = exemplars.data.flatMap((series) => series.exemplars.map(({ labels }) => labels['trace_id']))
    expect(traces).toContain('0'.padStart(32, 'a'))
    const trace = await hub.getJson<object>(`/tempo/api/traces/${traces[0] ?? ''}`)
    expect(JSON.stringify(trace)).toContain('shop')
  }, 60_000)

  it('shows a call between tenants to who may read both, and to nobody else', async () => {
    const servers = async (orgId: string): Promise<readonly string[]> => {
      const response = await fetch(`${hub.url}/prometheus/api/v1/query?query=${encodeURIComponent(GRAPH)}`, {
        headers: { 'x-scope-orgid': orgId },
      })
      const { data } = (await response.json()) as { data: { result: { metric: Record<string, string> }[] } }
      return data.result.map(({ metric }) => metric['server_cluster'] ?? '').sort()
    }
    expect(await servers('dev')).toEqual(['dev-b'])
    expect(await servers('prd')).toEqual([])
    expect(await servers('dev|prd')).toEqual(['dev-b', 'prd-a'])
  })

  it('keeps the books of derived series balanced, and takes them for no sign of life', async () => {
    const metrics = await (await fetch(`${hub.url}/metrics`)).text()
    expect(metrics).toMatch(/fleetglass_span_metrics_spans_total\{source_cluster="dev-a"\} 40/)
    const ledger = await eventually(
      () =>
        hub.getJson<{ balanced: boolean; clusters: { sources: { source: string; stored: number }[] }[] }>(
          '/api/v1/ledger',
        ),
      ({ balanced }) => balanced,
    )
    const derived = ledger.clusters.flatMap(({ sources }) => sources).filter(({ source }) => source === 'span-metrics')
    expect(derived.every(({ stored }) => stored > 0)).toBe(true)
    const fleet = await hub.getJson<{ clusters: { cluster: string; rates: Record<string, number> }[] }>('/api/v1/fleet')
    expect(fleet.clusters.map(({ rates }) => rates['metrics'])).toEqual([0, 0, 0])
  }, 30_000)

  it(
    `counts every span once over ${String(KILLS)} kills`,
    async () => {
      const stop = new AbortController()
      const sending = (async () => {
        while (!stop.signal.aborted) {
          await sendRequest('dev-b', 'dev-a', 5).catch(() => sleep(100))
          await sleep(10)
        }
      })()
      for (let i = 0; i < KILLS; i++) {
        await sleep(500 + Math.random() * 1_500)
        await hub.killAndRestart()
      }
      await sleep(1_000)
      stop.abort()
      await sending

      // What was not acknowledged may be in the log or not: the truth is what the store has.
      const ledger = await eventually(
        () =>
          hub.getJson<{
            current: boolean
            clusters: {
              cluster: string
              tenant: string
              sources: { signal: string; source: string; stored: number; queued: number }[]
            }[]
          }>('/api/v1/ledger'),
        ({ current, clusters }) =>
          current &&
          clusters.every(({ sources }) => sources.every(({ signal, queued }) => signal !== 'traces' || queued === 0)),
      )
      const spans = (cluster: string): number =>
        ledger.clusters
          .filter((entry) => entry.cluster === cluster)
          .flatMap(({ sources }) => sources)
          .filter(({ signal }) => signal === 'traces')
          .reduce((sum, { stored: items }) => sum + items, 0)
      for (const cluster of ['dev-a', 'dev-b', 'prd-a']) {
        const counted = await eventually(
          () => increaseOf(hub, `traces_spanmetrics_calls_total{cluster="${cluster}"}`),
          (value) => value >= spans(cluster),
        )
        expect([cluster, counted]).toEqual([cluster, spans(cluster)])
      }
    },
    60_000 + KILLS * 15_000,
  )
})

/** How much counters have grown over the last half hour, to the last one: what follows a reset counts from zero. */
async function increaseOf(hub: HubProcess, selector: string): Promise<number> {
  const { data } = await hub.getJson<Matrix>(`/prometheus/api/v1/query?query=${encodeURIComponent(`${selector}[30m]`)}`)
  let sum = 0
  for (const { values } of data.result) {
    let before = 0
    for (const [, text] of values) {
      const value = Number(text)
      sum += value < before ? value : value - before
      before = value
    }
  }
  return sum
}

function post(
  hub: HubProcess,
  cluster: string,
  service: string,
  {
    ms,
    ...span
  }: {
    readonly ms: number
    readonly traceId: string
    readonly spanId: string
    readonly kind: number
    readonly parentSpanId?: string
  },
): Promise<number> {
  const endNs = BigInt(Date.now()) * 1_000_000n
  const times = { startTimeUnixNano: String(endNs - BigInt(ms) * 1_000_000n), endTimeUnixNano: String(endNs) }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: [{ name: 'work', ...span, ...times }] }] }] }
  const { ca, cert, key } = hub.tlsOf(cluster)
  const agent = new Agent({ ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) })
  return new Promise((resolve, reject) => {
    const sending = request(`https://localhost:${String(hub.otlpHttp)}/v1/traces`, {
      method: 'POST',
      agent,
      timeout: 10_000,
      headers: { 'content-type': 'application/json' },
    })
    sending.on('response', (response) => {
      response.resume()
      response.on('error', reject)
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sending.on('timeout', () => sending.destroy(new Error('no answer')))
    sending.on('error', reject)
    sending.end(JSON.stringify(body))
  })
}
