import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { startStoreHub, type StoreHub } from './testing/store-hub.ts'

const NOW_MS = Date.UTC(2026, 0, 1, 12)
const T0 = NOW_MS - 600_000

interface TestSpan {
  readonly trace: string
  readonly id: string
  readonly parent?: string
  readonly service: string
  readonly name: string
  readonly kind?: number
  readonly atMs: number
  readonly durationUs: number
  readonly status?: { readonly code?: number; readonly message?: string }
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly resource?: Readonly<Record<string, unknown>>
  readonly scope?: unknown
  readonly events?: readonly unknown[]
  readonly links?: readonly unknown[]
  readonly more?: Readonly<Record<string, unknown>>
}

const A = 'a'.repeat(32)
const B = 'b'.repeat(32)
const SHORT = `${'0'.repeat(16)}00000000000000c5`
const GONE = 'f'.repeat(32)

const ns = (ms: number, plus = 0): string => (BigInt(Math.round(ms)) * 1_000_000n + BigInt(plus)).toString()
const keyValues = (values: Readonly<Record<string, unknown>>): unknown[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }))

const SPANS: readonly TestSpan[] = [
  {
    trace: A,
    id: 'a000000000000001',
    service: 'shop',
    name: 'POST /checkout',
    kind: 2,
    atMs: 0,
    durationUs: 100_000,
    attributes: {
      'http.status_code': { intValue: '200' },
      big: { intValue: '9007199254740993' },
      ratio: { doubleValue: 72.5 },
      retried: { boolValue: true },
      blob: { bytesValue: 'AAAwOQ==' },
      list: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } },
      map: { kvlistValue: { values: [{ key: 'k', value: { boolValue: false } }] } },
    },
    resource: { 'host.name': { stringValue: 'node-1' } },
    scope: { name: 'tracer', version: '1.2', attributes: keyValues({ lib: { stringValue: 'x' } }) },
    events: [
      { timeUnixNano: ns(T0 + 20, 5000), name: 'cache miss', attributes: keyValues({ shelf: { intValue: '7' } }) },
      { timeUnixNano: ns(T0 + 30), attributes: keyValues({ event: { stringValue: 'own' } }) },
    ],
    more: { traceState: 'vendor=1', droppedAttributesCount: 2, flags: 257 },
  },
  {
    trace: A,
    id: 'a000000000000002',
    parent: 'a000000000000001',
    service: 'pay',
    name: 'charge',
    kind: 2,
    atMs: 20,
    durationUs: 50_000,
    status: { code: 2, message: 'card refused' },
    attributes: { 'http.status_code': { intValue: '500' } },
    links: [
      { traceId: B, spanId: 'b000000000000001', attributes: keyValues({ why: { stringValue: 'batch' } }) },
      { traceId: A, spanId: 'a000000000000001', attributes: [] },
      {
        traceId: B,
        spanId: 'b000000000000002',
        attributes: keyValues({ 'opentracing.ref_type': { stringValue: 'child_of' } }),
      },
      {},
    ],
  },
  {
    trace: A,
    id: 'a000000000000003',
    parent: 'a000000000000002',
    service: 'pay',
    name: 'sql',
    atMs: 25,
    durationUs: 3,
  },
  {
    trace: B,
    id: 'b000000000000001',
    service: 'shop',
    name: 'GET /login',
    kind: 2,
    atMs: 60_000,
    durationUs: 5_000,
    status: { code: 1 },
    attributes: { 'http.status_code': { stringValue: '200' }, error: { stringValue: 'false' } },
  },
  {
    trace: B,
    id: 'b000000000000002',
    parent: 'b000000000000001',
    service: 'pay',
    name: 'charge',
    kind: 3,
    atMs: 60_001,
    durationUs: 1_000,
    attributes: { error: { boolValue: true } },
  },
  {
    trace: SHORT,
    id: 'c000000000000001',
    parent: 'c0000000000000ff',
    service: 'late',
    name: 'tail',
    kind: 5,
    atMs: 120_000,
    durationUs: 1,
  },
]

