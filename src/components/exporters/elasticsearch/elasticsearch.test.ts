import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { destinationSchema } from '../../../fleet/destinations/index.ts'
import { type Batch, type Signal, SIGNALS } from '../../../model/index.ts'
import { arbitraryBatch, ns, otlpBatch } from '../../../pipeline/destination/testing/payloads.ts'
import { cutToParts, deliver, testParts, TurnedClock } from '../../../pipeline/destination/testing/protocol-kit.ts'
import { createElasticsearchProtocol } from './index.ts'
import { type ElasticsearchOptions, ElasticsearchServer } from './testing/elasticsearch-server.ts'

const NOW = 1_790_000_000_123
const signal = new AbortController().signal
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

type Protocol = ReturnType<typeof createElasticsearchProtocol>
interface Started {
  readonly elastic: ElasticsearchServer
  readonly protocol: Protocol
}

async function start(settings: object = {}, options: ElasticsearchOptions = {}): Promise<Started> {
  const elastic = await ElasticsearchServer.start(options)
  const parsed = destinationSchema.parse({ type: 'elasticsearch', url: elastic.http.url, ...settings })
  if (parsed.type !== 'elasticsearch') throw new Error('unreachable')
  const protocol = createElasticsearchProtocol(parsed, testParts({ KEY: 'the-key' }, new TurnedClock(NOW)))
  open.push(elastic.http, protocol)
  return { elastic, protocol }
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })

