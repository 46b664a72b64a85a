import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { registerGrafana } from '../cli/grafana/index.ts'
import {
  identityOf,
  spanBatch,
  SpanRig,
  type TestSpan,
  traceIdOf,
} from '../components/connectors/span-metrics/testing/span-rig.ts'
import { storeBatches } from '../storage/testing/store-batches.ts'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { startStoreHub, type StoreHub } from './testing/store-hub.ts'
import { decodeTempo } from './testing/tempo-proto.ts'

const CLUSTER = 'dev-uaenorth'
const DEV = identityOf('dev', CLUSTER)
const TRACE = traceIdOf('t')
const resource = { 'k8s.cluster.name': CLUSTER }
const SPANS: readonly TestSpan[] = [
  { trace: 't', id: 'a', kind: 'client', service: 'web', name: 'checkout', ms: 60, resource },
  { trace: 't', id: 'b', parent: 'a', kind: 'server', service: 'shop', name: 'POST /checkout', failed: true, resource },
]

/** What Grafana is provisioned with; dollars are doubled in its files. */
interface Source {
  readonly type: string
  readonly jsonData: {
    readonly derivedFields?: readonly { readonly matcherType: string; readonly matcherRegex: string }[]
    readonly exemplarTraceIdDestinations?: readonly { readonly name: string }[]
    readonly tracesToLogsV2?: { readonly query: string; readonly tags: readonly Tag[] }
    readonly tracesToMetrics?: {
      readonly queries: readonly { readonly query: string }[]
      readonly tags: readonly Tag[]
    }
  }
}
interface Tag {
  readonly key: string
  readonly value: string
}

async function provision(): Promise<readonly Source[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-provision-'))
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    const program = new Command('fleetglass').exitOverride()
    registerGrafana(program)
    await program.parseAsync(['node', 'fleetglass', 'grafana', 'provision', dir, '--tenants', 'none'])
    const text = readFileSync(path.join(dir, 'datasources/fleetglass.yaml'), 'utf8')
    return (parse(text.replaceAll('$$', '$')) as { datasources: readonly Source[] }).datasources
  } finally {
    print.mockRestore()
    rmSync(dir, { recursive: true })
  }
}

