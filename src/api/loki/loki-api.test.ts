import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestHub, NOW_MS, type TestHub } from '../testing/test-hub.ts'

let hub: TestHub
const base = '/loki/api/v1'
const q = encodeURIComponent
const NOW_S = (NOW_MS + 1) / 1000
const selector = '{service_name="shop"}'

beforeAll(async () => {
  hub = await createTestHub()
})
afterAll(async () => {
  await hub.app.close()
})

async function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const response = await hub.app.inject({ url: base + path, headers: { ...hub.headers('dev'), ...headers } })
  return { status: response.statusCode, text: response.body }
}

const range = `start=${String(NOW_MS)}000000&end=${String(NOW_MS + 1)}000000`
const lastHour = `end=${String(NOW_MS + 1)}000000`
const timeOf = (i: number): string => `${String(NOW_MS - 30_000 + i * 10_000)}000001`
const index = { cluster: 'canary-dev-cluster', label_canary_dev: 'canary-dev', service_name: 'shop', tenant_id: 'dev' }

describe('logs', () => {
  it('in the form that Grafana asks for', async () => {
    const { text } = await get(`/query_range?query=${q(`${selector} |= "line"`)}&limit=2&${lastHour}`, {
      'X-Loki-Response-Encoding-Flags': 'categorize-labels',
    })
    const metadata = { structuredMetadata: { level: 'error', trace_id: 'canary-dev-cluster' } }
    expect(JSON.parse(text)).toEqual({
      status: 'success',
      data: {
        resultType: 'streams',
        encodingFlags: ['categorize-labels'],
        result: [
          {
            stream: index,
            values: [
              [timeOf(2), 'line 2 of canary-dev-cluster', metadata],
              [timeOf(1), 'line 1 of canary-dev-cluster', metadata],
            ],
          },
        ],
        stats: expect.objectContaining({
          summary: expect.objectContaining({ totalEntriesReturned: 2 }) as unknown,
        }) as unknown,
      },
    })
  })

  it('in the plain form, where metadata are labels', async () => {
    const { text } = await get(`/query_range?query=${q(selector)}&direction=forward&${lastHour}`)
    expect(JSON.parse(text)).toMatchObject({
      data: {
        result: [
          { stream: { ...index, level: 'info' }, values: [[timeOf(0), 'line 0 of canary-dev-cluster']] },
          {
            stream: { ...index, level: 'error' },
            values: [1, 2].map((i) => [timeOf(i), `line ${String(i)} of canary-dev-cluster`]),
          },
        ],
      },
    })
  })

  const filters: [string, number][] = [
    ['', 3],
    ['|= "line 1"', 1],
    ['|= "line 1" or "line 2"', 2],
    ['!= "line 1" or "line 2"', 1],
    ['|~ "line [12]"', 2],
    ['!~ `line [12]`', 1],
    ['|= "line" != "line 0" |~ "2 of"', 1],
    ['|= ``', 3],
  ]
  it.each(filters)('%s gives %i lines', async (filter, count) => {
    const { text } = await get(`/query_range?query=${q(`${selector} ${filter}`)}&${lastHour}`, {
      'X-Loki-Response-Encoding-Flags': 'categorize-labels',
    })
    expect(text.match(/ of canary-dev-cluster/g)?.length).toBe(count)
  })
})

describe('metric queries', () => {
  const at = `time=${String(NOW_MS)}000000`
  const instants: [string, unknown[]][] = [
    ['vector(1)+vector(1)', [{ metric: {}, value: [NOW_MS / 1000, '2'] }]],
    [`sum(count_over_time(${selector}[1m]))`, [{ metric: {}, value: [NOW_MS / 1000, '3'] }]],
    [
      `sum by (level) (count_over_time(${selector}[1m]))`,
      [
        { metric: { level: 'error' }, value: [NOW_MS / 1000, '2'] },
        { metric: { level: 'info' }, value: [NOW_MS / 1000, '1'] },
      ],
    ],
    [`sum(rate(${selector} |= "line 2" [10s]))`, [{ metric: {}, value: [NOW_MS / 1000, '0.1'] }]],
    [`sum(bytes_over_time(${selector}[1m] |= "line 2"))`, [{ metric: {}, value: [NOW_MS / 1000, '28'] }]],
    [`sum(count_over_time(${selector}[1m])) > 5`, []],
    [`sum(count_over_time(${selector}[1m])) / 2`, [{ metric: {}, value: [NOW_MS / 1000, '1.5'] }]],
  ]
  it.each(instants)('%s', async (query, result) => {
    const { text } = await get(`/query?query=${q(query)}&${at}`)
    expect(JSON.parse(text)).toEqual({
      status: 'success',
      data: { resultType: 'vector', result, stats: expect.anything() as unknown },
    })
  })

  it('over steps', async () => {
    const start = `start=${String(NOW_MS - 20_000)}000000&end=${String(NOW_MS)}000000&step=10`
    const { text } = await get(`/query_range?query=${q(`sum(count_over_time(${selector}[10s]))`)}&${start}`)
    expect(JSON.parse(text)).toMatchObject({
      data: {
        resultType: 'matrix',
        // A line 1 ns after a step belongs to the next one's window.
        result: [{ values: [-20, -10, 0].map((seconds) => [NOW_MS / 1000 + seconds, '1']) }],
      },
    })
  })
})

