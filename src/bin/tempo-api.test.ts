import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { A, B, ns, NOW_MS, SHORT, startShopHub, T0 } from './testing/shop-traces.ts'
import type { StoreHub } from './testing/store-hub.ts'

const q = encodeURIComponent
const RANGE = `start=${String(T0 / 1000 - 1)}&end=${String(NOW_MS / 1000)}`

describe.skipIf(noEngineReason !== undefined)(`Tempo's search over the store ${noEngineReason ?? ''}`, () => {
  let hub: StoreHub
  beforeAll(async () => {
    hub = await startShopHub()
  }, 60_000)
  afterAll(() => hub.stop())

  async function ask(path: string, method: 'GET' | 'POST' = 'GET'): Promise<{ status: number; text: string }> {
    const [url = '', form = ''] = method === 'GET' ? [path] : path.split('?')
    const response = await hub.app.inject({
      method,
      url: `/tempo/api${url}`,
      headers: {
        ...hub.headers('dev'),
        ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(method === 'GET' ? {} : { body: form }),
    })
    return { status: response.statusCode, text: response.body }
  }

  async function json<T>(path: string, method?: 'GET' | 'POST'): Promise<T> {
    const { status, text } = await ask(path, method)
    expect(status, text).toBe(200)
    return JSON.parse(text) as T
  }

  it('answers the checks of Grafana', async () => {
    expect(await ask('/echo')).toEqual({ status: 200, text: 'echo' })
    expect(await json('/status/buildinfo')).toHaveProperty('version')
    const ready = await hub.app.inject({ url: '/tempo/ready', headers: hub.headers('dev') })
    expect([ready.statusCode, ready.body]).toEqual([200, 'ready\n'])
  })

  it('describes what it finds as Tempo does', async () => {
    const path = `/search?q=${q('{ status = error && span.http.status_code >= 500 }')}&${RANGE}&limit=5&spss=1`
    const spanSet = {
      spans: [
        {
          spanID: 'a000000000000002',
          name: 'charge',
          startTimeUnixNano: ns(T0 + 20),
          durationNanos: '50000000',
          attributes: [
            { key: 'status', value: { stringValue: 'error' } },
            { key: 'http.status_code', value: { intValue: '500' } },
          ],
        },
      ],
      matched: 1,
    }
    const expected = {
      traces: [
        {
          traceID: A,
          rootServiceName: 'shop',
          rootTraceName: 'POST /checkout',
          startTimeUnixNano: ns(T0),
          durationMs: 100,
          spanSet,
          spanSets: [spanSet],
          serviceStats: { shop: { spanCount: 1 }, pay: { spanCount: 2, errorCount: 1 } },
        },
      ],
      metrics: { inspectedTraces: 1, completedJobs: 1, totalJobs: 1, inspectedSpans: '3' },
    }
    expect(await json(path)).toEqual(expected)
    expect(await json(path, 'POST')).toEqual(expected)
  })

  interface Found {
    readonly traces: {
      readonly traceID: string
      readonly rootServiceName: string
      readonly rootTraceName?: string
      readonly durationMs?: number
      readonly spanSets: { readonly spans: unknown[]; readonly matched: number; readonly attributes?: unknown[] }[]
    }[]
  }
  const searches: readonly (readonly [string, readonly string[]])[] = [
    ['', [SHORT, B, A]],
    [`q=${q('{}')}`, [SHORT, B, A]],
    [`q=${q('{ }')}&limit=1`, [SHORT]],
    [`q=${q('{ name = "charge" } && { name = "sql" }')}`, [A]],
    [`q=${q('{ resource.service.name = "shop" } > { kind = client }')}`, [B]],
    [`q=${q('{ duration > 1h }')}`, []],
    [`tags=${q('service.name=shop http.status_code=200')}`, [A]],
    [`tags=${q('name="GET /login"')}`, [B]],
    ['minDuration=50ms', [A]],
    ['maxDuration=50ms', [SHORT, B]],
  ]
  it.each(searches)('searches %s', async (params, ids) => {
    const { traces } = await json<Found>(`/search?${params}&${RANGE}`)
    expect(traces.map(({ traceID }) => traceID)).toEqual(ids)
  })

  it('groups, counts, and says when a root is missing', async () => {
    const grouped = await json<Found>(`/search?q=${q('{} | by(resource.service.name) | count() > 1')}&${RANGE}`)
    expect(grouped.traces).toMatchObject([
      {
        traceID: A,
        spanSets: [
          {
            matched: 2,
            attributes: [
              { key: 'by(resource.service.name)', value: { stringValue: 'pay' } },
              { key: 'count()', value: { intValue: '2' } },
            ],
          },
        ],
      },
    ])
    const [late] = (await json<Found>(`/search?${RANGE}&limit=1`)).traces
    expect(late?.rootServiceName).toBe('<root span not yet received>')
    expect(late).not.toHaveProperty('rootTraceName')
    expect(late).not.toHaveProperty('durationMs')
  })

  const errors: readonly (readonly [string, string | RegExp])[] = [
    [`/search?q=${q('{ .a = ')}`, /^invalid TraceQL query: parse error at line 1, col \d+/],
    [`/search?q=${q('{}')}&tags=a%3Db`, "invalid request: can't specify tags and q in the same query"],
    ['/search?tags=a', /^invalid tags/],
    ['/search?limit=0', 'invalid limit: must be a positive number'],
    ['/search?limit=x', 'invalid limit: "x" is no number'],
    ['/search?spss=101', 'spans per span set exceeds 100. received 101'],
    ['/search?start=5&end=5', 'http parameter start must be before end. received start=5 end=5'],
    ['/search?minDuration=x', 'invalid minDuration: time: invalid duration "x"'],
    ['/search?minDuration=2s&maxDuration=1s', 'invalid maxDuration: must be greater than minDuration'],
    ['/search/tags?scope=nope', 'invalid scope: nope'],
    ['/v2/search/tag/nope/values', /^please provide a valid tagName: /],
    ['/metrics/query_range', 'missing required parameter q'],
    [`/metrics/query_range?q=${q('{} | rate(')}`, /^parse error at line 1/],
    [`/metrics/query_range?q=${q('{}')}`, /metrics/],
    [`/metrics/query_range?q=${q('{} | rate()')}&start=9&end=8`, 'http parameter start must be before end'],
    [`/metrics/query_range?q=${q('{} | rate()')}&step=0`, /^zero or negative query resolution step/],
    [`/metrics/query_range?q=${q('{} | rate()')}&step=x`, 'cannot parse "x" to a valid duration'],
    [`/metrics/query_range?q=${q('{} | rate()')}&since=x`, /^could not parse 'since' parameter/],
    [`/metrics/query?q=${q('{} | rate()')}&start=x`, `could not parse 'start' parameter: "x"`],
    ['/metrics/summary', 'missing required parameter q'],
    [`/metrics/summary?q=${q('{}')}`, 'missing required parameter groupBy'],
    [`/metrics/summary?q=${q('{} | rate()')}&groupBy=name`, /^q must select spans/],
  ]
  it.each(errors)('%s', async (path, text) => {
    const answer = await ask(path)
    expect(answer).toEqual({
      status: 400,
      text: typeof text === 'string' ? text : (expect.stringMatching(text) as unknown),
    })
  })

  it('lists tags by scope', async () => {
    const { scopes } = await json<{ scopes: { name: string; tags: string[] }[] }>(`/v2/search/tags?${RANGE}`)
    const tags = new Map(scopes.map((scope) => [scope.name, scope.tags]))
    expect(tags.get('resource')).toEqual(expect.arrayContaining(['host.name', 'service.name']))
    expect(tags.get('span')).toEqual(['big', 'blob', 'error', 'http.status_code', 'list', 'map', 'ratio', 'retried'])
    expect(tags.get('event')).toEqual(['event', 'shelf'])
    expect(tags.get('link')).toEqual(['opentracing.ref_type', 'why'])
    expect(tags.get('instrumentation')).toEqual(['lib'])
    expect(tags.get('intrinsic')).toEqual(expect.arrayContaining(['duration', 'event:name', 'rootName', 'trace:id']))
    const one = await json<{ scopes: { name: string; tags: string[] }[] }>(
      `/v2/search/tags?scope=event&limit=1&${RANGE}`,
    )
    expect(one.scopes).toEqual([{ name: 'event', tags: ['event'] }])
    const v1 = await json<{ tagNames: string[] }>(`/search/tags?${RANGE}`)
    expect(v1.tagNames).toEqual(expect.arrayContaining(['service.name', 'shelf', 'http.status_code']))
    expect(v1.tagNames).not.toContain('duration')
    expect((await json<{ tagNames: string[] }>(`/search/tags?scope=intrinsic`)).tagNames).toContain('duration')
  })

  const strings = (...values: string[]): { type: string; value: string }[] =>
    values.map((value) => ({ type: 'string', value }))
  const lists: readonly (readonly [string, unknown])[] = [
    ['/v2/search/tag/resource.service.name/values', strings('late', 'pay', 'shop')],
    ['/v2/search/tag/.service.name/values?limit=1', strings('late')],
    ['/v2/search/tag/name/values', strings('GET /login', 'POST /checkout', 'charge', 'sql', 'tail')],
    ['/v2/search/tag/span:name/values', strings('GET /login', 'POST /checkout', 'charge', 'sql', 'tail')],
    ['/v2/search/tag/event:name/values', strings('cache miss')],
    ['/v2/search/tag/span.ratio/values', [{ type: 'float', value: '72.5' }]],
    ['/v2/search/tag/span.retried/values', [{ type: 'bool', value: 'true' }]],
    ['/v2/search/tag/status/values', ['error', 'ok', 'unset'].map((value) => ({ type: 'keyword', value }))],
    ['/v2/search/tag/duration/values', []],
    ['/v2/search/tag/span.a%2Fb/values', []],
    [`/v2/search/tag/resource.service.name/values?q=${q('{ status = error }')}`, strings('pay')],
    // Somebody is typing.
    [`/v2/search/tag/resource.service.name/values?q=${q('{ status = error && name = }')}`, strings('pay')],
    [`/v2/search/tag/resource.service.name/values?q=${q('{ status = error && na')}`, strings('pay')],
    [`/v2/search/tag/resource.service.name/values?q=${q('{ resource.cluster = }')}`, strings('late', 'pay', 'shop')],
    [`/v2/search/tag/resource.service.name/values?q=${q('{')}`, strings('late', 'pay', 'shop')],
    ['/search/tag/service.name/values', ['late', 'pay', 'shop']],
    ['/search/tag/http.status_code/values', ['200', '500', '200']],
  ]
  it.each(lists)('%s', async (path, tagValues) => {
    const joint = path.includes('?') ? '&' : '?'
    expect(await json(`${path}${joint}${RANGE}`)).toEqual({ tagValues, metrics: {} })
  })

  interface Series {
    readonly series: {
      readonly labels?: { key: string; value: unknown }[]
      readonly samples: { timestampMs: string; value?: number }[]
      readonly exemplars?: { labels: { key: string; value: unknown }[]; timestampMs: string }[]
      readonly value?: number
    }[]
  }

  it('evaluates metrics over a range, with exemplars', async () => {
    const query = '{ resource.service.name = "pay" } | count_over_time() by (name)'
    const path = `/metrics/query_range?q=${q(query)}&${RANGE}&step=1m&exemplars=10`
    const { series } = await json<Series>(path)
    expect(series.map(({ labels }) => labels)).toEqual([
      [{ key: 'name', value: { stringValue: 'charge' } }],
      [{ key: 'name', value: { stringValue: 'sql' } }],
    ])
    expect(series[0]?.samples.reduce((sum, { value = 0 }) => sum + value, 0)).toBe(2)
    expect(series[0]?.samples[0]?.timestampMs).toMatch(/^\d{13}$/)
    const ids = series.flatMap(({ exemplars = [] }) =>
      exemplars.flatMap(({ labels }) => labels.filter(({ key }) => key === 'trace:id')),
    )
    expect(ids).toContainEqual({ key: 'trace:id', value: { stringValue: A } })
    expect(await json(path, 'POST')).toEqual(await json(path))
    const nanoseconds = path.replace(/start=(\d+)&end=(\d+)/, 'start=$1000000000&end=$2000000000')
    expect(await json(nanoseconds)).toEqual(await json(path))
    expect((await json<Series>(`/metrics/query_range?q=${q(query)}&since=1h`)).series).toHaveLength(2)
  })

  it('evaluates metrics for one moment: a value, no samples', async () => {
    const path = `/metrics/query?q=${q('{ resource.service.name != "shop" } | count_over_time() by (resource.service.name)')}&${RANGE}`
    expect(await json(path)).toMatchObject({
      series: [
        { labels: [{ key: 'resource.service.name', value: { stringValue: 'late' } }], value: 1 },
        { labels: [{ key: 'resource.service.name', value: { stringValue: 'pay' } }], value: 3 },
      ],
    })
    expect((await json<Series>(path)).series[0]).not.toHaveProperty('samples')
  })

  it('sums spans of servers up', async () => {
    const path = `/metrics/summary?q=${q('{}')}&groupBy=${q('resource.service.name, name')}&${RANGE}`
    const { summaries } = await json<{ summaries: Record<string, unknown>[] }>(path)
    expect(summaries).toHaveLength(3)
    expect(summaries.find(({ errorSpanCount }) => errorSpanCount === '1')).toMatchObject({
      spanCount: '1',
      series: [
        { key: 'resource.service.name', value: { type: 5, s: 'pay' } },
        { key: 'name', value: { type: 5, s: 'charge' } },
      ],
      p50: expect.stringMatching(/^\d{7,9}$/) as unknown,
    })
  })
})
