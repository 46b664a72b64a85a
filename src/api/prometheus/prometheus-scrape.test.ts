import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateOpenMetrics } from '../../wire/index.ts'
import type { Labels } from '../../model/index.ts'
import type { MetricMetadata } from '../../query/index.ts'
import { createMemoryMetrics, seriesOf } from '../../query/testing/memory-metrics.ts'
import { createInlineRunner } from '../handlers/index.ts'
import type { QueryRunner } from '../runner.ts'
import { createTestHub, NOW_MS, sources, type TestHub } from '../testing/test-hub.ts'
import { createTextExposition, expositionStyleOf } from './text-exposition.ts'

let hub: TestHub
const q = encodeURIComponent

beforeAll(async () => {
  hub = await createTestHub()
})
afterAll(async () => {
  await hub.app.close()
})

async function get(path: string, accept = '*/*'): Promise<{ status: number; type: unknown; text: string }> {
  const response = await hub.app.inject({ url: `/prometheus${path}`, headers: { ...hub.headers('dev'), accept } })
  return { status: response.statusCode, type: response.headers['content-type'], text: response.body }
}

describe('targets', () => {
  const target = {
    discoveredLabels: {},
    labels: {
      cluster: 'canary-dev-cluster',
      tenant_id: 'dev',
      label_canary_dev: 'canary-dev',
      job: 'pool-canary-dev',
      instance: 'a:1',
    },
    scrapePool: 'pool-canary-dev',
    scrapeUrl: '',
    globalUrl: '',
    lastError: '',
    lastScrape: '2025-12-31T23:59:50.000Z',
    lastScrapeDuration: 0.25,
    health: 'down',
    scrapeInterval: '30s',
    scrapeTimeout: '',
  }
  const counts = { 'pool-canary-dev': 0 }
  const cases: [string, unknown][] = [
    ['/targets', { activeTargets: [target], droppedTargets: [], droppedTargetCounts: counts }],
    ['/targets?state=active', { activeTargets: [target], droppedTargets: [], droppedTargetCounts: null }],
    ['/targets?state=dropped', { activeTargets: [], droppedTargets: [], droppedTargetCounts: counts }],
    ['/targets?state=else', { activeTargets: [], droppedTargets: [], droppedTargetCounts: null }],
    ['/targets?scrapePool=x', { activeTargets: [], droppedTargets: [], droppedTargetCounts: counts }],
    ['/scrape_pools', { scrapePools: ['pool-canary-dev'] }],
  ]
  it.each(cases)('%s', async (path, data) => {
    expect(JSON.parse((await get(`/api/v1${path}`)).text)).toEqual({ status: 'success', data })
  })
})

describe("targets' metadata", () => {
  const meaning = { type: 'counter', help: 'help canary-dev', unit: '' }
  const cases: [string, unknown][] = [
    ['', []],
    ['metric=up', []],
    [`match_target=${q('{job="else"}')}`, []],
  ]
  it.each(cases)('%s', async (query, data) => {
    expect(JSON.parse((await get(`/api/v1/targets/metadata?${query}`)).text)).toEqual({ status: 'success', data })
  })

  it('says what the series of a target mean', async () => {
    const target = { cluster: 'c', job: 'j', tenant_id: 'dev' }
    const own = await createTestHub({ runner: runnerOver(target, { name: 'hits', ...meaning }) })
    const ask = async (query: string): Promise<unknown> => {
      const url = `/prometheus/api/v1/targets/metadata?${query}`
      return (await own.app.inject({ url, headers: own.headers('dev') })).json<{ data: unknown }>().data
    }
    expect(await ask('')).toEqual([{ target, metric: 'hits', ...meaning }])
    expect(await ask(`metric=hits&match_target=${q('{job=~"j.*"}')}`)).toEqual([{ target, ...meaning }])
    expect(await ask('limit=0')).toEqual([])
    await own.app.close()
  })
})

/** A target that has sent `up` and `hits_total`. */
function runnerOver(target: Labels, metadata: MetricMetadata): QueryRunner {
  const series = ['up', 'hits_total'].map((name) => seriesOf(name, target, [[NOW_MS - 1_000, 1]]))
  const metrics = createMemoryMetrics(series, [{ tenant: 'dev', ...metadata }])
  const clock = { now: () => NOW_MS, sleep: () => Promise.resolve() }
  return createInlineRunner({ sources: { ...sources, metrics }, clock, onFault: () => undefined })
}

describe('federation', () => {
  const labels = (job: string, end = ''): string =>
    `{cluster="canary-dev-cluster",instance="${end}",job="${job}",label_canary_dev="canary-dev",tenant_id="dev"}`
  const match = `match[]=${q('requests_total')}&match[]=${q('{__name__=~"requests.*|up"}')}`

  it('writes the text format', async () => {
    expect(await get(`/federate?${match}`)).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
      text:
        '# TYPE requests_total untyped\n' +
        `requests_total${labels('a')} 200 ${String(NOW_MS)}\n` +
        `requests_total${labels('b')} 200 ${String(NOW_MS)}\n` +
        '# TYPE up untyped\n' +
        `up${labels('pool-canary-dev', 'a:1')} 0 ${String(NOW_MS - 10_000)}\n`,
    })
  })

  it('writes OpenMetrics when asked to, and our own validator finds nothing wrong', async () => {
    const accept =
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3'
    const { type, text } = await get('/federate?match[]=up', accept)
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8')
    const time = String((NOW_MS - 10_000) / 1000)
    expect(text).toBe(`# TYPE up unknown\nup${labels('pool-canary-dev', 'a:1')} 0 ${time}\n# EOF\n`)
    validateOpenMetrics(Buffer.from(text))
  })

  it('answers nothing to no selector, and text to a wrong one', async () => {
    expect(await get('/federate')).toMatchObject({ status: 200, text: '' })
    expect(await get('/federate?match[]=up{')).toMatchObject({ status: 400, type: 'text/plain; charset=utf-8' })
  })

  it('quotes names that are no words, or replaces what is not allowed', () => {
    const labelSet = { __name__: 'http.requests', 'service.name': 'a"b\n\\', '9x': 'y' }
    const sample = { timeMs: 1_500, value: NaN }
    const write = (accept: string): string => {
      const text = createTextExposition(expositionStyleOf(accept))
      text.add(labelSet, sample)
      return text.finish()
    }
    expect(write('text/plain')).toBe(
      '# TYPE http_requests untyped\nhttp_requests{_9x="y",service_name="a\\"b\\n\\\\"} NaN 1500\n',
    )
    expect(write('application/openmetrics-text; version=1.0.0; escaping=allow-utf-8')).toBe(
      '# TYPE "http.requests" unknown\n{"http.requests","9x"="y","service.name"="a\\"b\\n\\\\"} NaN 1.5\n# EOF\n',
    )
  })
})