function toRequest(spans: readonly TestSpan[]): unknown {
  return {
    resourceSpans: spans.map(({ service, resource = {}, scope = {}, ...span }) => ({
      resource: { attributes: keyValues({ 'service.name': { stringValue: service }, ...resource }) },
      scopeSpans: [
        {
          scope,
          spans: [
            {
              traceId: span.trace,
              spanId: span.id,
              parentSpanId: span.parent ?? '',
              name: span.name,
              kind: span.kind ?? 0,
              startTimeUnixNano: ns(T0 + span.atMs),
              endTimeUnixNano: ns(T0 + span.atMs, span.durationUs * 1000),
              status: span.status ?? {},
              attributes: keyValues(span.attributes ?? {}),
              events: span.events ?? [],
              links: span.links ?? [],
              ...span.more,
            },
          ],
        },
      ],
    })),
  }
}

const START_US = String((T0 - 1000) * 1000)
const END_US = String((T0 + 600_000) * 1000)
const WITHIN = `start=${START_US}&end=${END_US}`
const TIMES = `query.startTimeMin=${new Date(T0 - 1000).toISOString()}&query.startTimeMax=${new Date(T0 + 600_000).toISOString()}`
const q = encodeURIComponent

describe.skipIf(noEngineReason !== undefined)(`Jaeger's API over the store ${noEngineReason ?? ''}`, () => {
  let hub: StoreHub
  beforeAll(async () => {
    hub = await startStoreHub(NOW_MS)
    await hub.send('traces', toRequest(SPANS))
    // Sent again, as senders without batch ids may.
    await hub.send('traces', toRequest(SPANS.slice(0, 1)))
    await hub.send(
      'traces',
      toRequest([{ trace: GONE, id: 'f000000000000001', service: 'secret', name: 'hidden', atMs: 1, durationUs: 1 }]),
      'prd',
    )
  }, 60_000)
  afterAll(() => hub.stop())

  async function get(path: string): Promise<{ status: number; json: unknown }> {
    const response = await hub.app.inject({ url: `/jaeger/api${path}`, headers: hub.headers('dev') })
    expect(response.headers['content-type']).toMatch(/^application\/json/)
    return { status: response.statusCode, json: response.json() }
  }

  async function data<T>(path: string): Promise<T> {
    const { status, json } = await get(path)
    expect(status, JSON.stringify(json)).toBe(200)
    return (json as { data: T }).data
  }

  interface Tag {
    readonly key: string
    readonly type: string
    readonly value: unknown
  }
  interface Span {
    readonly spanID: string
    readonly tags: Tag[]
    readonly logs: { timestamp: number; fields: Tag[] }[]
    readonly processID: string
    readonly references: unknown[]
  }
  interface Trace {
    readonly traceID: string
    readonly spans: Span[]
    readonly processes: Record<string, { serviceName: string; tags: Tag[] }>
  }

  it('lists services and operations', async () => {
    expect(await get('/services')).toEqual({
      status: 200,
      json: { data: ['late', 'pay', 'shop'], total: 3, limit: 0, offset: 0, errors: null },
    })
    expect(await data('/services/pay/operations')).toEqual(['charge', 'sql'])
    expect(await data('/services/no%2Fservice/operations')).toEqual([])
    expect(await data('/operations?service=pay')).toEqual([
      { name: 'charge', spanKind: 'server' },
      { name: 'charge', spanKind: 'client' },
      { name: 'sql', spanKind: '' },
    ])
    expect(await data('/operations?service=pay&spanKind=client')).toEqual([{ name: 'charge', spanKind: 'client' }])
    expect((await get('/v3/services')).json).toEqual({ services: ['late', 'pay', 'shop'] })
    expect((await get('/v3/operations?service=pay&span_kind=server')).json).toEqual({
      operations: [{ name: 'charge', spanKind: 'server' }],
    })
    expect((await get('/v3/operations?service=pay')).json).toMatchObject({
      operations: [{}, {}, { name: 'sql', spanKind: 'internal' }],
    })
  })

  it('shows a trace as its UI reads it', async () => {
    const { json } = await get(`/traces/${A.toUpperCase()}`)
    expect(json).toMatchObject({ total: 0, limit: 0, offset: 0, errors: null })
    const [trace] = (json as { data: Trace[] }).data
    expect(trace?.traceID).toBe(A)
    expect(trace?.spans.map(({ spanID }) => spanID)).toEqual(SPANS.slice(0, 3).map(({ id }) => id))
    const [checkout, charge, sql] = trace?.spans ?? []
    expect(checkout).toEqual({
      traceID: A,
      spanID: 'a000000000000001',
      operationName: 'POST /checkout',
      references: [],
      startTime: T0 * 1000,
      duration: 100_000,
      tags: [
        { key: 'otel.scope.name', type: 'string', value: 'tracer' },
        { key: 'otel.scope.version', type: 'string', value: '1.2' },
        { key: 'big', type: 'int64', value: '9007199254740993' },
        { key: 'blob', type: 'binary', value: 'AAAwOQ==' },
        { key: 'http.status_code', type: 'int64', value: 200 },
        { key: 'list', type: 'string', value: '["x",1]' },
        { key: 'map', type: 'string', value: '{"k":false}' },
        { key: 'ratio', type: 'float64', value: 72.5 },
        { key: 'retried', type: 'bool', value: true },
        { key: 'span.kind', type: 'string', value: 'server' },
        { key: 'w3c.tracestate', type: 'string', value: 'vendor=1' },
      ],
      logs: [
        {
          timestamp: (T0 + 20) * 1000 + 5,
          fields: [
            { key: 'event', type: 'string', value: 'cache miss' },
            { key: 'shelf', type: 'int64', value: 7 },
          ],
        },
        { timestamp: (T0 + 30) * 1000, fields: [{ key: 'event', type: 'string', value: 'own' }] },
      ],
      processID: 'p1',
      warnings: null,
    })
    expect(charge).toMatchObject({
      processID: 'p2',
      // The link to the parent only says of which type that reference is.
      references: [
        { refType: 'FOLLOWS_FROM', traceID: A, spanID: 'a000000000000001' },
        { refType: 'FOLLOWS_FROM', traceID: B, spanID: 'b000000000000001' },
        { refType: 'CHILD_OF', traceID: B, spanID: 'b000000000000002' },
      ],
      warnings: ['Invalid span link removed'],
    })
    expect(charge?.tags.slice(1)).toEqual([
      { key: 'span.kind', type: 'string', value: 'server' },
      { key: 'otel.status_code', type: 'string', value: 'ERROR' },
      { key: 'error', type: 'bool', value: true },
      { key: 'otel.status_description', type: 'string', value: 'card refused' },
    ])
    expect(sql).toMatchObject({ processID: 'p2', duration: 3, tags: [], references: [{ refType: 'CHILD_OF' }] })
    expect(trace?.processes['p1']).toMatchObject({
      serviceName: 'shop',
      tags: expect.arrayContaining([{ key: 'host.name', type: 'string', value: 'node-1' }]) as unknown,
    })
    expect(Object.keys(trace?.processes ?? {})).toEqual(['p1', 'p2'])
  })

  it('finds traces by short ids, by several ids, within times, and says what is missing', async () => {
    expect(await data<Trace[]>('/traces/c5')).toMatchObject([{ traceID: '00000000000000c5' }])
    expect(await get(`/traces/${GONE}`)).toEqual({
      status: 404,
      json: { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: 404, msg: 'trace not found' }] },
    })
    expect(await get(`/traces?traceID=${B}&traceID=${GONE}&traceID=${A}`)).toMatchObject({
      status: 200,
      json: {
        data: [{ traceID: B }, { traceID: A }],
        errors: [{ msg: 'trace not found', traceID: GONE }],
      },
    })
    expect((await get(`/traces/${A}?start=${END_US}`)).status).toBe(404)
    expect(await data<Trace[]>(`/traces/${A}?end=${String((T0 + 20) * 1000)}`)).toMatchObject([{ spans: [{}, {}] }])
  })

  const tags = (values: Readonly<Record<string, string>>): string => `tags=${q(JSON.stringify(values))}`
  /** All conditions are of one span; the newest trace is first. */
  const searches: readonly (readonly [string, readonly string[]])[] = [
    ['service=shop', [B, A]],
    ['service=shop&limit=1', [B]],
    ['service=nobody', []],
    ['service=shop&operation=charge', []],
    ['service=pay&operation=charge', [B, A]],
    ['service=shop&minDuration=50ms', [A]],
    ['service=shop&minDuration=5ms&maxDuration=5ms', [B]],
    ['service=shop&maxDuration=4999us', []],
    [`service=shop&${tags({ 'http.status_code': '200' })}`, [B, A]],
    [`service=pay&${tags({ 'http.status_code': '200' })}`, []],
    [`service=shop&${tags({ ratio: '72.5', retried: 'true', 'http.status_code': '200' })}`, [A]],
    [`service=shop&${tags({ ratio: '72.5', retried: 'false' })}`, []],
    [`service=shop&${tags({ big: '9007199254740993' })}`, [A]],
    [`service=shop&${tags({ big: '9007199254740992' })}`, []],
    [`service=shop&${tags({ blob: 'AAAwOQ==' })}`, [A]],
    [`service=shop&${tags({ 'host.name': 'node-1' })}`, [A]],
    [`service=shop&${tags({ shelf: '7', lib: 'x', ratio: '72.5' })}`, [A]],
    [`service=shop&${tags({ event: 'cache miss' })}`, [A]],
    [`service=shop&${tags({ 'span.kind': 'server' })}`, [B, A]],
    [`service=pay&${tags({ 'span.kind': 'client' })}`, [B]],
    [`service=pay&${tags({ error: 'true' })}`, [B, A]],
    [`service=shop&${tags({ error: 'true' })}`, []],
    [`service=shop&${tags({ error: 'false' })}`, [B, A]],
    [`service=shop&${tags({ 'otel.status_code': 'OK' })}`, [B]],
    [`service=pay&${tags({ 'otel.status_description': 'card refused', 'otel.status_code': 'ERROR' })}`, [A]],
    [`service=shop&${tags({ 'otel.scope.name': 'tracer', 'w3c.tracestate': 'vendor=1' })}`, [A]],
    [`service=shop&tag=ratio:72.5&tag=host.name:node-1`, [A]],
    [`service=shop&${tags({ absent: '' })}`, []],
    [`service=shop&${tags({ "x' OR 1=1 --": "' OR '1'='1" })}`, []],
  ]
  it.each(searches)('searches %s', async (params, expected) => {
    const found = await data<Trace[]>(`/traces?${params}&${WITHIN}`)
    expect(found.map(({ traceID }) => traceID)).toEqual(expected)
    for (const { spans } of found) expect(spans.length).toBeGreaterThan(1)
  })

  it('searches the last two days without a start, or as far as the lookback', async () => {
    expect(await data<Trace[]>('/traces?service=shop')).toHaveLength(2)
    expect(await data<Trace[]>('/traces?service=shop&lookback=9m')).toHaveLength(1)
    expect(await data<Trace[]>(`/traces?service=shop&end=${String((T0 + 1) * 1000)}`)).toHaveLength(1)
  })

  const wrong: readonly (readonly [string, string])[] = [
    ['/traces', "parameter 'service' is required"],
    ['/operations', "parameter 'service' is required"],
    ['/traces?service=a&start=x', `unable to parse param 'start': strconv.ParseInt: parsing "x": invalid syntax`],
    ['/traces?service=a&minDuration=x', `unable to parse param 'minDuration': time: invalid duration "x"`],
    ['/traces?service=a&minDuration=2s&maxDuration=1s', "'maxDuration' should be greater than 'minDuration'"],
    ['/traces?service=a&limit=0', 'parameter limit must be from 1 to 1500, received 0'],
    ['/traces?service=a&limit=x', 'malformed parameter limit: x is no integer'],
    ['/traces?service=a&tag=x', "malformed 'tag' parameter, expecting key:value, received: x"],
    ['/traces?service=a&tags={', "malformed 'tags' parameter, cannot unmarshal JSON: it is no JSON"],
    [`/traces?service=a&tags=${q('{"a":1}')}`, `malformed 'tags' parameter, cannot unmarshal JSON: "a" is no text`],
    ['/traces?traceID=xyz', 'cannot parse traceID param: strconv.ParseUint: parsing "xyz": invalid syntax'],
    ['/traces/xyz', 'strconv.ParseUint: parsing "xyz": invalid syntax'],
    [`/traces/${'1'.repeat(33)}`, `TraceID cannot be longer than 32 hex characters: ${'1'.repeat(33)}`],
    [`/traces/${A}?raw=x`, `unable to parse param 'raw': strconv.ParseBool: parsing "x": invalid syntax`],
    ['/dependencies?endTs=x', `unable to parse param 'endTs': strconv.ParseInt: parsing "x": invalid syntax`],
  ]
  it.each(wrong)('refuses %s', async (path, msg) => {
    expect(await get(path)).toEqual({
      status: 400,
      json: { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: 400, msg }] },
    })
  })

  it('refuses in shape what it does not do, and what is nowhere', async () => {
    for (const path of ['/metrics/calls?service=a', '/metrics/latencies', '/nope']) {
      const { status, json } = await get(path)
      expect(status).toBe(path === '/nope' ? 404 : 501)
      expect(json).toMatchObject({ data: null, errors: [{ code: status }] })
    }
    const url = `/jaeger/api/archive/${A}`
    const archived = await hub.app.inject({ method: 'POST', url, headers: hub.headers('dev') })
    expect([archived.statusCode, archived.json()]).toMatchObject([501, { errors: [{ code: 501 }] }])
  })

  it('counts calls between services', async () => {
    const window = `endTs=${String(T0 + 600_000)}&lookback=700000`
    expect(await get(`/dependencies?${window}`)).toEqual({
      status: 200,
      json: {
        data: [{ parent: 'shop', child: 'pay', callCount: 2 }],
        total: 0,
        limit: 0,
        offset: 0,
        errors: null,
      },
    })
    expect(await data(`/dependencies?${window}&service=late`)).toEqual([])
    // A parent may be older than the window, a child may not.
    expect(await data(`/dependencies?endTs=${String(T0 + 40)}&lookback=30`)).toEqual([
      { parent: 'shop', child: 'pay', callCount: 1 },
    ])
    const v3 = `startTime=${new Date(T0).toISOString()}&endTime=${new Date(T0 + 120_000).toISOString()}`
    expect((await get(`/v3/dependencies?${v3}`)).json).toEqual({
      dependencies: [{ parent: 'shop', child: 'pay', callCount: '2' }],
    })
  })

  it('answers the third API in OTLP', async () => {
    const { json } = await get(`/v3/traces/${A}`)
    const { resourceSpans } = (json as { result: { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] } }).result
    expect(resourceSpans).toHaveLength(2)
    expect(resourceSpans[0]?.scopeSpans[0]?.spans).toEqual([
      {
        traceId: A,
        spanId: 'a000000000000001',
        traceState: 'vendor=1',
        flags: 257,
        name: 'POST /checkout',
        kind: 2,
        startTimeUnixNano: ns(T0),
        endTimeUnixNano: ns(T0 + 100),
        attributes: expect.arrayContaining([
          { key: 'big', value: { intValue: '9007199254740993' } },
          { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } } },
        ]) as unknown,
        droppedAttributesCount: 2,
        events: [
          {
            timeUnixNano: ns(T0 + 20, 5000),
            name: 'cache miss',
            attributes: [{ key: 'shelf', value: { intValue: '7' } }],
          },
          { timeUnixNano: ns(T0 + 30), attributes: [{ key: 'event', value: { stringValue: 'own' } }] },
        ],
        status: {},
      },
    ])
    expect(await get(`/v3/traces/${GONE}`)).toEqual({
      status: 404,
      json: { error: { httpCode: 404, message: 'No traces found' } },
    })
    expect((await get(`/v3/traces?${TIMES}&query.serviceName=nobody`)).json).toEqual({ result: { resourceSpans: [] } })
  })

  it('sums traces up', async () => {
    const { json } = await get(`/v3/trace-summaries?${TIMES}`)
    expect(json).toEqual({
      summaries: [
        {
          traceId: SHORT,
          rootServiceName: '',
          rootOperationName: '',
          minStartTimeUnixNano: ns(T0 + 120_000),
          maxEndTimeUnixNano: ns(T0 + 120_000, 1000),
          spanCount: 1,
          errorSpanCount: 0,
          orphanSpanCount: 1,
          services: [{ name: 'late', spanCount: 1, errorSpanCount: 0 }],
        },
        expect.objectContaining({ traceId: B, rootServiceName: 'shop', rootOperationName: 'GET /login' }),
        {
          traceId: A,
          rootServiceName: 'shop',
          rootOperationName: 'POST /checkout',
          minStartTimeUnixNano: ns(T0),
          maxEndTimeUnixNano: ns(T0 + 100),
          spanCount: 3,
          errorSpanCount: 1,
          orphanSpanCount: 0,
          services: [
            { name: 'pay', spanCount: 2, errorSpanCount: 1 },
            { name: 'shop', spanCount: 1, errorSpanCount: 0 },
          ],
        },
      ],
    })
  })

  const call = (op: string, ...args: unknown[]): unknown => ({ op, args })
  const attr = (key: string, level = ''): unknown => ({ attr: { key, level } })
  const field = (level: string, name: string): unknown => ({ field: { level, name } })
  const scalar = (value: string, type = ''): unknown => ({ scalar: { value, type } })
  const nested = (inner: unknown): unknown => ({ call: inner })
  const filter = (tree: unknown): string => `query.filter=${q(JSON.stringify(tree))}`
  const v3Searches: readonly (readonly [string, readonly string[]])[] = [
    ['query.serviceName=shop', [B, A]],
    ['query.service_name=shop&query.operation_name=GET%20/login', [B]],
    ['query.serviceName=shop&query.searchDepth=1', [B]],
    ['query.num_traces=2', [SHORT, B]],
    ['query.durationMin=50ms&query.durationMax=60ms', [A]],
    [`query.attributes=${q('{"http.status_code":"500","error":"true"}')}&query.rawTraces=true`, [A]],
    [filter(call('eq', attr('http.status_code'), scalar('500'))), [A]],
    [filter(call('eq', scalar('500'), attr('http.status_code', 'span'))), [A]],
    [filter(call('eq', attr('http.status_code'), scalar('200', 'int'))), [A]],
    [filter(call('eq', attr('http.status_code'), scalar('200', 'string'))), [B]],
    [filter(call('ne', attr('http.status_code'), scalar('200'))), [A]],
    [filter(call('gt', attr('http.status_code'), scalar('200'))), [A]],
    [filter(call('gt', field('span', 'duration'), scalar('50ms'))), [A]],
    [filter(call('lt', scalar('50ms'), field('span', 'duration'))), [A]],
    [filter(call('in', field('span', 'name'), { list: { values: ['tail', 'sql'] } })), [SHORT, A]],
    [filter(call('not_in', attr('ratio'), { list: { values: ['1', '2'] } })), [A]],
    [filter(call('eq', field('span', 'kind'), scalar('consumer'))), [SHORT]],
    [filter(call('exists', field('span', 'statusMessage'))), [A]],
    [filter(call('exists', attr('host.name', 'resource'))), [A]],
    [filter(call('exists', attr('host.name', 'span'))), []],
    [filter(call('regex', field('span', 'name'), scalar('log.n'))), [B]],
    [filter(call('regex', attr('http.status_code'), scalar('5..'))), [A]],
    [filter(call('eq', field('link', 'spanID'), scalar('b000000000000001'))), [A]],
    [filter(call('gte', field('event', 'timeSinceStart'), scalar('20ms'))), [A]],
    [filter(call('gt', field('event', 'time'), scalar('2030-01-01T00:00:00Z'))), []],
    [
      filter(
        call(
          'and',
          nested(call('eq', field('resource', 'service'), scalar('pay'))),
          nested(call('not', nested(call('eq', field('span', 'status'), scalar('error'))))),
        ),
      ),
      [B, A],
    ],
    [
      filter(
        call(
          'some',
          { nested: { level: 'event' } },
          nested(
            call(
              'and',
              nested(call('eq', field('event', 'name'), scalar('cache miss'))),
              nested(call('eq', attr('shelf', 'event'), scalar('7'))),
            ),
          ),
        ),
      ),
      [A],
    ],
    [
      // No single event has both.
      filter(
        call(
          'some',
          { nested: { level: 'event' } },
          nested(
            call('and', nested(call('exists', attr('event', 'event'))), nested(call('exists', attr('shelf', 'event')))),
          ),
        ),
      ),
      [],
    ],
    [
      filter(
        call('and', nested(call('exists', attr('event', 'event'))), nested(call('exists', attr('shelf', 'event')))),
      ),
      [A],
    ],
  ]
  it.each(v3Searches)('searches the third API for %s', async (params, expected) => {
    const { json } = await get(`/v3/trace-summaries?${TIMES}&${params}`)
    expect(json).toHaveProperty('summaries')
    expect((json as { summaries: { traceId: string }[] }).summaries.map(({ traceId }) => traceId)).toEqual(expected)
    const found = await get(`/v3/traces?${TIMES}&${params}`)
    const ids = JSON.stringify(found.json).match(/"traceId":"[0-9a-f]{32}","spanId":"\w{16}"(?=[^{}]*"name")/g) ?? []
    expect(new Set(ids.map((text) => text.slice(11, 43)))).toEqual(new Set(expected))
  })

  const v3Wrong: readonly (readonly [string, string | RegExp])[] = [
    ['/v3/traces', 'query.startTimeMin and query.startTimeMax are required'],
    ['/v3/trace-summaries?query.startTimeMin=2026-01-01T00:00:00Z', /are required$/],
    [
      '/v3/traces?query.start_time_min=x&query.start_time_max=y',
      /^malformed parameter query.start_time_min: parsing time "x"/,
    ],
    [`/v3/traces?${TIMES}&query.duration_min=x`, /^malformed parameter query.duration_min: time: invalid duration "x"/],
    [`/v3/traces?${TIMES}&query.searchDepth=x`, /^malformed parameter query.searchDepth/],
    [`/v3/traces?${TIMES}&query.rawTraces=maybe`, /^malformed parameter query.rawTraces/],
    [`/v3/traces?${TIMES}&query.attributes=[]`, /^malformed parameter query.attributes/],
    [`/v3/traces?${TIMES}&query.pagination.pageSize=5`, /^pagination is not supported/],
    [`/v3/traces?${TIMES}&query.filter={`, 'malformed parameter query.filter: it is no JSON'],
    [
      `/v3/traces?${TIMES}&${filter(call('like', attr('a'), scalar('b')))}`,
      /^malformed parameter query.filter: "like" is no operator/,
    ],
    [
      `/v3/traces?${TIMES}&${filter(call('eq', field('span', 'duration'), scalar('banana')))}`,
      /"banana" is no duration$/,
    ],
    [
      `/v3/traces?${TIMES}&${filter(call('gt', field('span', 'kind'), scalar('server')))}`,
      /words and bools have no order$/,
    ],
    [`/v3/traces?${TIMES}&${filter(call('eq', field('span', 'kind'), scalar('servant')))}`, /"servant" is none of/],
    [`/v3/traces?${TIMES}&${filter(call('regex', field('span', 'name'), scalar('(')))}`, /./],
    [
      `/v3/traces?${TIMES}&query.serviceName=a&${filter(call('exists', attr('a')))}`,
      /^query.filter can not stand beside/,
    ],
    ['/v3/traces/xyz', 'malformed parameter trace_id: strconv.ParseUint: parsing "xyz": invalid syntax'],
    ['/v3/operations', 'malformed parameter service: it is required'],
    ['/v3/dependencies?startTime=2026-01-01T00:00:00Z', 'startTime and endTime are required'],
  ]
  it.each(v3Wrong)('the third API refuses %s', async (path, message) => {
    const { status, json } = await get(path)
    expect([status, json]).toEqual([
      400,
      {
        error: {
          httpCode: 400,
          message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
        },
      },
    ])
  })

  it('takes a filter of twenty levels and no deeper', async () => {
    const deep = (levels: number): unknown =>
      levels === 1 ? call('exists', attr('ratio')) : call('not', nested(deep(levels - 1)))
    expect((await get(`/v3/trace-summaries?${TIMES}&${filter(deep(20))}`)).status).toBe(200)
    expect((await get(`/v3/trace-summaries?${TIMES}&${filter(deep(21))}`)).status).toBe(400)
  })

  it('shows nothing of another tenant', async () => {
    for (const path of [
      '/services',
      '/v3/services',
      '/operations?service=secret',
      `/traces?service=secret&${WITHIN}`,
    ]) {
      expect(JSON.stringify((await get(path)).json)).not.toMatch(/secret|hidden/)
    }
  })
})
