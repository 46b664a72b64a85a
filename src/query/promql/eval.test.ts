import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { createMemoryMetrics, seriesOf } from '../testing/memory-metrics.ts'
import { problemsOf, runScript } from '../testing/promql-script.ts'
import { ALL_FEATURES } from './features.ts'
import { evaluateInstant, evaluateRange, NO_FEATURES, parsePromql } from './index.ts'

const SCRIPT = `
load 15s
  requests{job="a", path="/"}  0+3x40
  requests{job="a", path="/x"} 100+1.5x20 0+1.5x20
  requests{job="b", path="/"}  5 _ 7 stale 9 _x40
  limits{job="a"}              10
  limits{job="b"}              4

# A window holds what is later than its start and not later than its end.
eval instant at 60s count_over_time(requests{job="b"}[60s])
  {job="b", path="/"} 2

eval instant at 60s count_over_time(requests{job="b"}[61s])
  {job="b", path="/"} 3

# A stale marker ends a series at once; the look-back ends it after five minutes.
eval range from 0s to 60s step 15s requests{job="b"}
  requests{job="b", path="/"} 5 5 7 _ 9

eval instant at 359s requests{job="b"}
  requests{job="b", path="/"} 9

eval instant at 360s requests{job="b"}

# Extrapolation: to both edges; not below zero; by half an interval before and up to the edge behind.
eval instant at 5m rate(requests{path="/", job="a"}[1m])
  {job="a", path="/"} 0.2

eval instant at 5m increase(requests{path="/", job="a"}[50s])
  {job="a", path="/"} 10

eval instant at 30s increase(requests{path="/", job="a"}[10m])
  {job="a", path="/"} 6

eval instant at 62s increase(requests{job="b"}[1h])
  {job="b", path="/"} 5.133333333333334

# A reset in the window counts what was reached before it.
eval instant at 6m increase(requests{path="/x"}[2m])
  {job="a", path="/x"} 10.285714285714286

eval instant at 5m irate(requests{job="a"}[1m])
  {job="a", path="/"} 0.2
  {job="a", path="/x"} 0.1

eval instant at 5m idelta(requests{path="/x"}[1m])
  {job="a", path="/x"} 1.5

# Vectors: one to one, many to one, sets.
eval instant at 60s sum by (job) (requests) > on(job) limits
  {job="a"} 118
  {job="b"} 9

eval instant at 60s requests / on(job) group_left limits
  {job="a", path="/"} 1.2
  {job="a", path="/x"} 10.6
  {job="b", path="/"} 2.25

eval instant at 60s requests / on(job) limits
  expect fail msg: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)

eval instant at 60s requests and on(job) limits > 5
  requests{job="a", path="/"} 12
  requests{job="a", path="/x"} 106

eval instant at 60s limits unless on(job) requests{path="/x"}
  limits{job="b"} 4

eval range from 30s to 60s step 15s requests{job="b"} > 7 or requests{job="b"} < 8
  requests{job="b", path="/"} 7 _ 9

eval instant at 60s topk(2, requests)
  requests{job="a", path="/x"} 106
  requests{job="a", path="/"} 12

eval instant at 60s quantile(0.5, requests)
  {} 12

eval instant at 60s scalar(limits{job="a"}) * 2
  20

eval instant at 60s absent(nothing{job="x", path=~"y"})
  {job="x"} 1

eval instant at 90s timestamp(requests{job="b"})
  {job="b", path="/"} 60

eval instant at 60s max_over_time(sum(requests{job="a"})[30s:15s])
  {} 118

eval instant at 60s sum(requests{job="a"} offset 15s) + sum(requests{job="a"} @ 15)
  {} 218
`

it('holds what the script says', async () => {
  const cases = await runScript(SCRIPT)
  expect(cases.length).toBeGreaterThan(20)
  expect(problemsOf(cases)).toEqual([])
})

const BUCKETS = `
load 1m
  http_bucket{le="0.1", job="a"}  10
  http_bucket{le="0.5", job="a"}  30
  http_bucket{le="1", job="a"}    30
  http_bucket{le="+Inf", job="a"} 40
  http_bucket{le="0.1", job="b"}  1
  http_bucket{le="x", job="b"}    1

eval instant at 0 histogram_quantile(0.5, http_bucket)
  {job="a"} 0.3
  {job="b"} NaN

eval instant at 0 histogram_quantile(0.9, http_bucket{job="a"})
  {job="a"} 1

eval instant at 0 histogram_quantile(0.1, http_bucket{job="a"})
  {job="a"} 0.04

eval instant at 0 histogram_quantile(1.1, http_bucket{job="a"})
  {job="a"} +Inf
`

it('computes quantiles of classic histograms', async () => {
  expect(problemsOf(await runScript(BUCKETS))).toEqual([])
})

const steps = Array.from({ length: 100 }, (_, i) => [i * 1000, i] as const)
const source = createMemoryMetrics(['a', 'b'].map((job) => seriesOf('up', { job, tenant_id: job }, steps)))
const options = { source, scope: { tenants: 'all' as const }, signal: new AbortController().signal }

