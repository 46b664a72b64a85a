import { describe, expect, it } from 'vitest'
import { readDashboard } from '../../grafana/dashboard.ts'
import type { Json } from '../../grafana/json.ts'
import type { Variable } from '../../grafana/variables/interpolate.ts'
import { seriesModelOf } from './bodies/series-model.ts'
import { fetchPanel } from './panel-data.ts'
import { type PanelQuestion, questionOf } from './panel-question.ts'
import { panelTime } from './panel-time.ts'

const NOW = Date.parse('2026-11-20T03:12:20Z')
const HOUR = { fromMs: NOW - 3_600_000, toMs: NOW }

const panelOf = (panel: Json) => {
  const found = readDashboard({ title: 'D', panels: [{ type: 'timeseries', ...panel }] }).rows[0]?.panels[0]
  if (found === undefined) throw new Error('no panel')
  return found
}
const contextOf = (more: { readonly interval?: typeof HOUR; readonly isLive?: boolean } = {}) => ({
  variables: new Map<string, Variable>(),
  definitions: [],
  interval: HOUR,
  isLive: true,
  title: 'D',
  uid: 'd',
  width: 600,
  ...more,
})
const asked = (panel: Json, more = {}): PanelQuestion => questionOf(panelOf(panel), contextOf(more))
const stepOf = (panel: Json): number => asked(panel).grid.stepS
const metrics = (target: Json = {}): Json => ({ refId: 'A', expr: 'up', datasource: { type: 'prometheus' }, ...target })
const queryOf = (expr: string, more: Json = {}): string | undefined =>
  asked({ targets: [metrics({ expr, ...more })] }).questions[0]?.query

describe('the step of a panel', () => {
  it('follows its width, its points, its least step and those of its queries', () => {
    expect(stepOf({ targets: [metrics()] })).toBe(10)
    expect(stepOf({ maxDataPoints: 60, targets: [metrics()] })).toBe(60)
    expect(stepOf({ interval: '>2m', targets: [metrics()] })).toBe(120)
    expect(stepOf({ targets: [metrics({ interval: '30s' })] })).toBe(30)
    expect(stepOf({ targets: [metrics({ intervalFactor: 2 })] })).toBe(20)
    expect(stepOf({ targets: [{ expr: 'rate({a="b"}[1m])', datasource: { type: 'loki' }, resolution: 4 }] })).toBe(40)
    expect(stepOf({ targets: [{ expr: 'rate({a="b"}[1m])', datasource: { type: 'loki' }, step: '5m' }] })).toBe(300)
    // What old graphs kept of the last time that they were drawn.
    expect(stepOf({ targets: [metrics({ step: 240 })] })).toBe(10)
  })

  it('stands in queries', () => {
    expect(queryOf('rate(x[$__interval])')).toBe('rate(x[10s])')
    expect(queryOf('x[$__rate_interval]')).toBe('x[1m]')
    // Four scrapes, as often as the query says that there are any.
    expect(queryOf('x[$__rate_interval]', { interval: '1m' })).toBe('x[4m]')
    expect(queryOf('x[${__interval_ms}ms] @ ${__to:date:seconds}')).toBe(`x[10000ms] @ ${NOW / 1_000}`)
    expect(queryOf('x[$__range] $__range_s $__range_ms')).toBe('x[3600s] 3600 3600000')
  })
})

describe('what a query asks', () => {
  const kindsOf = (panel: Json): readonly string[] => asked(panel).questions.map(({ kind }) => kind)
  const loki = (more: Json): Json => ({ refId: 'A', datasource: { type: 'loki' }, ...more })
  const tempo = (more: Json): Json => ({ refId: 'A', datasource: { type: 'tempo' }, queryType: 'traceql', ...more })

  it.each([
    [metrics(), 'timeseries', 'range'],
    [metrics({ instant: true }), 'timeseries', 'instant'],
    [metrics({ instant: true, range: true }), 'timeseries', 'range'],
    [metrics({ format: 'table' }), 'table', 'table'],
    [loki({ expr: '{a="b"}' }), 'logs', 'lines'],
    [loki({ expr: '{a="b"}' }), 'table', 'line-rows'],
    [loki({ expr: '# why\nsum(rate({a="b"}[1m]))', instant: true }), 'stat', 'instant'],
    [loki({ expr: 'sum(rate({a="b"}[1m]))', queryType: 'instant' }), 'stat', 'instant'],
    [tempo({ query: '{ status = error }' }), 'table', 'search'],
    [tempo({ query: '{} | rate() by (name)' }), 'timeseries', 'trace-range'],
    [tempo({ query: '{} | rate()', metricsQueryType: 'instant' }), 'stat', 'trace-instant'],
    [tempo({ query: 'a'.repeat(32) }), 'traces', 'trace'],
    [tempo({ queryType: 'traceqlSearch', filters: [] }), 'table', 'search'],
    [tempo({ queryType: 'serviceMap' }), 'nodeGraph', 'service-map'],
  ] as const)('%j in a panel of the kind %s: %s', (target, type, expected) => {
    expect(kindsOf({ type, targets: [target] })).toEqual([expected])
  })

  it('takes limits, and exemplars where they can be drawn', () => {
    const [one] = asked({ targets: [loki({ expr: '{a="b"}', maxLines: 7 })] }).questions
    expect(one?.limit).toBe(7)
    const exemplars = (type: string, target: Json): number | undefined =>
      asked({ type, targets: [target] }).questions[0]?.exemplars
    expect(exemplars('timeseries', metrics({ exemplar: true }))).toBeGreaterThan(0)
    expect(exemplars('timeseries', metrics())).toBe(0)
    expect(exemplars('stat', metrics({ exemplar: true }))).toBe(0)
    expect(exemplars('timeseries', tempo({ query: '{} | rate()' }))).toBe(100)
  })
})