function logs(...bodies: readonly string[]): Batch {
  const logRecords = bodies.map((stringValue) => ({ timeUnixNano: ns(NOW), body: { stringValue } }))
  return otlpBatch('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

async function send(protocol: Protocol, batch: Batch): ReturnType<Protocol['send']> {
  const [request] = protocol.encode([batch], NOW).requests
  if (request === undefined) throw new Error('there is no request')
  return protocol.send(request, signal)
}

/** What arrives, by data stream. */
async function documentsOf(batch: Batch, settings: object = {}): Promise<readonly (readonly [string, unknown])[]> {
  const { elastic, protocol } = await start(settings)
  const { undelivered } = await deliver(protocol, [batch], NOW)
  expect(undelivered).toEqual({})
  return [...elastic.documents].map(([key, document]) => [key.slice(0, key.indexOf('/')), document] as const)
}

const LABELS = {
  'labels.cluster': 'prd-uaenorth',
  'labels.environment': 'prd',
  'labels.region': 'uaenorth',
  'labels.cluster_type': 'workload',
  'labels.tenant_id': 'prd',
}

describe('documents', () => {
  it('of logs', async () => {
    const record = {
      timeUnixNano: '1790000000123456789',
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'out of money' },
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 2),
      attributes: [
        text('http.route', '/pay'),
        text('http', 'both'),
        text('', 'nameless'),
        { key: 'big', value: { intValue: '9007199254740993' } },
        { key: 'nan', value: { doubleValue: NaN } },
        {
          key: 'list',
          value: { arrayValue: { values: [{ intValue: '1' }, { kvlistValue: { values: [text('a', 'b')] } }] } },
        },
      ],
    }
    const resource = { attributes: [text('service.name', 'shop'), text('k8s.pod.name', 'shop-1')] }
    const batch = otlpBatch('logs', {
      resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'lib', version: '1' }, logRecords: [record] }] }],
    })
    expect(await documentsOf(batch)).toEqual([
      [
        'logs-generic-prd',
        {
          '@timestamp': '2026-09-21T14:13:20.123456789Z',
          'data_stream.type': 'logs',
          'data_stream.dataset': 'generic',
          'data_stream.namespace': 'prd',
          ...LABELS,
          'service.name': 'shop',
          'resource.attributes': { 'service.name': 'shop', 'k8s.pod.name': 'shop-1' },
          'scope.name': 'lib',
          'scope.version': '1',
          message: 'out of money',
          'log.level': 'error',
          'event.severity': 17,
          'trace.id': '01'.repeat(16),
          'span.id': '02'.repeat(8),
          attributes: {
            'http.route': '/pay',
            'http.value': 'both',
            _: 'nameless',
            big: 9007199254740992,
            list: [1, '{"a":"b"}'],
          },
        },
      ],
    ])
    const { protocol } = await start()
    // Read with more digits than JavaScript has.
    expect(Buffer.from(protocol.encode([batch], NOW).requests[0]?.content() ?? []).toString()).toContain(
      '"big":9007199254740993',
    )
  })

  it('of spans', async () => {
    const span = {
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 2),
      parentSpanId: Buffer.alloc(8, 3),
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: ns(NOW),
      endTimeUnixNano: ns(NOW + 5),
      status: { code: 2, message: 'no' },
      events: [{ name: 'e', timeUnixNano: ns(NOW), attributes: [text('k', 'v')] }],
      links: [{ traceId: Buffer.alloc(16, 4), spanId: Buffer.alloc(8, 5) }],
    }
    const [document] = await documentsOf(otlpBatch('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))
    expect(document?.[0]).toBe('traces-generic-prd')
    expect(document?.[1]).toMatchObject({
      'trace.id': '01'.repeat(16),
      'parent.id': '03'.repeat(8),
      'span.name': 'GET /',
      'span.kind': 'server',
      'event.duration': 5_000_000,
      'event.outcome': 'failure',
      'status.message': 'no',
      events: [{ time: '2026-09-21T14:13:20.123000000Z', name: 'e', attributes: { k: 'v' } }],
      links: [{ 'trace.id': '04'.repeat(16), 'span.id': '05'.repeat(8) }],
    })
  })

  it('of metrics of the same time and dimensions', async () => {
    const point = (asDouble: number, zone: string): object => ({
      asDouble,
      timeUnixNano: ns(NOW),
      attributes: [text('zone', zone)],
    })
    const histogram = {
      count: '3',
      sum: 6,
      bucketCounts: ['1', '2', '0'],
      explicitBounds: [2, 4],
      timeUnixNano: ns(NOW),
      attributes: [text('zone', 'a')],
    }
    const metrics = [
      { name: 'cpu', gauge: { dataPoints: [point(1, 'a'), point(2, 'b')] } },
      { name: 'cpu.idle', gauge: { dataPoints: [point(3, 'a')] } },
      { name: 'lat', histogram: { dataPoints: [histogram], aggregationTemporality: 2 } },
    ]
    const documents = await documentsOf(otlpBatch('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }))
    expect(documents).toMatchObject([
      [
        'metrics-generic-prd',
        {
          attributes: { zone: 'a' },
          metrics: {
            'cpu.value': 1,
            'cpu.idle': 3,
            'lat.count': 3,
            'lat.sum': 6,
            'lat.histogram': { values: [2, 3], counts: [1, 2] },
          },
        },
      ],
      ['metrics-generic-prd', { attributes: { zone: 'b' }, metrics: { cpu: 2 } }],
    ])
  })

  it('go where the fleet file or attributes say, under names that Elasticsearch takes', async () => {
    const record = { body: { stringValue: 'a' }, attributes: [text('data_stream.dataset', 'Nginx-Access/ä')] }
    const batch = otlpBatch('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })
    expect((await documentsOf(batch))[0]?.[0]).toBe('logs-nginx_access_ä-prd')
    expect((await documentsOf(batch, { dataset: 'app', namespace: 'eu' }))[0]?.[0]).toBe('logs-app-eu')
  })
})

describe('what Elasticsearch answers', () => {
  it('a batch that comes again is there already', async () => {
    const { elastic, protocol } = await start()
    const batch = logs('a', 'b')
    expect(await send(protocol, batch)).toEqual({ t: 'delivered' })
    expect(await send(protocol, batch)).toEqual({ t: 'delivered' })
    expect(elastic.documents.size).toBe(2)
  })

  it('other batches have other ids', async () => {
    const { elastic, protocol } = await start()
    const { payload, envelope } = logs('a')
    const other = { payload, envelope: { ...envelope, id: { edge: 'e', epoch: 'x', first: 2, last: 2 } } }
    const { delivered } = await deliver(protocol, [{ payload, envelope }, other], NOW)
    expect(delivered).toBe(2)
    expect(elastic.documents.size).toBe(2)
  })

  it.each([
    [201, 'delivered'],
    [200, 'delivered'],
    [409, 'delivered'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [401, 'misconfigured'],
    [403, 'misconfigured'],
  ] as const)('the result %i for all: %s', async (status, t) => {
    const { elastic, protocol } = await start()
    elastic.nextResults.set(0, status).set(1, status)
    expect((await send(protocol, logs('a', 'b'))).t).toBe(t)
  })

  it('results of single documents: what is done is done, what is bad is put aside, the rest comes again', async () => {
    const { elastic, protocol } = await start()
    elastic.nextResults.set(1, 400).set(2, 429).set(3, 409).set(4, 404)
    const outcome = await send(protocol, logs('a', 'b', 'c', 'd', 'e'))
    expect(outcome).toMatchObject({ t: 'partly', afterMs: 1_000 })
    if (outcome.t !== 'partly') throw new Error('unreachable')
    expect(Buffer.from(outcome.rest.content()).toString()).toMatch(/^\{"create".*\n.*"message":"c".*\n$/)
    expect(outcome.undelivered?.map(({ reason }) => reason)).toEqual(Array(2).fill('es_rejected_execution_exception'))
    expect(Buffer.from(outcome.undelivered?.[0]?.content ?? []).toString()).toContain('"message":"b"')
    expect(await protocol.send(outcome.rest, signal)).toEqual({ t: 'delivered' })
    expect(elastic.documents.size).toBe(2)
  })

  it.each([
    [413, 'too-large'],
    [401, 'misconfigured'],
    [403, 'misconfigured'],
    [404, 'misconfigured'],
    [400, 'refused'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ] as const)('HTTP status %i: %s', async (status, t) => {
    const { elastic, protocol } = await start()
    elastic.http.misbehave({ status, body: '{"error":{}}' })
    expect((await send(protocol, logs('a'))).t).toBe(t)
  })

  it.each([
    ['reset', 'reset'],
    ['half of an answer', 'half-answer'],
    ['no JSON', { status: 200, body: '<html>' }],
    ['too few results', { status: 200, body: '{"items":[]}' }],
  ] as const)('%s: what comes again is there already', async (_what, misbehaviour) => {
    const { elastic, protocol } = await start()
    elastic.http.misbehave(misbehaviour)
    expect((await deliver(protocol, [logs('a', 'b')], NOW)).delivered).toBe(2)
    expect(elastic.documents.size).toBe(2)
  })

  it('authorizes by API key or user', async () => {
    const byKey = await start({ apiKey: { env: 'KEY' } }, { authorization: 'ApiKey the-key' })
    expect((await send(byKey.protocol, logs('a'))).t).toBe('delivered')
    const basic = `Basic ${Buffer.from('u:the-key').toString('base64')}`
    const byUser = await start(
      { auth: { basic: { username: 'u', password: { env: 'KEY' } } } },
      { authorization: basic },
    )
    expect((await send(byUser.protocol, logs('a'))).t).toBe('delivered')
    const nobody = await start({}, { authorization: basic })
    expect((await send(nobody.protocol, logs('a'))).t).toBe('misconfigured')
  })
})

describe.each(SIGNALS)('any %s', (kind: Signal) => {
  it('are delivered or counted, and cut without loss', async () => {
    const { elastic, protocol } = await start()
    let sequence = 0
    let seen = 0
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryBatch(kind, NOW), { maxLength: 3 }), async (arbitrary) => {
        const batches = arbitrary.map(({ payload, envelope }) => {
          sequence += 1
          return { payload, envelope: { ...envelope, id: { edge: 'e', epoch: 'x', first: sequence, last: sequence } } }
        })
        const items = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
        seen += items
        const before = elastic.documents.size
        const { delivered, undelivered, putAside } = await deliver(protocol, batches, NOW)
        expect(putAside.map((content) => Buffer.from(content).toString())).toEqual([])
        expect(delivered + Object.values(undelivered).reduce((sum, count) => sum + count, 0)).toBe(items)
        const { requests } = protocol.encode(batches, NOW)
        expect(elastic.documents.size - before).toBe(requests.reduce((sum, { entries }) => sum + entries.length, 0))
        for (const request of requests) expect(cutToParts(request)).toHaveLength(request.entries.length)
      }),
      { numRuns: 50 },
    )
    expect(seen).toBeGreaterThan(0)
  })
})