describe.skipIf(noEngineReason !== undefined)(`from one signal to another ${noEngineReason ?? ''}`, () => {
  let hub: StoreHub
  let sources: readonly Source[]
  let nowMs: number
  beforeAll(async () => {
    const rig = await SpanRig.open()
    await rig.append(DEV, ...SPANS)
    await rig.run()
    const derived = await rig.derived()
    await rig.close()
    nowMs = Date.now()
    sources = await provision()
    hub = await startStoreHub(nowMs + 1_000)
    await storeBatches(hub.engine.client, [spanBatch(DEV, SPANS, nowMs), ...derived])
    const record = { timeUnixNano: `${String(nowMs)}000000`, body: { stringValue: 'card refused' } }
    const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }]
    const logRecords = [
      { ...record, traceId: TRACE, spanId: '2e2e2e2e2e2e2e62' },
      { ...record, body: { stringValue: 'of no trace' } },
    ]
    await hub.send('logs', { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] })
  }, 120_000)
  afterAll(() => hub.stop())

  async function get(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Buffer }> {
    const response = await hub.app.inject({ url, headers: { ...hub.headers('dev'), ...headers } })
    return { status: response.statusCode, body: response.rawPayload }
  }
  async function json<T>(url: string, headers?: Record<string, string>): Promise<T> {
    const { status, body } = await get(url, headers)
    expect(status, `${url} ${body.toString()}`).toBe(200)
    return JSON.parse(body.toString()) as T
  }

  const sourceOf = (type: string): Source['jsonData'] => sources.find((source) => source.type === type)?.jsonData ?? {}
  const q = encodeURIComponent
  const around = (): string => `start=${String(nowMs - 600_000)}000000&end=${String(nowMs + 600_000)}000000`

  interface Streams {
    readonly data: {
      readonly result: readonly {
        readonly values: readonly (readonly [string, string, { structuredMetadata?: Record<string, string> }])[]
      }[]
    }
  }
  const logs = (query: string): Promise<Streams> =>
    json(`/loki/api/v1/query_range?query=${q(query)}&${around()}`, {
      'x-loki-response-encoding-flags': 'categorize-labels',
    })
  const linesOf = ({ data }: Streams): readonly string[] =>
    data.result.flatMap(({ values }) => values.map(([, line]) => line))

  async function expectTrace(id: string): Promise<void> {
    const { status, body } = await get(`/tempo/api/v2/traces/${id}`, { accept: 'application/protobuf' })
    expect(status).toBe(200)
    expect(JSON.stringify(decodeTempo('TraceByIDResponse', body))).toContain('POST /checkout')
    expect(await json(`/jaeger/api/traces/${id}`)).toMatchObject({ data: [{ traceID: id, spans: [{}, {}] }] })
  }

  it('a log line leads to its trace', async () => {
    const found = await logs('{service_name="shop"} |= "refused"')
    const [[, , { structuredMetadata = {} }] = ['', '', {}]] = found.data.result[0]?.values ?? []
    const derived = sourceOf('loki').derivedFields?.find(({ matcherType }) => matcherType === 'label')
    const label = Object.keys(structuredMetadata).find((name) => new RegExp(derived?.matcherRegex ?? '-').test(name))
    expect(structuredMetadata[label ?? '']).toBe(TRACE)
    await expectTrace(structuredMetadata[label ?? ''] ?? '')
  })

  /** A span's tags as a selector, as Grafana makes it of what the span or its resource has. */
  const selector = (tags: readonly Tag[]): string => {
    const has: Readonly<Record<string, string>> = { 'service.name': 'shop', ...resource }
    return tags.flatMap(({ key, value }) => (has[key] === undefined ? [] : [`${value}="${has[key]}"`])).join(', ')
  }

  it.each(['tempo', 'jaeger'])('a span in %s leads to its logs', async (type) => {
    const { query = '', tags = [] } = sourceOf(type).tracesToLogsV2 ?? {}
    const asked = query.replace('${__tags}', selector(tags)).replace('${__trace.traceId}', TRACE)
    expect(linesOf(await logs(asked))).toEqual(['card refused'])
    expect(linesOf(await logs(`${asked} | span_id="2e2e2e2e2e2e2e62"`))).toEqual(['card refused'])
    expect(linesOf(await logs(asked.replace(TRACE, 'f'.repeat(32))))).toEqual([])
  })

  it.each(['tempo', 'jaeger'])('a span in %s leads to the metrics of its service', async (type) => {
    const { queries = [], tags = [] } = sourceOf(type).tracesToMetrics ?? {}
    expect(queries.length).toBeGreaterThan(2)
    for (const { query } of queries) {
      const asked = query.replaceAll('$__tags', selector(tags)).replace('${__span.name}', 'POST /checkout')
      const time = String((nowMs + 60_000) / 1000)
      const { data } = await json<{ data: { result: readonly { value: readonly [number, string] }[] } }>(
        `/prometheus/api/v1/query?query=${q(asked)}&time=${time}`,
      )
      expect(data.result, asked).not.toEqual([])
    }
  })

  it('an exemplar leads to its trace', async () => {
    const query = 'traces_spanmetrics_latency_bucket{service="shop"}'
    const range = `start=${String(nowMs / 1000 - 600)}&end=${String(nowMs / 1000 + 600)}`
    const { data } = await json<{ data: readonly { exemplars: readonly { labels: Record<string, string> }[] }[] }>(
      `/prometheus/api/v1/query_exemplars?query=${q(query)}&${range}`,
    )
    const name = sourceOf('prometheus').exemplarTraceIdDestinations?.[0]?.name ?? ''
    const ids = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels[name]))
    expect(ids).toContain(TRACE)
    await expectTrace(ids[0] ?? '')
  })

  it('an exemplar of a metrics query in TraceQL leads to its trace', async () => {
    const query = '{ status = error } | rate() by (resource.service.name)'
    const range = `start=${String(Math.floor(nowMs / 1000) - 600)}&end=${String(Math.floor(nowMs / 1000) + 60)}`
    const { series } = await json<{
      series: readonly {
        exemplars?: readonly { labels: readonly { key: string; value: { stringValue: string } }[] }[]
      }[]
    }>(`/tempo/api/metrics/query_range?q=${q(query)}&${range}&exemplars=5`)
    const labels = series.flatMap(({ exemplars = [] }) => exemplars.flatMap((exemplar) => exemplar.labels))
    const id = labels.find(({ key }) => key === 'trace:id')?.value.stringValue
    expect(id).toBe(TRACE)
    await expectTrace(id ?? '')
  })

  it('the service graph names both clusters', async () => {
    const query = 'sum by (client, client_cluster, server, server_cluster) (traces_service_graph_request_total)'
    const time = String((nowMs + 60_000) / 1000)
    const { data } = await json<{ data: { result: readonly { metric: Record<string, string> }[] } }>(
      `/prometheus/api/v1/query?query=${q(query)}&time=${time}`,
    )
    expect(data.result.map(({ metric }) => metric)).toContainEqual({
      client: 'web',
      client_cluster: CLUSTER,
      server: 'shop',
      server_cluster: CLUSTER,
    })
  })
})
