import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestHub, NOW_MS, type TestHub } from '../testing/test-hub.ts'

let hub: TestHub
const NOW = NOW_MS / 1000
const base = '/prometheus/api/v1'

beforeAll(async () => {
  hub = await createTestHub()
})
afterAll(async () => {
  await hub.app.close()
})

async function get(path: string): Promise<{ status: number; body: unknown; text: string }> {
  const response = await hub.app.inject({ url: base + path, headers: hub.headers('dev') })
  expect(response.headers['content-type']).toBe('application/json')
  return { status: response.statusCode, body: response.json(), text: response.body }
}

const q = encodeURIComponent
const at = `time=${String(NOW)}`

describe('values as Prometheus prints them', () => {
  const scalars: [string, string][] = [
    ['1+1', '2'],
    ['0.1+0.2', '0.30000000000000004'],
    ['1e21', '1000000000000000000000'],
    ['1e-7', '0.0000001'],
    ['-1.5e-9', '-0.0000000015'],
    ['1.2345e25', '12345000000000000000000000'],
    ['0/0', 'NaN'],
    ['1/0', '+Inf'],
    ['-1/0', '-Inf'],
    ['-0', '-0'],
  ]
  it.each(scalars)('scalar %s → %s', async (query, value) => {
    const { body } = await get(`/query?query=${q(query)}&time=1.5`)
    expect(body).toEqual({ status: 'success', data: { resultType: 'scalar', result: [1.5, value] } })
  })

  const samples: [string, string][] = [
    ['1e20', '100000000000000000000'],
    ['1e21', '1e+21'],
    ['1.5e300', '1.5e+300'],
    ['1e-6', '0.000001'],
    ['1e-7', '1e-07'],
    ['-2.5e-10', '-2.5e-10'],
    ['NaN', 'NaN'],
    ['Inf', '+Inf'],
    ['-Inf', '-Inf'],
  ]
  it.each(samples)('sample %s → %s', async (query, value) => {
    const { text } = await get(`/query?query=${q(`vector(${query})`)}&time=1700000000.05`)
    const sample = `{"metric":{},"value":[1700000000.050,"${value}"]}`
    expect(text).toBe(`{"status":"success","data":{"resultType":"vector","result":[${sample}]}}`)
  })

  it('strings', async () => {
    const { body } = await get(`/query?query=${q('"a\\"b"')}&time=0`)
    expect(body).toEqual({ status: 'success', data: { resultType: 'string', result: [0, 'a"b'] } })
  })

  it('labels in order, matrices, no empty rows', async () => {
    const { body } = await get(
      `/query_range?query=${q('rate(requests_total{job="a"}[1m])')}&start=${String(NOW - 60)}&end=${String(NOW)}&step=30`,
    )
    expect(body).toEqual({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { cluster: 'canary-dev-cluster', job: 'a', label_canary_dev: 'canary-dev', tenant_id: 'dev' },
            values: [NOW - 60, NOW - 30, NOW].map((time) => [time, '0.3333333333333333']),
          },
        ],
      },
    })
  })
})