describe('limits', () => {
  it('reads no more samples than allowed', async () => {
    const range = { startMs: 0, endMs: 99_000, stepMs: 1000 }
    const run = (maxSamples: number): Promise<unknown> =>
      evaluateRange(parsePromql('up'), range, { ...options, maxSamples })
    await expect(run(400)).resolves.toBeDefined()
    await expect(run(399)).rejects.toMatchObject({
      code: 'exhausted',
      message: 'query processing would load too many samples into memory in query execution',
    })
  })

  it('refuses grids that could not be held before it makes them', async () => {
    for (const query of ['max_over_time(vector(1)[10y:1ms])', 'sum_over_time((1 + up)[10y:1ms])']) {
      await expect(evaluateInstant(parsePromql(query), 99_000, options)).rejects.toMatchObject({ code: 'exhausted' })
    }
  })

  it('stops when cancelled', async () => {
    const controller = new AbortController()
    const slow = parsePromql(`max_over_time(${'sum('.repeat(20)}up${')'.repeat(20)}[1y:1s])`)
    const run = evaluateInstant(slow, 99_000, { ...options, signal: controller.signal, maxSamples: Infinity })
    setTimeout(() => {
      controller.abort(new AppError('cancelled', 'enough'))
    }, 50)
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  })
})

it('reads through the scope', async () => {
  const { data } = await evaluateInstant(parsePromql('count(up)'), 99_000, { ...options, scope: { tenants: ['a'] } })
  expect(data).toMatchObject({ type: 'vector', samples: [{ labels: {}, value: 1 }] })
})

it('tells about buckets that it had to ignore or to mend', async () => {
  const buckets = createMemoryMetrics(
    [
      ['1', 5],
      ['2', 3],
      ['+Inf', 6],
      ['no number', 1],
    ].map(([le, count]) => seriesOf('x_bucket', { le: String(le) }, [[0, Number(count)]])),
  )
  const query = parsePromql('histogram_quantile(0.9, x_bucket)')
  const result = await evaluateInstant(query, 0, { ...options, source: buckets })
  expect(result.warnings).toEqual([
    'PromQL warning: bucket label "le" is missing or has a malformed value of "no number" for metric name "x_bucket"',
  ])
  expect(result.infos).toEqual([
    'PromQL info: input to histogram_quantile needed to be fixed for monotonicity ' +
      '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "x_bucket"',
  ])
})

it('asks the source for possible times only', async () => {
  const asked: object[] = []
  const spy = {
    ...source,
    select: (...[scope, request, signal]: Parameters<typeof source.select>) => {
      asked.push(request.range)
      return source.select(scope, request, signal)
    },
  }
  for (const time of [1e18, -1e18, 99_000]) {
    await evaluateInstant(parsePromql('up'), time, { ...options, source: spy })
  }
  expect(asked).toEqual([{ startMs: -201_000, endMs: 99_000 }])
})

describe('a subquery as the whole query', () => {
  const source = createMemoryMetrics([seriesOf('a', { job: 'x' }, [[0, 1]]), seriesOf('b', { job: 'x' }, [[0, 2]])])
  const run = async (query: string) =>
    await evaluateInstant(parsePromql(query, NO_FEATURES), 60_000, {
      source,
      scope: { tenants: 'all' },
      signal: new AbortController().signal,
    })

  it('has the names of its expression, or none', async () => {
    const names = async (query: string) => {
      const { data } = await run(query)
      return data.type === 'matrix' ? data.series.map(({ labels }) => labels) : []
    }
    expect(await names('a[1m:1m]')).toEqual([{ __name__: 'a', job: 'x' }])
    expect(await names('(a + 1)[1m:1m]')).toEqual([{ job: 'x' }])
    await expect(run('(-{job="x"})[1m:1m]')).rejects.toThrow('same labelset')
  })
})

describe('a warning that is said twice', () => {
  // As Prometheus 3.15 answers them.
  it.each([
    ['quantile(2, m) + quantile(2, m)', '1:27'],
    ['quantile(2, quantile(2, m))', '1:10'],
    ['quantile(2, m) + (quantile(2, m) - quantile(2, m))', '1:45'],
    ['histogram_quantile(2, m) > histogram_quantile(2, m)', '1:47'],
    ['histogram_quantiles(m, "a", 8, 0.1, 8)', '1:37'],
  ])('names the place that came last: %s', async (query, place) => {
    const slow = { ...createMemoryMetrics([]) }
    let asked = 0
    // Of two sides the first one takes longer.
    const source = {
      ...slow,
      select: async (...args: Parameters<typeof slow.select>) => {
        asked += 1
        await new Promise((resolve) => setTimeout(resolve, asked === 1 ? 20 : 0))
        return await slow.select(...args)
      },
    }
    const options = { source, scope: { tenants: 'all' as const }, signal: new AbortController().signal, query }
    const { warnings } = await evaluateInstant(parsePromql(query, ALL_FEATURES), 0, options)
    expect(warnings).toEqual([expect.stringContaining(`(${place})`)])
  })
})
