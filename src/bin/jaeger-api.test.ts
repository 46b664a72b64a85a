import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { A, B, GONE, SPANS, startShopHub, T0 } from './testing/shop-traces.ts'
import type { StoreHub } from './testing/store-hub.ts'

const START_US = String((T0 - 1000) * 1000)
const END_US = String((T0 + 600_000) * 1000)
const WITHIN = `start=${START_US}&end=${END_US}`
const q = encodeURIComponent

describe.skipIf(noEngineReason !== undefined)(`Jaeger's first API over the store ${noEngineReason ?? ''}`, () => {
  let hub: StoreHub
  beforeAll(async () => {
    hub = await startShopHub()
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
  })

  it('shows nothing of another tenant', async () => {
    for (const path of ['/services', '/operations?service=secret', `/traces?service=secret&${WITHIN}`]) {
      expect(JSON.stringify((await get(path)).json)).not.toMatch(/secret|hidden/)
    }
  })
})
