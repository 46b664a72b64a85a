import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { destinationSchema } from '../../../fleet/destinations/index.ts'
import { type Batch, type Signal, SIGNALS } from '../../../model/index.ts'
import { arbitraryBatch, batchOf, ns, otlpBatch } from '../../../pipeline/destination/testing/payloads.ts'
import { cutToParts, deliver, testParts, TurnedClock } from '../../../pipeline/destination/testing/protocol-kit.ts'
import { RemoteWriteWriter } from '../../../wire/index.ts'
import { createDatadogProtocol } from './index.ts'
import { DatadogServer } from './testing/datadog-server.ts'

const NOW = 1_790_000_000_000
const MINUTE = 60_000
const signal = new AbortController().signal
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

type Protocol = ReturnType<typeof createDatadogProtocol>
interface Started {
  readonly datadog: DatadogServer
  readonly protocol: Protocol
  readonly clock: TurnedClock
}

async function start(settings: object = {}): Promise<Started> {
  const datadog = await DatadogServer.start(NOW)
  const clock = new TurnedClock(NOW)
  const parsed = destinationSchema.parse({
    type: 'datadog',
    apiKey: { env: 'KEY' },
    endpoints: datadog.endpoints,
    ...settings,
  })
  if (parsed.type !== 'datadog') throw new Error('unreachable')
  const protocol = createDatadogProtocol(parsed, testParts({ KEY: 'the-key', WRONG: 'another' }, clock))
  open.push(datadog.http, protocol)
  return { datadog, protocol, clock }
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })

const RESOURCE = {
  attributes: [
    text('service.name', 'shop'),
    text('host.name', 'node-1'),
    text('k8s.pod.name', 'shop-1'),
    text('team', 'sre'),
  ],
}

function metrics(...all: readonly object[]): Batch {
  return otlpBatch(
    'metrics',
    { resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics: all }] }] },
    { receivedAtMs: NOW },
  )
}

function logs(...logRecords: readonly object[]): Batch {
  return otlpBatch('logs', { resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ logRecords }] }] })
}

function spans(count: number, name = 'GET /'): Batch {
  const all = Array.from({ length: count }, (_, i) => ({ name, spanId: Buffer.from([0, 0, 0, 0, 0, 0, 0, i % 256]) }))
  return otlpBatch('traces', { resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans: all }] }] })
}

const counter = (value: number, ms: number, more: object = {}): object => ({
  name: 'requests',
  sum: {
    dataPoints: [
      { asInt: String(value), timeUnixNano: ns(ms), attributes: [text('route', '/pay'), text('env', 'lie')], ...more },
    ],
    aggregationTemporality: 2,
    isMonotonic: true,
  },
})
const gauge = (value: number, ms: number): object => ({
  name: 'cpu.idle',
  unit: '%',
  gauge: { dataPoints: [{ asDouble: value, timeUnixNano: ns(ms) }] },
})

async function send(protocol: Protocol, batch: Batch): ReturnType<Protocol['send']> {
  const [request] = protocol.encode([batch], NOW).requests
  if (request === undefined) throw new Error('there is no request')
  return protocol.send(request, signal)
}