describe('errors', () => {
  const cases: [string, number, string][] = [
    [
      `/query?query=${q(selector)}`,
      400,
      'log queries are not supported as an instant query type, please change your query to a range query type',
    ],
    [
      `/query_range?query=${q('{')}`,
      400,
      'parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }',
    ],
    [
      `/query_range?query=${q('{a="b"')}`,
      400,
      'parse error at line 1, col 7: syntax error: unexpected $end, expecting } or ,',
    ],
    [
      `/query_range?query=${q('{a="b"} |~')}`,
      400,
      'parse error at line 1, col 11: syntax error: unexpected $end, expecting STRING or ip',
    ],
    [
      `/query_range?query=${q('{a=~".*"}')}`,
      400,
      'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible ' +
        'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    ],
    [
      `/query_range?query=${q(selector)}&limit=5001`,
      400,
      'max entries limit per query exceeded, limit > max_entries_limit (5001 > 5000)',
    ],
    [`/query_range?query=${q(selector)}&start=2&end=1`, 400, 'end timestamp must not be before or equal to start time'],
    ['/series', 400, '0 matcher groups supplied'],
    ['/nothing', 404, 'not found'],
  ]
  it.each(cases)('%s', async (path, status, text) => {
    expect(await get(path)).toEqual({ status, text })
  })
})

describe('an export', () => {
  it('has a line of JSON for each entry', async () => {
    const { text } = await get(`/export?query=${q(`${selector} |= "line"`)}&${lastHour}`)
    const rows = text
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row) as unknown)
    expect(rows).toEqual(
      [0, 1, 2].map((i) => ({
        time: timeOf(i),
        line: `line ${String(i)} of canary-dev-cluster`,
        labels: index,
        metadata: { level: i === 0 ? 'info' : 'error', trace_id: 'canary-dev-cluster' },
        parsed: {},
      })),
    )
  })

  it('of what is no log query is refused', async () => {
    expect(await get(`/export?query=${q('vector(1)')}`)).toEqual({
      status: 400,
      text: 'only log queries can be exported',
    })
  })
})

describe('lists', () => {
  const names = ['cluster', 'label_canary_dev', 'service_name', 'tenant_id']
  const cases: [string, unknown][] = [
    [`/labels?${range}`, { status: 'success', data: names }],
    ['/label', { status: 'success', data: names }],
    [`/labels?query=${q('{service_name="other"}')}`, { status: 'success', data: [] }],
    ['/label/service_name/values', { status: 'success', data: ['shop'] }],
    [`/label/service_name/values?query=${q('{cluster="x"}')}`, { status: 'success', data: [] }],
    [`/series?match[]=${q(selector)}`, { status: 'success', data: [index] }],
    [`/index/stats?query=${q(selector)}`, { streams: 1, chunks: 1, entries: 3, bytes: 84 }],
    [
      `/index/volume?query=${q(selector)}&${lastHour}`,
      {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: { service_name: 'shop' }, value: [NOW_S, '84'] }] },
      },
    ],
    [
      `/index/volume?query=${q(selector)}&aggregateBy=labels&targetLabels=cluster,none&${lastHour}`,
      {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: { cluster: '' }, value: [NOW_S, '84'] }] },
      },
    ],
    [
      `/index/volume_range?query=${q(selector)}&start=${String(NOW_MS - 30_000)}000000&end=${String(NOW_MS)}000000&step=15`,
      {
        status: 'success',
        data: {
          resultType: 'matrix',
          result: [
            {
              metric: { service_name: 'shop' },
              values: [
                [NOW_MS / 1000 - 15, '56'],
                [NOW_MS / 1000, '28'],
              ],
            },
          ],
        },
      },
    ],
    [
      `/detected_labels?${lastHour}`,
      {
        detectedLabels: ['cluster', 'label_canary_dev', 'service_name', 'tenant_id'].map((label) => ({
          label,
          cardinality: 1,
        })),
      },
    ],
    [
      `/detected_fields?query=${q(selector)}&${lastHour}`,
      {
        fields: [
          { label: 'level', type: 'string', cardinality: 2, parsers: null },
          { label: 'trace_id', type: 'string', cardinality: 1, parsers: null },
        ],
        limit: 1000,
      },
    ],
    [`/detected_field/level/values?query=${q(selector)}&${lastHour}`, { values: ['error', 'info'], limit: 1000 }],
    [
      `/patterns?query=${q(selector)}&start=${String(NOW_MS - 30_000)}000000&end=${String(NOW_MS)}000000&step=60`,
      { status: 'success', data: [{ pattern: 'line <_> of canary-dev-cluster', samples: [[NOW_MS / 1000 - 30, 3]] }] },
    ],
    [`/format_query?query=${q('{a="b"}|="x"')}`, { status: 'success', data: '{a="b"} |= "x"' }],
  ]
  it.each(cases)('%s', async (path, body) => {
    expect(JSON.parse((await get(path)).text)).toEqual(body)
  })
})

describe('what clients ask before anything else', () => {
  it('is which version of the API this is', async () => {
    expect(JSON.parse((await get('/status/buildinfo')).text)).toMatchObject({
      version: expect.stringMatching(/^3\.\d+\.\d+$/) as unknown,
      revision: 'fleetglass',
    })
  })

  it('is what may be asked of it', async () => {
    expect(JSON.parse((await get('/drilldown-limits')).text)).toMatchObject({
      limits: { discover_log_levels: true, max_entries_limit_per_query: 5000, volume_enabled: true },
      pattern_ingester_enabled: true,
    })
  })

  it('is rules, of which there are none under this address', async () => {
    expect(await get('/rules')).toEqual({ status: 200, text: '{}\n' })
  })
})
