import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { A, B, GONE, ns, SHORT, startShopHub, T0 } from './testing/shop-traces.ts'
import type { StoreHub } from './testing/store-hub.ts'

const TIMES = `query.startTimeMin=${new Date(T0 - 1000).toISOString()}&query.startTimeMax=${new Date(T0 + 600_000).toISOString()}`
const q = encodeURIComponent

describe.skipIf(noEngineReason !== undefined)(`Jaeger's third API over the store ${noEngineReason ?? ''}`, () => {
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

  it('lists services and operations', async () => {
    expect((await get('/v3/services')).json).toEqual({ services: ['late', 'pay', 'shop'] })
    expect((await get('/v3/operations?service=pay&span_kind=server')).json).toEqual({
      operations: [{ name: 'charge', spanKind: 'server' }],
    })
    expect((await get('/v3/operations?service=pay')).json).toMatchObject({
      operations: [{}, {}, { name: 'sql', spanKind: 'internal' }],
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

  it('counts calls between services', async () => {
    const v3 = `startTime=${new Date(T0).toISOString()}&endTime=${new Date(T0 + 120_000).toISOString()}`
    expect((await get(`/v3/dependencies?${v3}`)).json).toEqual({
      dependencies: [{ parent: 'shop', child: 'pay', callCount: '2' }],
    })
  })
})
