import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { destinationSchema } from '../../../fleet/destinations/index.ts'
import { type Batch, type Signal, SIGNALS } from '../../../model/index.ts'
import type { Outcome } from '../../../pipeline/destination/index.ts'
import { arbitraryBatch, batchOf, ns, otlpBatch } from '../../../pipeline/destination/testing/payloads.ts'
import { cutToParts, deliver, testParts, TurnedClock } from '../../../pipeline/destination/testing/protocol-kit.ts'
import { RemoteWriteWriter } from '../../../wire/index.ts'
import { createSplunkHecProtocol } from './index.ts'
import { type SplunkEvent, type SplunkOptions, SplunkServer } from './testing/splunk-server.ts'

const signal = new AbortController().signal
const NOW = 1_790_000_000_123
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

type Protocol = ReturnType<typeof createSplunkHecProtocol>

function createProtocol(url: string, settings: object = {}, clock = new TurnedClock(NOW)): Protocol {
  const parsed = destinationSchema.parse({ type: 'splunk-hec', url, token: { env: 'TOKEN' }, ...settings })
  if (parsed.type !== 'splunk-hec') throw new Error('unreachable')
  const protocol = createSplunkHecProtocol(parsed, testParts({ TOKEN: 'the-token' }, clock))
  open.push(protocol)
  return protocol
}

interface Started {
  readonly splunk: SplunkServer
  readonly protocol: Protocol
  readonly clock: TurnedClock
}

async function start(options: SplunkOptions = {}, settings: object = {}): Promise<Started> {
  const splunk = await SplunkServer.start(options)
  open.push(splunk.http)
  const clock = new TurnedClock(NOW)
  return { splunk, clock, protocol: createProtocol(splunk.http.url, settings, clock) }
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })

function logs(...bodies: readonly string[]): Batch {
  const logRecords = bodies.map((stringValue) => ({ timeUnixNano: ns(NOW), body: { stringValue } }))
  return otlpBatch('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

function firstRequest(
  protocol: Protocol,
  ...batches: readonly Batch[]
): ReturnType<Protocol['encode']>['requests'][number] {
  const [request] = protocol.encode(batches, NOW).requests
  if (request === undefined) throw new Error('there is no request')
  return request
}

function send(protocol: Protocol, ...batches: readonly Batch[]): Promise<Outcome> {
  return protocol.send(firstRequest(protocol, ...batches), signal)
}

const ANYWHERE = 'http://127.0.0.1:1'

function eventsOf(batch: Batch, settings: object = {}): readonly SplunkEvent[] {
  const { requests } = createProtocol(ANYWHERE, settings).encode([batch], NOW)
  return requests.flatMap(({ entries }) =>
    entries.flatMap(({ bytes }) =>
      Buffer.from(bytes)
        .toString()
        .split('\n')
        .map((line) => JSON.parse(line) as SplunkEvent),
    ),
  )
}

const IDENTITY_FIELDS = {
  cluster: 'prd-uaenorth',
  environment: 'prd',
  region: 'uaenorth',
  cluster_type: 'workload',
  tenant_id: 'prd',
}

describe('logs as events', () => {
  const record = {
    timeUnixNano: '1789999999005678901',
    severityNumber: 17,
    severityText: 'ERROR',
    body: { stringValue: 'out of money' },
    traceId: Buffer.from('0123456789abcdef0123456789abcdef', 'hex'),
    spanId: Buffer.from('0123456789abcdef', 'hex'),
    attributes: [
      text('cluster', 'a liar'),
      text('_raw', 'no'),
      text('empty', ''),
      {
        key: 'user',
        value: { kvlistValue: { values: [text('name', 'ann'), { key: 'age', value: { intValue: 7 } }] } },
      },
      { key: 'tags', value: { arrayValue: { values: [{ stringValue: 'a' }, { boolValue: true }] } } },
    ],
  }
  const resource = { attributes: [text('service.name', 'shop'), text('host.name', 'node-1')] }
  const batch = otlpBatch('logs', {
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'lib' }, logRecords: [record] }] }],
  })

  it('have time in seconds with milliseconds, a place and flat fields', () => {
    expect(eventsOf(batch)).toEqual([
      {
        time: 1789999999.005,
        host: 'node-1',
        source: 'shop',
        event: 'out of money',
        fields: {
          'service.name': 'shop',
          'host.name': 'node-1',
          'otel.scope.name': 'lib',
          raw: 'no',
          'user.name': 'ann',
          'user.age': '7',
          tags: ['a', 'true'],
          'otel.log.severity.text': 'ERROR',
          'otel.log.severity.number': '17',
          trace_id: '0123456789abcdef0123456789abcdef',
          span_id: '0123456789abcdef',
          ...IDENTITY_FIELDS,
        },
      },
    ])
  })

  it('write milliseconds of which the first are zero', () => {
    const { requests } = createProtocol(ANYWHERE).encode([batch], NOW)
    expect(Buffer.from(requests[0]?.content() ?? []).toString()).toContain('"time":1789999999.005,')
  })

  it('are put where the fleet file or attributes say', () => {
    const [event] = eventsOf(batch, {
      index: { attribute: 'user.index', otherwise: 'main' },
      sourcetype: 'otel:log',
      source: { attribute: 'service.name' },
      host: 'fixed',
    })
    expect(event).toMatchObject({ index: 'main', sourcetype: 'otel:log', source: 'shop', host: 'fixed' })
  })

  it.each([
    [{ body: { kvlistValue: { values: [text('a', 'b')] } } }, { a: 'b' }],
    [{ body: { intValue: '9007199254740993' } }, '9007199254740993'],
    [{ body: { stringValue: '  ' }, eventName: 'login' }, 'login'],
    [{ attributes: [text('only', 'attributes')] }, { only: 'attributes' }],
  ])('tell %j', (logRecord, event) => {
    const [only] = eventsOf(otlpBatch('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] }))
    expect(only?.event).toEqual(event)
  })

  it('have the time of receipt where they have no other, and are not made of nothing', () => {
    const nothing = otlpBatch(
      'logs',
      { resourceLogs: [{ scopeLogs: [{ logRecords: [{}, { body: { stringValue: 'a' } }] }] }] },
      { receivedAtMs: NOW },
    )
    const { requests, undelivered } = createProtocol(ANYWHERE).encode([nothing], NOW)
    expect(undelivered).toEqual([{ reason: 'no_content', items: 1 }])
    expect(requests[0]?.items).toBe(1)
    expect(eventsOf(nothing)[0]).toMatchObject({ time: NOW / 1000, host: 'prd-uaenorth' })
  })
})