describe("a panel's own time", () => {
  const timeOf = (json: Json, more: Parameters<typeof contextOf>[0] = {}) => panelTime(panelOf(json), contextOf(more))
  const at = (text: string): number => Date.parse(text)

  it('goes back, is earlier, or is that of a calendar', () => {
    expect(timeOf({ timeFrom: '2h' })).toEqual({ interval: { fromMs: NOW - 7_200_000, toMs: NOW }, words: 'last 2h' })
    expect(timeOf({ timeShift: '1h' }).interval).toEqual({ fromMs: NOW - 7_200_000, toMs: NOW - 3_600_000 })
    expect(timeOf({ timeFrom: '2h', timeShift: '1d' }).words).toBe('last 2h, 1d earlier')
    expect(timeOf({ timeShift: '1d/d' }).interval).toEqual({
      fromMs: at('2026-11-19T00:00:00Z'),
      toMs: at('2026-11-20T00:00:00Z') - 1,
    })
    expect(timeOf({ timeFrom: '2h', hideTimeOverride: true }).words).toBe('')
    expect(timeOf({ timeFrom: 'nonsense', timeShift: '' })).toEqual({ interval: HOUR, words: '' })
  })

  it('rests while the page looks at a fixed time', () => {
    expect(timeOf({ timeFrom: '2h' }, { isLive: false })).toEqual({ interval: HOUR, words: '' })
  })
})

describe('what is answered', () => {
  const caller = () => ({ signal: new AbortController().signal, tenant: undefined })
  const answering = async (answer: (url: string) => Response, question: PanelQuestion) => {
    const before = globalThis.fetch
    globalThis.fetch = (input) => Promise.resolve(answer(typeof input === 'string' ? input : ''))
    try {
      return await fetchPanel(question, caller())
    } finally {
      globalThis.fetch = before
    }
  }
  const matrix = (): Response =>
    Response.json({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values: [] }] } })

  it('is shown though one query fails; where all fail the panel does', async () => {
    const two = asked({ targets: [metrics(), { refId: 'B', expr: '{a="b"}', datasource: { type: 'loki' } }] })
    const failing = (url: string): Response =>
      url.includes('/loki/') ? new Response('too much', { status: 400 }) : matrix()
    const data = await answering(failing, two)
    expect(data.frames).toHaveLength(1)
    expect(data.warnings).toEqual(['Query B failed: too much'])
    await expect(answering(() => new Response('down', { status: 500 }), two)).rejects.toThrow('down')
  })

  it('has exemplars on the scale of its axis, or at its edge', async () => {
    const exemplars = Response.json({
      data: [{ seriesLabels: {}, exemplars: [{ labels: { trace_id: 'ab' }, value: '0.25', timestamp: NOW / 1_000 }] }],
    })
    const of = async (expr: string) => {
      const panel = panelOf({ targets: [metrics({ expr, exemplar: true })], fieldConfig: { defaults: { unit: 'ms' } } })
      const data = await answering(
        (url) => (url.includes('query_exemplars') ? exemplars.clone() : matrix()),
        questionOf(panel, contextOf()),
      )
      return seriesModelOf(panel, data, { fromS: 0, toS: 1 }, []).model.exemplars
    }
    expect(await of('histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m])))')).toEqual([
      { atS: NOW / 1_000, value: 0.00025, traceId: 'ab' },
    ])
    expect(await of('sum(rate(x_total[1m]))')).toMatchObject([{ isOffScale: true }])
  })
})
