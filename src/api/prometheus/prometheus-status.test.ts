import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestHub, NOW_MS, type TestHub, TRACE_IDS } from '../testing/test-hub.ts'

let hub: TestHub
const q = encodeURIComponent

beforeAll(async () => {
  hub = await createTestHub()
})
afterAll(async () => {
  await hub.app.close()
})

async function get(path: string): Promise<{ status: number; body: unknown; text: string }> {
  const response = await hub.app.inject({ url: `/prometheus/api/v1${path}`, headers: hub.headers('dev') })
  return { status: response.statusCode, body: response.json(), text: response.body }
}

describe('status', () => {
  it('has the shapes of Prometheus', async () => {
    expect((await get('/status/config')).body).toEqual({ status: 'success', data: { yaml: 'global: {}\n' } })
    expect((await get('/status/flags')).body).toMatchObject({ data: { 'query.lookback-delta': '5m' } })
    expect((await get('/status/walreplay')).body).toEqual({ status: 'success', data: { min: 0, max: 0, current: 0 } })
    expect((await get('/status/runtimeinfo')).body).toMatchObject({
      data: { startTime: expect.any(String) as unknown, CWD: '', hostname: '', reloadConfigSuccess: true },
    })
    expect((await get('/alertmanagers')).body).toMatchObject({
      data: { activeAlertmanagers: [], droppedAlertmanagers: [] },
    })
  })

  it('counts the series of the scope', async () => {
    expect((await get('/status/tsdb?limit=1')).body).toEqual({
      status: 'success',
      data: {
        headStats: { numSeries: 5, numLabelPairs: 11, chunkCount: 0, minTime: 0, maxTime: 0 },
        seriesCountByMetricName: [{ name: 'requests_total', value: 2 }],
        labelValueCountByLabelName: [{ name: '__name__', value: 4 }],
        memoryInBytesByLabelName: [{ name: 'label_canary_dev', value: 130 }],
        seriesCountByLabelValuePair: [{ name: 'cluster=canary-dev-cluster', value: 5 }],
      },
    })
  })

  it('says which parts of the language are on', async () => {
    expect((await get('/features')).body).toMatchObject({
      data: {
        api: { exclude_alerts: true },
        promql: { anchored: false, subqueries: true },
        promql_functions: { rate: true, info: false },
        promql_operators: { sum: true, limitk: false, '+': true, atan2: true },
      },
    })
  })
})