describe('metrics', () => {
  it('are gauges as they are, with host, tags and unit', async () => {
    const { datadog, protocol } = await start({ tags: ['owner:me'], resourceTags: ['team'] })
    expect(await deliver(protocol, [metrics(gauge(13.3, NOW))], NOW)).toMatchObject({ delivered: 1, undelivered: {} })
    expect(datadog.series).toEqual([
      {
        metric: 'cpu.idle',
        type: 3,
        points: [{ timestamp: NOW / 1000, value: 13.3 }],
        unit: 'percent',
        resources: [{ name: 'node-1', type: 'host' }],
        tags: [
          'cluster:prd-uaenorth',
          'cluster_type:workload',
          'env:prd',
          'environment:prd',
          'kube_cluster_name:prd-uaenorth',
          'owner:me',
          'pod_name:shop-1',
          'region:uaenorth',
          'service:shop',
          'team:sre',
          'tenant_id:prd',
        ],
      },
    ])
  })

  it('are counts of what was added where they are cumulative; the first is the baseline', async () => {
    const { datadog, protocol } = await start()
    const first = await deliver(protocol, [metrics(counter(100, NOW - 20_000))], NOW)
    expect(first).toMatchObject({ delivered: 0, undelivered: { first_of_counter: 1 } })
    const later = await deliver(protocol, [metrics(counter(105, NOW - 10_000)), metrics(counter(112, NOW))], NOW)
    expect(later).toMatchObject({ delivered: 2, undelivered: {} })
    expect(datadog.series).toMatchObject([
      {
        metric: 'requests',
        type: 1,
        interval: 10,
        points: [
          { timestamp: NOW / 1000 - 10, value: 5 },
          { timestamp: NOW / 1000, value: 7 },
        ],
      },
    ])
    expect(datadog.series[0]?.tags).toContain('route:/pay')
    expect(datadog.series[0]?.tags).toContain('env:prd')
  })

  it('after a restart nothing is counted twice', async () => {
    const before = await start()
    await deliver(before.protocol, [metrics(counter(100, NOW - 30_000)), metrics(counter(105, NOW - 20_000))], NOW)
    const after = await start()
    // The last batch comes again, as it does after a crash.
    const { undelivered } = await deliver(after.protocol, [metrics(counter(105, NOW - 20_000))], NOW)
    expect(undelivered).toEqual({ first_of_counter: 1 })
    await deliver(after.protocol, [metrics(counter(111, NOW - 10_000))], NOW)
    expect(after.datadog.series.flatMap(({ points }) => points.map(({ value }) => value))).toEqual([6])
  })

  it('of resources that differ in what is no tag are not mixed up', async () => {
    const { datadog, protocol } = await start()
    const of = (pid: string, value: number, ms: number): Batch =>
      otlpBatch('metrics', {
        resourceMetrics: [
          { resource: { attributes: [text('process.pid', pid)] }, scopeMetrics: [{ metrics: [counter(value, ms)] }] },
        ],
      })
    await deliver(protocol, [of('1', 1_000, NOW - 10_000), of('2', 10, NOW - 9_000)], NOW)
    await deliver(protocol, [of('1', 1_001, NOW), of('2', 12, NOW)], NOW)
    expect(datadog.series.map(({ points }) => points[0]?.value)).toEqual([1, 2])
  })

  it('are deltas as they are, and those of the same second add up', async () => {
    const { datadog, protocol } = await start()
    const delta = (asInt: string, ms: number): object => ({
      name: 'jobs',
      sum: {
        dataPoints: [{ asInt, timeUnixNano: ns(ms), startTimeUnixNano: ns(ms - 30_000) }],
        aggregationTemporality: 1,
        isMonotonic: true,
      },
    })
    const { delivered } = await deliver(protocol, [metrics(delta('3', NOW), delta('4', NOW + 500))], NOW)
    expect(delivered).toBe(2)
    expect(datadog.series).toMatchObject([{ type: 1, interval: 30, points: [{ timestamp: NOW / 1000, value: 7 }] }])
  })

  it('are told once a second: of gauges the last one counts', async () => {
    const { datadog, protocol } = await start()
    const { delivered, undelivered } = await deliver(protocol, [metrics(gauge(1, NOW), gauge(2, NOW + 1))], NOW)
    expect({ delivered, undelivered }).toEqual({ delivered: 1, undelivered: { same_second: 1 } })
    expect(datadog.series[0]?.points).toEqual([{ timestamp: NOW / 1000, value: 2 }])
  })

  it('tell histograms by count and sum, with their extremes where they are of the interval', async () => {
    const { datadog, protocol } = await start({ histogramBuckets: true })
    const histogram = (aggregationTemporality: number, count: number, sum: number, ms: number): object => ({
      name: 'latency',
      unit: 's',
      histogram: {
        dataPoints: [
          {
            count: String(count),
            sum,
            min: 1,
            max: 9,
            bucketCounts: [String(count - 1), '1'],
            explicitBounds: [2],
            timeUnixNano: ns(ms),
            startTimeUnixNano: ns(NOW - 60_000),
          },
        ],
        aggregationTemporality,
      },
    })
    await deliver(protocol, [metrics(histogram(1, 3, 6, NOW))], NOW)
    expect(datadog.series.map(({ metric, type, unit, points }) => [metric, type, unit, points[0]?.value])).toEqual([
      ['latency.count', 1, undefined, 3],
      ['latency.sum', 1, 'second', 6],
      ['latency.min', 3, 'second', 1],
      ['latency.max', 3, 'second', 9],
      ['latency.bucket', 1, undefined, 2],
      ['latency.bucket', 1, undefined, 1],
    ])
    const cumulative = await start()
    const batches = [metrics(histogram(2, 3, 6, NOW - 10_000)), metrics(histogram(2, 5, 7, NOW))]
    const { delivered, undelivered } = await deliver(cumulative.protocol, batches, NOW)
    expect({ delivered, undelivered }).toEqual({ delivered: 1, undelivered: { first_of_counter: 1 } })
    expect(cumulative.datadog.series.map(({ metric, points }) => [metric, points[0]?.value])).toEqual([
      ['latency.count', 2],
      ['latency.sum', 1],
    ])
  })

  it('come from remote write too', async () => {
    const { datadog, protocol } = await start()
    const writer = new RemoteWriteWriter()
    writer.beginSeries(['__name__', 'http_requests_total', 'code', '200'])
    writer.sample(5, NOW - 15_000)
    writer.sample(8, NOW)
    writer.metadata('counter', '', '')
    writer.endSeries()
    const batch = batchOf('metrics', writer.finish(), { format: 'remote-write-2', items: 2 })
    expect(await deliver(protocol, [batch], NOW)).toMatchObject({ delivered: 1, undelivered: { first_of_counter: 1 } })
    expect(datadog.series).toMatchObject([
      { metric: 'http_requests_total', type: 1, interval: 15, points: [{ value: 3 }] },
    ])
  })

  it('that Datadog would drop are counted, also those that have become too old while they waited', async () => {
    const { datadog, protocol, clock } = await start()
    const batch = metrics(
      gauge(1, NOW - 61 * MINUTE),
      gauge(2, NOW + 11 * MINUTE),
      gauge(3, NOW - 59 * MINUTE),
      gauge(4, NOW),
    )
    const { requests, undelivered } = protocol.encode([batch], NOW)
    expect(undelivered).toEqual([
      { reason: 'too_old', items: 1 },
      { reason: 'too_far_ahead', items: 1 },
    ])
    const other = protocol.encode(
      [otlpBatch('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge(5, NOW)] }] }] })],
      NOW,
    )
    clock.nowMs = NOW + 61 * MINUTE
    datadog.nowMs = clock.nowMs
    for (const request of [...requests, ...other.requests]) {
      expect(await protocol.send(request, signal)).toMatchObject({
        t: 'delivered',
        undelivered: [{ reason: 'too_old' }],
      })
    }
    expect(datadog.http.requests).toHaveLength(0)
    expect(datadog.dropped).toBe(0)
  })

  it('are cut when they are too large after compression', async () => {
    const { datadog, protocol } = await start()
    const noise = fc.sample(fc.string({ minLength: 150, maxLength: 180 }), { numRuns: 6_000, seed: 5 })
    const all = noise.map((value, i) => ({
      name: `m${String(i)}`,
      gauge: { dataPoints: [{ asDouble: Math.sin(i), timeUnixNano: ns(NOW), attributes: [text('noise', value)] }] },
    }))
    const { requests } = protocol.encode([metrics(...all)], NOW)
    const [first] = requests
    if (first === undefined) throw new Error('there is no request')
    expect((await protocol.send(first, signal)).t).toBe('too-large')
    expect((await deliver(protocol, [metrics(...all)], NOW)).delivered).toBe(6_000)
    expect(datadog.series).toHaveLength(6_000)
  })
})

describe('logs', () => {
  it('have the names that Datadog gives them', async () => {
    const { datadog, protocol } = await start({ tags: ['owner:me'] })
    const record = {
      timeUnixNano: ns(NOW - 5),
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'out of money' },
      traceId: Buffer.from('0123456789abcdef0000000000000010', 'hex'),
      spanId: Buffer.from('00000000000000ff', 'hex'),
      attributes: [text('http.route', '/pay'), text('message', 'not this'), { key: 'n', value: { intValue: '7' } }],
    }
    expect((await deliver(protocol, [logs(record)], NOW)).delivered).toBe(1)
    const [log] = datadog.logs
    expect(log).toMatchObject({
      message: 'out of money',
      ddsource: 'otel',
      hostname: 'node-1',
      service: 'shop',
      status: 'error',
      timestamp: NOW - 5,
      'http.route': '/pay',
      n: 7,
      'dd.trace_id': '16',
      'dd.span_id': '255',
      'otel.trace_id': '0123456789abcdef0000000000000010',
      'otel.severity_number': 17,
    })
    const tags = String(log?.['ddtags']).split(',')
    expect(tags).toEqual(expect.arrayContaining(['env:prd', 'owner:me', 'pod_name:shop-1', 'service:shop']))
  })

  it('have the status of their severity', async () => {
    const { datadog, protocol } = await start()
    const severities = [1, 5, 9, 13, 17, 21, 24]
    await deliver(
      protocol,
      [logs(...severities.map((severityNumber) => ({ severityNumber })), { severityText: 'Notice' }, {})],
      NOW,
    )
    expect(datadog.logs.map((log) => log['status'])).toEqual([
      'debug',
      'debug',
      'info',
      'warning',
      'error',
      'critical',
      'critical',
      'notice',
      undefined,
    ])
  })

  it('are at most a thousand in a request', async () => {
    const { datadog, protocol } = await start()
    const batch = logs(...Array.from({ length: 2_500 }, () => ({ body: { stringValue: 'a' } })))
    expect((await deliver(protocol, [batch], NOW)).delivered).toBe(2_500)
    expect(datadog.http.requests).toHaveLength(3)
  })

  it('are cut where they are too large, and counted where that does not help', async () => {
    const { datadog, protocol } = await start()
    const long = logs({ body: { stringValue: '"ä'.repeat(600_000) } })
    const wide = logs({ attributes: [text('big', 'x'.repeat(1_100_000))] })
    expect(await deliver(protocol, [long, wide], NOW)).toMatchObject({ delivered: 1, undelivered: { too_large: 1 } })
    expect(datadog.logs[0]?.['fleetglass.message_bytes']).toBe(1_800_000)
    expect(String(datadog.logs[0]?.['message']).length).toBeGreaterThan(400_000)
  })

  it('older than 18 hours are counted, before and after they have waited', async () => {
    const { datadog, protocol, clock } = await start()
    const batch = logs(
      { timeUnixNano: ns(NOW - 19 * 60 * MINUTE) },
      { timeUnixNano: ns(NOW - 17 * 60 * MINUTE) },
      { timeUnixNano: ns(NOW) },
    )
    const { requests, undelivered } = protocol.encode([batch], NOW)
    expect(undelivered).toEqual([{ reason: 'too_old', items: 1 }])
    clock.nowMs = NOW + 2 * 60 * MINUTE
    datadog.nowMs = clock.nowMs
    const [request] = requests
    const outcome = request === undefined ? undefined : await protocol.send(request, signal)
    expect(outcome).toMatchObject({ t: 'partly', undelivered: [{ reason: 'too_old', items: 1 }], rest: { items: 1 } })
  })
})

describe('traces', () => {
  it('go to the intake for OTLP', async () => {
    const { datadog, protocol } = await start()
    expect((await deliver(protocol, [spans(2), spans(1)], NOW)).delivered).toBe(3)
    expect(datadog.spans).toHaveLength(3)
    expect(datadog.http.requests).toHaveLength(1)
  })

  it('are cut to what the intake takes, and what cannot be cut is counted', async () => {
    const { datadog, protocol } = await start()
    const outcome = await deliver(protocol, [spans(40, 'n'.repeat(200_000)), spans(1, 'n'.repeat(3_300_000))], NOW)
    expect(outcome).toMatchObject({ delivered: 40, undelivered: { too_large: 1 } })
    expect(datadog.spans).toHaveLength(40)
  })

  it('may be taken in part', async () => {
    const { datadog, protocol } = await start()
    // ExportTraceServiceResponse { partial_success { rejected_spans: 1 } }
    datadog.http.misbehave({ status: 200, body: Buffer.from([0x0a, 0x02, 0x08, 0x01]) })
    expect(await deliver(protocol, [spans(3)], NOW)).toMatchObject({ delivered: 2, undelivered: { rejected: 1 } })
  })

  it('may not be enabled', async () => {
    const { datadog, protocol } = await start()
    datadog.http.misbehave({ status: 403 })
    expect(await send(protocol, spans(1))).toMatchObject({
      t: 'misconfigured',
      detail: expect.stringContaining('enabled') as string,
    })
  })
})

describe.each([
  ['metrics', () => metrics(gauge(1, NOW))],
  ['logs', () => logs({ body: { stringValue: 'a' } })],
  ['traces', () => spans(1)],
] as const)('what Datadog answers to %s', (_kind, batch) => {
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [400, 'refused'],
    [401, 'misconfigured'],
    [403, 'misconfigured'],
    [404, 'misconfigured'],
    [408, 'retry'],
    [413, 'too-large'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
  ] as const)('%i: %s', async (status, t) => {
    const { datadog, protocol } = await start()
    datadog.http.misbehave({ status })
    expect((await send(protocol, batch())).t).toBe(t)
  })

  it('nothing, half of it, too late', async () => {
    const { datadog, protocol } = await start({ timeout: '50ms' })
    for (const misbehaviour of ['reset', 'half-answer', { delayMs: 200 }] as const) {
      datadog.http.misbehave(misbehaviour)
      expect((await send(protocol, batch())).t).toBe('retry')
    }
  })

  it('a wrong key', async () => {
    const { protocol } = await start({ apiKey: { env: 'WRONG' } })
    expect((await send(protocol, batch())).t).toBe('misconfigured')
  })
})