describe('errors: status, errorType, text', () => {
  const cases: [string, number, string, string][] = [
    [
      '/query',
      400,
      'bad_data',
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    ],
    [
      `/query?query=${q('sum(')}`,
      400,
      'bad_data',
      'invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
    ],
    [
      `/query?query=${q('1+1')}&time=x`,
      400,
      'bad_data',
      'invalid parameter "time": invalid time value for \'time\': cannot parse "x" to a valid timestamp',
    ],
    [
      `/query?query=${q('1+1')}&timeout=x`,
      400,
      'bad_data',
      'invalid parameter "timeout": cannot parse "x" to a valid duration',
    ],
    [
      `/query?query=${q('requests_total + on() requests_total')}&${at}`,
      422,
      'execution',
      'found duplicate series for the match group {} on the right hand-side of the operation: ' +
        '[{__name__="requests_total", cluster="canary-dev-cluster", job="a", label_canary_dev="canary-dev", tenant_id="dev"}, ' +
        '{__name__="requests_total", cluster="canary-dev-cluster", job="b", label_canary_dev="canary-dev", tenant_id="dev"}];' +
        'many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    ['/query_range?query=1', 400, 'bad_data', 'invalid parameter "start": cannot parse "" to a valid timestamp'],
    [
      '/query_range?query=1&start=2&end=1&step=1',
      400,
      'bad_data',
      'invalid parameter "end": end timestamp must not be before start time',
    ],
    [
      '/query_range?query=1&start=1&end=2&step=0',
      400,
      'bad_data',
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    ],
    [
      '/query_range?query=1&start=0&end=11001&step=1',
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    [
      `/query_range?query=${q('up[5m]')}&start=0&end=1&step=1`,
      400,
      'bad_data',
      'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    ],
    ['/series', 400, 'bad_data', 'no match[] parameter provided'],
    [
      `/series?match[]=${q('{x=""}')}`,
      400,
      'bad_data',
      'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
    ],
    ['/labels?limit=-1', 400, 'bad_data', 'invalid parameter "limit": limit must be non-negative'],
    ['/nothing', 404, 'not_found', 'not found'],
  ]
  it.each(cases)('%s', async (path, status, errorType, error) => {
    expect(await get(path)).toMatchObject({ status, body: { status: 'error', errorType, error } })
  })

  it('refuses long queries', async () => {
    const form = `query=${'1'.repeat(70_000)}`
    const response = await hub.app.inject({
      method: 'POST',
      url: `${base}/query`,
      headers: { ...hub.headers('dev'), 'content-type': 'application/x-www-form-urlencoded' },
      payload: form,
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ error: 'invalid parameter "query": the query is longer than 65536 bytes' })
  })

  it('refuses large bodies', async () => {
    const response = await hub.app.inject({
      method: 'POST',
      url: `${base}/query`,
      headers: { ...hub.headers('dev'), 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'x'.repeat(300_000),
    })
    expect(response.statusCode).toBe(413)
    expect(response.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
  })
})

describe('lists', () => {
  const cases: [string, unknown][] = [
    ['/labels', ['__name__', 'cluster', 'instance', 'job', 'label_canary_dev', 'tenant_id']],
    [`/labels?match[]=${q('metric_canary_dev')}`, ['__name__', 'cluster', 'label_canary_dev', 'tenant_id']],
    ['/label/__name__/values', ['metric_canary_dev', 'requests_total', 'scrape_duration_seconds', 'up']],
    ['/label/job/values', ['a', 'b', 'pool-canary-dev']],
    ['/label/U__job/values', ['a', 'b', 'pool-canary-dev']],
    [
      `/series?match[]=${q('metric_canary_dev')}`,
      [
        {
          __name__: 'metric_canary_dev',
          cluster: 'canary-dev-cluster',
          label_canary_dev: 'canary-dev',
          tenant_id: 'dev',
        },
      ],
    ],
    ['/metadata', { metric_canary_dev: [{ type: 'counter', help: 'help canary-dev', unit: '' }] }],
    ['/metadata?metric=other', {}],
    ['/query_exemplars?query=test&start=1767225600000&end=1767225600001', []],
    ['/rules', { groups: [] }],
    ['/alerts', { alerts: [] }],
  ]
  it.each(cases)('%s', async (path, data) => {
    expect(await get(path)).toMatchObject({ status: 200, body: { status: 'success', data } })
  })

  it('says when a limit cut the answer', async () => {
    expect((await get('/label/job/values?limit=1')).body).toEqual({
      status: 'success',
      data: ['a'],
      warnings: ['results truncated due to limit'],
    })
    expect((await get(`/query?query=requests_total&${at}&limit=1`)).body).toMatchObject({
      warnings: ['results truncated due to limit'],
      data: { result: [{ metric: { job: 'a' } }] },
    })
  })

  it('tells Grafana that this is no Mimir', async () => {
    expect((await get('/status/buildinfo')).body).toMatchObject({ status: 'success', data: { features: {} } })
  })
})

it('takes a form, and its values before those of the address', async () => {
  const response = await hub.app.inject({
    method: 'POST',
    url: `${base}/query?query=2&time=7`,
    headers: { ...hub.headers('dev'), 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'query=1%2B2',
  })
  expect(response.json()).toEqual({ status: 'success', data: { resultType: 'scalar', result: [7, '3'] } })
})

describe('the language', () => {
  it('lays a query out over lines', async () => {
    const matchers = ['a', 'b', 'c', 'd'].map((name) => `${name}="${name.repeat(20)}"`).join()
    const long = `sum by (job) (rate(requests_total{${matchers}}[5m]))`
    expect((await get(`/format_query?query=${q(`${long} / 2`)}`)).body).toEqual({
      status: 'success',
      data: `  sum by (job) (\n    rate(\n      requests_total{${matchers}}[5m]\n    )\n  )\n/\n  2`,
    })
    expect((await get(`/format_query?query=${q('foo/bar')}`)).body).toEqual({ status: 'success', data: 'foo / bar' })
  })

  it('shows the syntax tree', async () => {
    const { body } = await get(`/parse_query?query=${q('rate(foo{bar=~"baz"}[5m] offset 1m)')}`)
    expect(body).toEqual({
      status: 'success',
      data: {
        type: 'call',
        func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
        args: [
          {
            type: 'matrixSelector',
            name: 'foo',
            range: 300_000,
            rangeExpr: null,
            offset: 60_000,
            offsetExpr: null,
            matchers: [
              { name: 'bar', value: 'baz', type: '=~' },
              { name: '__name__', value: 'foo', type: '=' },
            ],
            timestamp: null,
            startOrEnd: null,
            anchored: false,
            smoothed: false,
          },
        ],
      },
    })
  })

  it.each(['/format_query', '/parse_query'])('%s refuses what is no query', async (path) => {
    expect(await get(`${path}?query=${q('foo bar')}`)).toMatchObject({
      status: 400,
      body: {
        status: 'error',
        errorType: 'bad_data',
        error: 'invalid parameter "query": 1:5: parse error: unexpected identifier "bar"',
      },
    })
  })

  it('refuses experimental parts that are not switched on', async () => {
    const { body } = await get(`/query?query=${q('limitk(1, up)')}&${at}`)
    expect(body).toMatchObject({
      error:
        'invalid parameter "query": 1:1: parse error: limitk() is experimental and must be enabled with ' +
        '--enable-feature=promql-experimental-functions',
    })
  })
})