describe('spans and metrics', () => {
  it('sends a span as an event', () => {
    const span = {
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 2),
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: '1000000001',
      endTimeUnixNano: '3000000002',
      status: { code: 2, message: 'no' },
      events: [{ name: 'e', timeUnixNano: '5', attributes: [text('k', 'v')] }],
    }
    const batch = otlpBatch('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
    expect(eventsOf(batch, { tracesIndex: 'spans' })).toMatchObject([
      {
        time: 1,
        index: 'spans',
        event: {
          trace_id: '01'.repeat(16),
          span_id: '02'.repeat(8),
          name: 'GET /',
          kind: 'server',
          duration_ns: 2_000_000_001,
          status: { code: 'error', message: 'no' },
          events: [{ name: 'e', timestamp: 5, attributes: { k: 'v' } }],
        },
        fields: IDENTITY_FIELDS,
      },
    ])
  })

  it('puts metrics of the same dimensions into one event', () => {
    const point = (asDouble: number, region: string, ms = NOW): object => ({
      asDouble,
      timeUnixNano: ns(ms),
      attributes: [text('zone', region)],
    })
    const gauge = (name: string, ...dataPoints: readonly object[]): object => ({ name, gauge: { dataPoints } })
    const metrics = [
      gauge('cpu.idle', point(13.3, 'us'), point(1, 'eu')),
      gauge('cpu.busy', point(86.7, 'us'), point(2, 'us', NOW + 1), point(3, 'us')),
    ]
    const events = eventsOf(otlpBatch('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }), {
      metricsIndex: 'm',
    })
    const values = events.map(({ fields }) =>
      Object.entries(fields ?? {}).filter(([key]) => key.startsWith('metric_name:')),
    )
    expect(events.every(({ event, index }) => event === 'metric' && index === 'm')).toBe(true)
    expect(values.sort()).toEqual(
      [
        [
          ['metric_name:cpu.idle', 13.3],
          ['metric_name:cpu.busy', 86.7],
        ],
        [['metric_name:cpu.idle', 1]],
        [['metric_name:cpu.busy', 2]],
        [['metric_name:cpu.busy', 3]],
      ].sort(),
    )
    expect(events[0]?.fields).toMatchObject({
      zone: expect.any(String) as string,
      metric_type: 'gauge',
      ...IDENTITY_FIELDS,
    })
  })

  it('tells histograms by sum, count and buckets, and counts one item each', () => {
    const point = { count: '3', sum: 6, bucketCounts: ['1', '2'], explicitBounds: [2], timeUnixNano: ns(NOW) }
    const metrics = [{ name: 'lat', histogram: { dataPoints: [point], aggregationTemporality: 2 } }]
    const batch = otlpBatch('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] })
    const fields = eventsOf(batch).map((event) => event.fields)
    expect(fields).toMatchObject([
      { 'metric_name:lat_count': 3, 'metric_name:lat_sum': 6 },
      { 'metric_name:lat_bucket': 1, le: '2' },
      { 'metric_name:lat_bucket': 3, le: '+Inf' },
    ])
    expect(firstRequest(createProtocol(ANYWHERE), batch).items).toBe(1)
  })

  it('takes remote write, and says what has no value', () => {
    const writer = new RemoteWriteWriter()
    writer.beginSeries(['__name__', 'up', 'job', 'a'])
    writer.sample(1, NOW)
    writer.staleMarker(NOW + 1)
    writer.endSeries()
    const batch = batchOf('metrics', writer.finish(), { format: 'remote-write-2', items: 2 })
    expect(eventsOf(batch)).toMatchObject([{ fields: { 'metric_name:up': 1, job: 'a' } }])
    expect(createProtocol(ANYWHERE).encode([batch], NOW).undelivered).toEqual([{ reason: 'no_value', items: 1 }])
  })
})

describe('what Splunk answers', () => {
  it('takes what is sent, compressed, with the token', async () => {
    const { splunk, protocol } = await start()
    expect(await send(protocol, logs('a', 'b'))).toEqual({ t: 'delivered' })
    expect(splunk.events.map(({ event }) => event)).toEqual(['a', 'b'])
    expect(splunk.http.requests[0]?.headers).toMatchObject({
      'content-encoding': 'gzip',
      authorization: 'Splunk the-token',
    })
  })

  const codeAnswer = (status: number, code: number, more: object = {}): { status: number; body: string } => ({
    status,
    body: JSON.stringify({ text: 'text', code, ...more }),
  })

  it.each([
    [0, 200, 'delivered'],
    [1, 403, 'misconfigured'],
    [2, 401, 'misconfigured'],
    [3, 401, 'misconfigured'],
    [4, 403, 'misconfigured'],
    [5, 400, 'refused'],
    [6, 400, 'refused'],
    [7, 400, 'refused'],
    [8, 500, 'retry'],
    [9, 503, 'retry'],
    [10, 400, 'misconfigured'],
    [11, 400, 'misconfigured'],
    [12, 400, 'refused'],
    [13, 400, 'refused'],
    [14, 400, 'retry'],
    [15, 400, 'refused'],
    [16, 400, 'misconfigured'],
    [17, 200, 'delivered'],
    [18, 503, 'retry'],
    [19, 503, 'retry'],
    [20, 503, 'retry'],
    [21, 400, 'misconfigured'],
    [22, 400, 'misconfigured'],
    [23, 503, 'retry'],
    [24, 200, 'delivered'],
    [25, 200, 'delivered'],
    [26, 429, 'retry'],
    [27, 429, 'retry'],
  ] as const)('code %i with HTTP status %i: %s', async (code, status, t) => {
    const { splunk, protocol } = await start()
    splunk.http.misbehave(codeAnswer(status, code))
    expect((await send(protocol, logs('a', 'b'))).t).toBe(t)
  })

  it.each(['5', '6', '12', '13'])(
    'code %s with the number of an event: that one is put aside, the rest goes on',
    async (code) => {
      const { splunk, protocol } = await start()
      splunk.http.misbehave(codeAnswer(400, Number(code), { 'invalid-event-number': 1 }))
      const outcome = await send(protocol, logs('a', 'b', 'c', 'd'))
      expect(outcome).toMatchObject({ t: 'partly', undelivered: [{ reason: `hec_code_${code}`, items: 1 }] })
      if (outcome.t !== 'partly') throw new Error('unreachable')
      expect(Buffer.from(outcome.rest.content?.() ?? []).toString()).toMatch(/"event":"c".*\n.*"event":"d"/)
      expect(Buffer.from(outcome.undelivered?.[0]?.content ?? []).toString()).toContain('"event":"b"')
    },
  )

  it('the last event is bad: nothing is left to send', async () => {
    const { splunk, protocol } = await start()
    splunk.http.misbehave(codeAnswer(400, 12, { 'invalid-event-number': 1 }))
    expect(await send(protocol, logs('a', 'b'))).toMatchObject({ t: 'delivered', undelivered: [{ items: 1 }] })
  })

  it('an index that is the same for all is a matter of settings, one of many is put aside', async () => {
    const fixed = await start({ indexes: ['main'] }, { index: 'secret' })
    expect((await send(fixed.protocol, logs('a'))).t).toBe('misconfigured')
    const record = (index: string): object => ({
      body: { stringValue: index },
      attributes: [text('com.splunk.index', index)],
    })
    const mixed = otlpBatch('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [record('main'), record('secret'), record('main')] }] }],
    })
    const { splunk, protocol } = await start({ indexes: ['main'] })
    expect(await deliver(protocol, [mixed])).toMatchObject({ delivered: 2, undelivered: { hec_code_7: 1 } })
    expect(splunk.events).toHaveLength(2)
  })

  it('fields that cannot be indexed are left out', async () => {
    const { splunk, protocol } = await start()
    splunk.http.misbehave(codeAnswer(400, 15, { 'invalid-event-number': 0 }))
    expect(await deliver(protocol, [logs('a', 'b')])).toMatchObject({ delivered: 2, undelivered: {} })
    expect(splunk.events).toMatchObject([{ event: 'a' }, { event: 'b', fields: IDENTITY_FIELDS }])
    expect(splunk.events[0]?.fields).toBeUndefined()
  })

  it('a hint that queues are filling slows down until it is gone', async () => {
    const { splunk, protocol, clock } = await start()
    splunk.http.misbehave(codeAnswer(200, 24), codeAnswer(200, 25))
    for (let i = 0; i < 4; i++) await send(protocol, logs('a'))
    expect(clock.slept).toEqual([1_000, 2_000])
  })

  it.each([
    ['a reset', 'reset', 'retry'],
    ['half an answer', 'half-answer', 'retry'],
    ["a proxy's page", { status: 200, body: '<html>' }, 'retry'],
    ['half of the JSON', { status: 200, body: '{"text":"Succ' }, 'retry'],
    ['a redirection', { status: 302, headers: { location: '/login' } }, 'misconfigured'],
    ['an error of a gateway', { status: 502 }, 'retry'],
    ['no such address', { status: 404 }, 'misconfigured'],
    ['too large', { status: 413 }, 'too-large'],
  ] as const)('%s', async (_what, misbehaviour, t) => {
    const { splunk, protocol } = await start()
    splunk.http.misbehave(misbehaviour)
    expect((await send(protocol, logs('a'))).t).toBe(t)
  })

  it('waits as long as it is told', async () => {
    const { splunk, protocol } = await start()
    splunk.http.misbehave({ ...codeAnswer(503, 9), headers: { 'retry-after': '7' } })
    expect(await send(protocol, logs('a'))).toMatchObject({ t: 'retry', afterMs: 7_000 })
  })

  it('an answer that does not come is a retry', async () => {
    const { splunk, protocol } = await start({}, { timeout: '50ms' })
    splunk.http.misbehave({ delayMs: 300 })
    expect((await send(protocol, logs('a'))).t).toBe('retry')
  })

  it('nobody listens', async () => {
    expect((await send(createProtocol(ANYWHERE), logs('a'))).t).toBe('retry')
  })
})