it('waits as long as the rate limit says', async () => {
  const { datadog, protocol } = await start()
  datadog.http.misbehave({ status: 429, headers: { 'x-ratelimit-reset': '12' } })
  expect(await send(protocol, logs({}))).toMatchObject({ t: 'retry', afterMs: 12_000 })
})

it('forgets nothing of a counter when a batch beside it is damaged', async () => {
  const { protocol } = await start()
  protocol.encode([metrics(counter(1, NOW - 10_000))], NOW)
  const good = metrics(counter(5, NOW))
  const damaged = { ...good, payload: good.payload.subarray(0, good.payload.length - 3) }
  expect(() => protocol.encode([good, damaged], NOW)).toThrow()
  expect(protocol.encode([good], NOW)).toMatchObject({ requests: [{ items: 1 }], undelivered: [] })
})

describe.each(SIGNALS)('any %s', (kind: Signal) => {
  it('are delivered or counted, and cut without loss', async () => {
    const { datadog, protocol } = await start({ histogramBuckets: true })
    let seen = 0
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryBatch(kind, NOW), { maxLength: 3 }), async (batches) => {
        const items = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
        seen += items
        const { delivered, undelivered, putAside } = await deliver(protocol, batches, NOW)
        expect(putAside.map((content) => Buffer.from(content).toString())).toEqual([])
        expect(delivered + Object.values(undelivered).reduce((sum, count) => sum + count, 0)).toBe(items)
        for (const request of protocol.encode(batches, NOW).requests) {
          expect(cutToParts(request).length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 50 },
    )
    expect(datadog.dropped).toBe(0)
    expect(seen).toBeGreaterThan(0)
  })
})