describe('parameters', () => {
  const cases: [string, string][] = [
    ['/status/tsdb?limit=0', 'limit must be a positive number'],
    ['/status/tsdb?limit=10001', 'limit must not exceed 10000'],
    ['/metadata?limit=x', 'limit must be a number'],
    ['/metadata?limit_per_metric=1.5', 'limit_per_metric must be a number'],
    ['/labels?limit=x', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
    ['/rules?type=x', 'invalid parameter "type": not supported value "x"'],
    [
      '/rules?exclude_alerts=2',
      'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "2": invalid syntax',
    ],
    ['/rules?group_limit=0', 'invalid parameter "group_limit": group_limit needs to be greater than 0'],
    [
      '/rules?group_next_token=x',
      'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
    ],
    ['/rules?match[]={', '1:2: parse error: unexpected end of input inside braces'],
    ['/labels?match[]=foo(', '1:4: parse error: unexpected "("'],
    ['/series?match[]=foo(', 'invalid parameter "match[]": 1:4: parse error: unexpected "("'],
    [
      '/series?match[]=up&start=x',
      'invalid parameter "start": invalid time value for \'start\': cannot parse "x" to a valid timestamp',
    ],
    [
      '/query?query=1&limit=99999999999999999999',
      'invalid parameter "limit": strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['/query?query=1&lookback_delta=x', 'error parsing lookback delta duration: cannot parse "x" to a valid duration'],
    ['/targets/metadata?limit=x', 'limit must be a number'],
    ['/query_exemplars?query=up&start=2&end=1', 'end timestamp must not be before start timestamp'],
    ['/query_exemplars?query=sum(', '1:5: parse error: unclosed left parenthesis'],
  ]
  it.each(cases)('%s', async (path, error) => {
    expect(await get(path)).toMatchObject({ status: 400, body: { status: 'error', errorType: 'bad_data', error } })
  })

  it('metadata: no limit, a limit of none, a limit of one a metric', async () => {
    const all = { metric_canary_dev: [{ type: 'counter', help: 'help canary-dev', unit: '' }] }
    expect((await get('/metadata?limit=-1&limit_per_metric=0')).body).toMatchObject({ data: all })
    expect((await get('/metadata?limit_per_metric=1')).body).toMatchObject({ data: all })
    expect((await get('/metadata?limit=0')).body).toEqual({ status: 'success', data: {} })
  })
})

describe('exemplars', () => {
  const NOW = NOW_MS / 1000
  const expected =
    '{"status":"success","data":[{"seriesLabels":{"__name__":"requests_total","cluster":"canary-dev-cluster","job":"a",' +
    '"label_canary_dev":"canary-dev","tenant_id":"dev"},"exemplars":[{"labels":{"trace_id":' +
    `"${TRACE_IDS.dev}"},"value":"6","timestamp":${String(NOW - 31)}.950}]}]}`
  const query = q('sum(rate(requests_total[5m])) / scalar(nothing)')

  it.each([
    `&start=${String(NOW - 60)}&end=${String(NOW)}`,
    `&start=${String(NOW_MS - 60_000)}&end=${String(NOW_MS)}`,
    '',
  ])('of the series that the query names: %s', async (range) => {
    expect((await get(`/query_exemplars?query=${query}${range}`)).text).toBe(expected)
  })

  it.each(['requests_total{job="b"}', 'requests_total&end=5'])('none: %s', async (text) => {
    expect((await get(`/query_exemplars?query=${text.replaceAll('"', '%22').replaceAll('+', '%2B')}`)).body).toEqual({
      status: 'success',
      data: [],
    })
  })
})

describe('methods', () => {
  const cases: ['PUT' | 'POST' | 'GET' | 'HEAD' | 'OPTIONS', string, number, string | undefined][] = [
    ['PUT', '/query', 405, 'GET, OPTIONS, POST'],
    ['HEAD', '/query?query=1', 405, 'GET, OPTIONS, POST'],
    ['POST', '/label/job/values', 405, 'GET, OPTIONS'],
    ['GET', '/read', 405, 'OPTIONS, POST'],
    ['PUT', '/nothing', 404, undefined],
    ['OPTIONS', '/query', 204, undefined],
    ['GET', '/query_exemplars?query=1%2B1', 204, undefined],
  ]
  it.each(cases)('%s %s', async (method, path, status, allow) => {
    const url = `/prometheus/api/v1${path}`
    const response = await hub.app.inject({ method, url, headers: hub.headers('dev') })
    expect([response.statusCode, response.headers.allow]).toEqual([status, allow])
  })

  it('an address that is none is refused in the shape of the API', async () => {
    const response = await hub.app.inject({ url: '/prometheus/api/v1/label/%ff/values', headers: hub.headers('dev') })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
  })
})

it.each([
  ['/-/healthy', [], 200, 'Prometheus Server is Healthy.\n'],
  ['/-/ready', [], 200, 'Prometheus Server is Ready.\n'],
  ['/-/ready', ['the log is replayed'], 503, 'Service Unavailable\n'],
])('%s says whether it is, to anybody: missing is %j', async (path, missing, status, text) => {
  const own = await createTestHub({ readiness: () => missing })
  const response = await own.app.inject({ url: `/prometheus${path}` })
  expect([response.statusCode, response.body]).toEqual([status, text])
  await own.app.close()
})

it('a range that ends before it begins holds no names', async () => {
  for (const path of ['/series?match[]=up&start=5&end=3', '/labels?start=5&end=3', '/label/job/values?start=5&end=3']) {
    expect((await get(path)).body).toEqual({ status: 'success', data: [] })
  }
})

describe('parameters', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'half an escape leaves the pair out',
      '/query?query=%25zz&query=%zz&time=5',
      '1:1: parse error: unexpected <op:%>',
    ],
    ['so does a semicolon', '/query?query=1;2&time=5', 'unknown position: parse error: no expression found in input'],
    ['a step of nanoseconds is too many points', '/query_range?query=1&start=0&end=10&step=1e-9', 'maximum resolution'],
    ['a step of less than that is none', '/query_range?query=1&start=0&end=10&step=1e-10', 'zero or negative'],
    ['a step of less than a millisecond, too', '/query_range?query=1&start=0&end=0&step=0.0004', 'zero or negative'],
  ]
  it.each(cases)('%s', async (_, path, message) => {
    const { status, text } = await get(path)
    expect(status).toBe(400)
    expect(text).toContain(message)
  })
})

describe('stats', () => {
  it('come with the answer when asked for', async () => {
    const url = `/query?query=requests_total&time=${String(NOW_MS / 1000)}`
    const samples = { totalQueryableSamples: expect.any(Number) as unknown, peakSamples: expect.any(Number) as unknown }
    const timings = { evalTotalTime: expect.any(Number) as unknown, execTotalTime: expect.any(Number) as unknown }
    expect((await get(`${url}&stats=all`)).body).toMatchObject({ data: { stats: { samples, timings } } })
    expect((await get(url)).text).not.toContain('"stats"')
    expect((await get(`${url}&stats=all`)).text).not.toContain('PerStep')
  })
})