describe('indexer acknowledgement', () => {
  const ACK = { ack: { poll: '10ms', timeout: '1s' } }

  it('is waited for, on one channel', async () => {
    const { splunk, protocol } = await start({ ack: true }, ACK)
    let polls = 0
    splunk.indexed = () => ++polls > 3
    expect(await send(protocol, logs('a'))).toEqual({ t: 'delivered' })
    await send(protocol, logs('b'))
    const channels = splunk.http.requests.map(({ headers }) => headers['x-splunk-request-channel'])
    expect(new Set(channels).size).toBe(1)
    expect(polls).toBeGreaterThan(3)
  })

  it('does not come: everything is sent again', async () => {
    const { splunk, protocol } = await start({ ack: true }, ACK)
    splunk.indexed = (id) => id > 0
    expect((await send(protocol, logs('a'))).t).toBe('retry')
    expect(await send(protocol, logs('a'))).toEqual({ t: 'delivered' })
  })

  it('is not enabled for the token: it is turned off, and events count as delivered', async () => {
    const { splunk, protocol } = await start({ ack: false }, ACK)
    expect(await send(protocol, logs('a'))).toEqual({ t: 'delivered' })
    await send(protocol, logs('b'))
    expect(splunk.http.requests[1]?.headers['x-splunk-request-channel']).toBeUndefined()
  })

  it('is turned off while somebody waits', async () => {
    const { splunk, protocol } = await start({ ack: true }, ACK)
    const off = { status: 400, body: JSON.stringify({ text: 'ACK is disabled', code: 14 }) }
    splunk.indexed = () => {
      splunk.http.misbehave(off)
      return false
    }
    expect(await send(protocol, logs('a'))).toEqual({ t: 'delivered' })
  })

  it('is required by the token, but not by the fleet file', async () => {
    const { protocol } = await start({ ack: true })
    expect(await send(protocol, logs('a'))).toMatchObject({
      t: 'misconfigured',
      detail: expect.stringContaining('10') as string,
    })
  })

  it('ends with the program', async () => {
    const { splunk, protocol } = await start({ ack: true }, { ack: { poll: '10ms', timeout: '10h' } })
    splunk.indexed = () => false
    const controller = new AbortController()
    const sent = protocol.send(firstRequest(protocol, logs('a')), controller.signal)
    await expect.poll(() => splunk.events.length).toBe(1)
    controller.abort()
    await expect(sent).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe.each(SIGNALS)('any %s', (kind: Signal) => {
  it('are delivered or counted, and cut without loss', async () => {
    const { protocol } = await start()
    let seen = 0
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryBatch(kind, NOW), { maxLength: 3 }), async (batches) => {
        const items = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
        seen += items
        const { delivered, undelivered, putAside } = await deliver(protocol, batches, NOW)
        expect(delivered + Object.values(undelivered).reduce((sum, count) => sum + count, 0)).toBe(items)
        expect(putAside).toEqual([])
        for (const request of protocol.encode(batches, NOW).requests) {
          expect(cutToParts(request)).toHaveLength(request.entries.length)
        }
      }),
      { numRuns: 50 },
    )
    expect(seen).toBeGreaterThan(0)
  })
})
