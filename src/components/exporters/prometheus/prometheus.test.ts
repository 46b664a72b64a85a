import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock } from '../../../core/index.ts'
import { parseFleetFile } from '../../../fleet/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import { createSecrets, type DestinationProtocol } from '../../../pipeline/destination/index.ts'
import { jsonToOtlp, RemoteWriteWriter } from '../../../wire/index.ts'
import { createPrometheusProtocol } from './index.ts'
import type { RemoteWriteRequest } from './request.ts'
import { isInstalled, ScriptedServer, type Server, startPrometheus, startVictoriaMetrics } from './testing/servers.ts'

const DEV: Identity = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'shop' }
const NEVER = new AbortController().signal

function protocolFor(url: string, extra = ''): DestinationProtocol<RemoteWriteRequest> {
  const fleet = parseFleetFile(
    `{ fleet: f, hub: { cluster: ops }, clusters: { dev: { environment: dev, region: r } },
       destinations: { p: { type: prometheus, url: "${url}"${extra} } } }`,
    'f.yaml',
  )
  const settings = fleet.destinations.get('p')
  if (settings?.type !== 'prometheus') throw new Error('no such destination')
  const log = silentLogger()
  return createPrometheusProtocol(settings, {
    secrets: createSecrets(),
    userAgent: 'Fleetglass/t',
    clock: systemClock,
    log,
  })
}

function batchOf(payload: Uint8Array, format: 'otlp' | 'remote-write-2', items: number): Batch {
  const times = { collectedAtMs: Date.now(), receivedAtMs: Date.now() }
  return { envelope: { signal: 'metrics', format, items, identity: DEV, ...times }, payload }
}

function seriesBatch(name: string, samples: readonly (readonly [value: number, timeMs: number])[]): Batch {
  const writer = new RemoteWriteWriter()
  writer.beginSeries(['__name__', name, 'job', 'j'])
  for (const [value, timeMs] of samples) writer.sample(value, timeMs)
  writer.metadata('counter', 'help', '')
  writer.endSeries()
  return batchOf(writer.finish(), 'remote-write-2', samples.length)
}

async function sendAll(
  protocol: DestinationProtocol<RemoteWriteRequest>,
  batches: readonly Batch[],
): Promise<unknown[]> {
  const outcomes: unknown[] = []
  for (const request of protocol.encode(batches, Date.now()).requests)
    outcomes.push(await protocol.send(request, NEVER))
  return outcomes
}

async function query(server: Server, expression: string, timeMs: number): Promise<Record<string, string>[]> {
  const parameters = new URLSearchParams({ query: expression, time: String(timeMs / 1_000) })
  const answer = await fetch(`${server.url}/api/v1/query?${parameters.toString()}`)
  const { data } = (await answer.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return data.result.map(({ metric, value }) => ({ ...metric, value: value[1] }))
}

/** OTLP metrics of one service: a counter, a gauge in unit 1, a histogram, an exponential one, one that ended. */
function otlpBatch(nowMs: number): Batch {
  const timeUnixNano = `${String(nowMs)}000000`
  const point = { timeUnixNano, startTimeUnixNano: `${String(nowMs - 60_000)}000000` }
  const histogram = { ...point, count: '6', sum: 10.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.5, 1] }
  const exponential = {
    ...point,
    count: '4',
    sum: 9,
    scale: 0,
    zeroCount: '1',
    positive: { offset: 0, bucketCounts: ['1', '2'] },
  }
  const attributes = (pairs: Record<string, string>): unknown[] =>
    Object.entries(pairs).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  const metrics = [
    {
      name: 'http.requests',
      unit: '{request}',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [{ ...point, asInt: '5', attributes: attributes({ 'http.route': '/a' }) }],
      },
    },
    { name: 'cpu.utilization', unit: '1', gauge: { dataPoints: [{ ...point, asDouble: 0.5 }] } },
    { name: 'duration', unit: 's', histogram: { aggregationTemporality: 2, dataPoints: [histogram] } },
    { name: 'sizes', unit: 'By', exponentialHistogram: { aggregationTemporality: 2, dataPoints: [exponential] } },
    { name: 'no.temporality', sum: { dataPoints: [{ ...point, asInt: '1' }] } },
  ]
  const resource = {
    attributes: attributes({
      'service.name': 'cart',
      'service.namespace': 'shop',
      'service.instance.id': 'i1',
      'host.name': 'h',
    }),
  }
  const request = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }
  return batchOf(jsonToOtlp('metrics', JSON.stringify(request)), 'otlp', 5)
}

describe('Prometheus destination', () => {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop()
  })

  async function scripted(): Promise<ScriptedServer> {
    const server = await new ScriptedServer().start()
    servers.push(server)
    return server
  }

  it('speaks 2.0 where it is known, with the tenant in a header', async () => {
    const server = await scripted()
    const protocol = protocolFor(server.url, ', orgId: { from: tenant }')
    expect(protocol.groupBy?.(seriesBatch('a', []).envelope)).toBe('shop')
    const batches = [
      seriesBatch('a_total', [[1, 1_000]]),
      seriesBatch('b_total', [
        [2, 2_000],
        [3, 3_000],
      ]),
    ]
    expect(await sendAll(protocol, batches)).toEqual([{ t: 'delivered' }])
    expect(server.received).toMatchObject([
      {
        version: '2.0',
        headers: {
          'x-prometheus-remote-write-version': '2.0.0',
          'content-encoding': 'snappy',
          'user-agent': 'Fleetglass/t',
          'x-scope-orgid': 'shop',
        },
      },
    ])
    expect(server.received[0]?.series.map(({ type, samples }) => [type, samples.length])).toEqual([
      ['counter', 1],
      ['counter', 2],
    ])
  })

  it.each([
    ['415', { status: 415 }],
    ['400', { status: 400, body: 'snappy: corrupt input' }],
    ['204 without saying what was written', { status: 204 }],
  ])('falls back to 1.0 after %s, remembers it, and sends the same again at once', async (_title, answer) => {
    const server = await scripted()
    server.answer = ({ version }) => (version === '2.0' ? answer : { status: 204 })
    const protocol = protocolFor(server.url)
    for (let i = 1; i <= 3; i++) {
      expect(await sendAll(protocol, [seriesBatch('a', [[1, 1_000 * i]])])).toEqual([{ t: 'delivered' }])
    }
    expect(server.received.map(({ version }) => version)).toEqual(['2.0', '1.0', '1.0', '1.0'])
  })

  it.each([
    [{ status: 500 }, { t: 'retry', detail: 'HTTP status 500' }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { t: 'retry', detail: 'HTTP status 429', afterMs: 7_000 },
    ],
    [{ status: 401 }, { t: 'misconfigured', detail: 'HTTP status 401' }],
    [{ status: 413 }, { t: 'too-large', detail: 'HTTP status 413' }],
    [
      { status: 400, body: 'out of order sample for series {secret="x"}' },
      { t: 'refused', reason: 'out_of_order', detail: 'HTTP status 400: out of order', certain: true },
    ],
    [{ status: 422 }, { t: 'refused', reason: 'http_422', detail: 'HTTP status 422: http 422' }],
    [{ status: 302, headers: { location: '/elsewhere' } }, { t: 'misconfigured' }],
  ])('takes %j for what it means', async (answer, outcome) => {
    const server = await scripted()
    server.answer = () => answer
    expect(await sendAll(protocolFor(server.url, ', version: "1.0"'), [seriesBatch('a', [[1, 1]])])).toMatchObject([
      outcome,
    ])
    expect(server.received).toHaveLength(1)
  })

  it('counts what was left out of a request that was written in part, if that is much', async () => {
    const server = await scripted()
    const protocol = protocolFor(server.url)
    await sendAll(protocol, [seriesBatch('a', [[1, 1]])])
    server.answer = () => ({
      status: 400,
      body: 'too old sample',
      headers: { 'X-Prometheus-Remote-Write-Samples-Written': '100' },
    })
    const samples = Array.from({ length: 300 }, (_, i) => [i, 1_000 + i] as const)
    expect(await sendAll(protocol, [seriesBatch('a', samples)])).toEqual([
      { t: 'delivered', undelivered: [{ reason: 'too_old', items: 200 }] },
    ])
  })

  it('does not ask a server again that never answers', async () => {
    const server = await scripted()
    const { url } = server
    await server.stop()
    servers.length = 0
    expect(await sendAll(protocolFor(url), [seriesBatch('a', [[1, 1]])])).toMatchObject([{ t: 'retry' }])
  })

  it.skipIf(!isInstalled('prometheus'))('writes to Prometheus, native histograms and metadata included', async () => {
    const server = await startPrometheus()
    servers.push(server)
    const protocol = protocolFor(`${server.url}/api/v1/write`)
    const nowMs = Date.now()
    expect(
      await sendAll(protocol, [
        seriesBatch('up_total', [
          [1, nowMs - 2_000],
          [4, nowMs - 1_000],
        ]),
      ]),
    ).toEqual([{ t: 'delivered' }])
    const batch = otlpBatch(nowMs)
    expect(protocolFor(server.url).encode([batch], nowMs).undelivered).toEqual([
      { reason: 'bad_temporality', items: 1 },
    ])
    expect(await sendAll(protocol, [batch])).toEqual([{ t: 'delivered' }])
    const target = { job: 'shop/cart', instance: 'i1', cluster: 'dev', tenant_id: 'shop' }
    expect(await query(server, 'up_total', nowMs)).toMatchObject([{ job: 'j', value: '4' }])
    expect(await query(server, 'http_requests_total', nowMs)).toMatchObject([
      { ...target, http_route: '/a', value: '5' },
    ])
    expect(await query(server, 'cpu_utilization_ratio', nowMs)).toMatchObject([{ ...target, value: '0.5' }])
    expect(await query(server, 'sort(duration_seconds_bucket)', nowMs)).toMatchObject([
      { le: '0.5', value: '1' },
      { le: '1', value: '3' },
      { le: '+Inf', value: '6' },
    ])
    expect(await query(server, 'histogram_count(sizes_bytes)', nowMs)).toMatchObject([{ ...target, value: '4' }])
    expect(await query(server, 'target_info', nowMs)).toMatchObject([{ ...target, host_name: 'h', value: '1' }])
  })

  it.skipIf(!isInstalled('prometheus'))('is told by Prometheus which samples are out of order', async () => {
    const server = await startPrometheus()
    servers.push(server)
    const protocol = protocolFor(`${server.url}/api/v1/write`)
    const nowMs = Date.now()
    await sendAll(protocol, [seriesBatch('a', [[1, nowMs]])])
    expect(await sendAll(protocol, [seriesBatch('a', [[1, nowMs - 10_000]])])).toMatchObject([
      { t: 'refused', reason: 'out_of_order', certain: true },
    ])
    expect(await sendAll(protocol, [seriesBatch('a', [[1, nowMs - 10 * 3_600_000]])])).toMatchObject([
      { t: 'refused', reason: 'too_old', certain: true },
    ])
  })

  it.skipIf(!isInstalled('victoria-metrics'))('writes to VictoriaMetrics', async () => {
    const server = await startVictoriaMetrics()
    servers.push(server)
    const protocol = protocolFor(`${server.url}/api/v1/write`)
    const nowMs = Date.now() - 5_000
    expect(await sendAll(protocol, [otlpBatch(nowMs), seriesBatch('x', [[7, nowMs]])])).toEqual([{ t: 'delivered' }])
    await fetch(`${server.url}/internal/force_flush`)
    expect(await query(server, 'http_requests_total', nowMs + 1_000)).toMatchObject([{ job: 'shop/cart', value: '5' }])
  })
})
