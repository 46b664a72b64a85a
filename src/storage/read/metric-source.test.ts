import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MATCH_OPERATORS, type Matcher, METRIC_NAME, type Scope, STALE_NAN_BYTES } from '../../model/index.ts'
import type { MetricSource, SeriesSamples } from '../../query/index.ts'
import { createMemoryMetrics, seriesOf } from '../../query/testing/memory-metrics.ts'
import { sql } from '../sql.ts'
import { insertSeries } from '../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { DEFAULT_QUERY_LIMITS } from './limits.ts'
import { createMetricSource } from './metric-source.ts'

const HOUR = 3_600_000
const T0 = Date.UTC(2026, 0, 15, 23, 30)
const EVERYTHING: Scope = { tenants: 'all' }
const RANGE = { startMs: T0 - 1, endMs: T0 + HOUR }

const canonical = (tenant: string, cluster: string): Record<string, string> => ({
  tenant_id: tenant,
  cluster,
  environment: tenant,
})

/** Over midnight, so that two partitions have samples. */
const times = Array.from({ length: 120 }, (_, i) => T0 + 30_000 * i)
const counter = (name: string, labels: Record<string, string>): SeriesSamples =>
  seriesOf(
    name,
    labels,
    times.map((time, i) => [time, i * 1.5]),
  )

const SERIES: readonly SeriesSamples[] = [
  counter('http_requests_total', { ...canonical('dev', 'dev-1'), code: '200', path: '/a' }),
  counter('http_requests_total', { ...canonical('dev', 'dev-1'), code: '500' }),
  counter('http_requests_total', { ...canonical('dev', 'dev-2'), code: '200', path: 'a\nb' }),
  counter('http_requests_total', { ...canonical('prd', 'prd-1'), code: '200', path: 'it\'s \\ "quoted"' }),
  counter('up', { ...canonical('prd', 'prd-1'), instance: 'ü€😀' }),
  counter('up', { ...canonical('dev', 'dev-2') }),
]

const byName = (name: string): Matcher => ({ name: METRIC_NAME, operator: '=', value: name })

/** What tests compare: labels and samples, in an order that does not depend on ids. */
function sorted(found: readonly SeriesSamples[]): readonly (readonly [string, readonly number[], readonly number[]])[] {
  return found
    .map(({ labels, timesMs, values }) => [key(labels), [...timesMs], [...values]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function key(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const signal = new AbortController().signal

describe.skipIf(noEngineReason !== undefined)(`metrics in the store ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let source: MetricSource
  const memory = createMemoryMetrics(SERIES)
  beforeAll(async () => {
    engine = await startTestEngine()
    source = createMetricSource(engine.client)
    await insertSeries(engine.client, SERIES)
  })
  afterAll(async () => {
    await engine.stop()
  })

  const scopes: readonly Scope[] = [
    EVERYTHING,
    { tenants: ['dev'] },
    { tenants: ['dev', 'prd'], clusters: ['dev-2', 'prd-1'] },
    { tenants: ['prd'], clusters: ['dev-1'] },
    { tenants: [] },
    { tenants: 'all', clusters: [] },
    { tenants: ["dev' OR '1'='1"] },
  ]

  it.each(scopes)('gives the scope %j what it may see and nothing else', async (scope) => {
    const request = { matchers: [], range: RANGE }
    expect(sorted(await source.select(scope, request, signal))).toEqual(
      sorted(await memory.select(scope, request, signal)),
    )
    const names = { matcherSets: [], range: RANGE }
    const labels = async (from: MetricSource): Promise<string[]> =>
      (await from.series(scope, names, signal)).map(key).sort()
    expect(await labels(source)).toEqual(await labels(memory))
    expect(await source.labelNames(scope, names, signal)).toEqual(await memory.labelNames(scope, names, signal))
    for (const label of [METRIC_NAME, 'code', 'path', 'nope']) {
      expect(await source.labelValues(scope, label, names, signal)).toEqual(
        await memory.labelValues(scope, label, names, signal),
      )
    }
  })

  it('matches as Prometheus does, whatever the values are', async () => {
    const name = fc.constantFrom(METRIC_NAME, 'code', 'path', 'instance', 'cluster', 'nope')
    const value = fc.constantFrom(
      '',
      '200',
      'up',
      '.*',
      '.+',
      '2..',
      '200|500',
      '',
      'a.b',
      '/a',
      'it\'s \\ "quoted"',
      'u',
      '(?i)UP',
      '.*€.*',
      "it's .*",
      '^up$',
      'http.*',
    )
    const matcher = fc.record({ name, operator: fc.constantFrom(...MATCH_OPERATORS), value }).filter(isExpression)
    await fc.assert(
      fc.asyncProperty(fc.array(matcher, { maxLength: 3 }), async (matchers) => {
        const request = { matchers, range: RANGE }
        expect(sorted(await source.select(EVERYTHING, request, signal))).toEqual(
          sorted(await memory.select(EVERYTHING, request, signal)),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('finds names by several sets of matchers, and no more than asked for', async () => {
    const matcherSets = [[byName('up')], [{ name: 'code', operator: '=', value: '500' } as const]]
    const found = await source.series(EVERYTHING, { matcherSets, range: RANGE }, signal)
    expect(found.map(key).sort()).toEqual([SERIES[1], SERIES[4], SERIES[5]].map((one) => key(one?.labels ?? {})).sort())
    expect(await source.series(EVERYTHING, { matcherSets: [], range: RANGE, limit: 2 }, signal)).toHaveLength(2)
    expect(await source.labelNames(EVERYTHING, { matcherSets, range: RANGE, limit: 1 }, signal)).toEqual([METRIC_NAME])
  })

  it('leaves the start of the range out and takes its end in', async () => {
    const range = { startMs: times[3] ?? 0, endMs: times[6] ?? 0 }
    const [found] = await source.select(
      { tenants: ['dev'], clusters: ['dev-2'] },
      { matchers: [byName('up')], range },
      signal,
    )
    expect([...(found?.timesMs ?? [])]).toEqual(times.slice(4, 7))
  })

  it('knows no series outside the hours in which they were seen', async () => {
    const names = { matcherSets: [], range: { startMs: T0 - 9 * HOUR, endMs: T0 - 8 * HOUR } }
    expect(await source.labelValues(EVERYTHING, METRIC_NAME, names, signal)).toEqual([])
    expect(await source.select(EVERYTHING, { matchers: [], range: names.range }, signal)).toEqual([])
  })

  it('lets the last write of a sample win, and keeps the bits of stale markers', async () => {
    const labels = { ...canonical('dev', 'dev-1'), case: 'overwritten' }
    const write = (values: readonly (readonly [number, number])[], version: number): Promise<void> =>
      insertSeries(engine.client, [seriesOf('written', labels, values)], version)
    await write(
      [
        [T0, 1],
        [T0 + 2, 2],
        [T0 + 4, 3],
      ],
      5,
    )
    await write(
      [
        [T0 + 1, 10],
        [T0 + 2, 20],
      ],
      6,
    )
    await write([[T0 + 2, 99]], 4)
    await write([[T0, 1]], 5)
    // A number in JavaScript may lose a NaN's bits, so the marker goes from bytes to bytes.
    const values = new Float64Array(STALE_NAN_BYTES.slice().buffer)
    await insertSeries(
      engine.client,
      [{ ...seriesOf('written', labels, []), timesMs: Float64Array.of(T0 + 4), values }],
      6,
    )
    const [found] = await source.select(EVERYTHING, { matchers: [byName('written')], range: RANGE }, signal)
    expect([...(found?.timesMs ?? [])]).toEqual([T0, T0 + 1, T0 + 2, T0 + 4])
    expect([...(found?.values ?? [])].slice(0, 3)).toEqual([1, 10, 20])
    const bytes = new Uint8Array(found?.values.buffer ?? new ArrayBuffer(0), (found?.values.byteOffset ?? 0) + 24, 8)
    expect([...bytes]).toEqual([...STALE_NAN_BYTES])
  })

  it('says so when a query would load too much', async () => {
    const request = { matchers: [byName('http_requests_total')], range: RANGE }
    const refusal = { code: 'exhausted', retryable: false }
    const few = createMetricSource(engine.client, { ...DEFAULT_QUERY_LIMITS, maxSeries: 3 })
    await expect(few.select(EVERYTHING, request, signal)).rejects.toMatchObject(refusal)
    await expect(few.series(EVERYTHING, { matcherSets: [], range: RANGE }, signal)).rejects.toMatchObject(refusal)
    const short = createMetricSource(engine.client, { ...DEFAULT_QUERY_LIMITS, maxSamples: 479 })
    await expect(short.select(EVERYTHING, request, signal)).rejects.toMatchObject(refusal)
    const enough = createMetricSource(engine.client, { ...DEFAULT_QUERY_LIMITS, maxSamples: 480, maxSeries: 4 })
    expect(await enough.select(EVERYTHING, request, signal)).toHaveLength(4)
  })

  it('refuses what is no expression', async () => {
    const matchers: Matcher[] = [{ name: 'code', operator: '=~', value: '(' }]
    const failure = source.select(EVERYTHING, { matchers, range: RANGE }, signal)
    await expect(failure).rejects.toMatchObject({ code: 'invalid' })
  })

  it('tells the metadata of metrics that the scope has', async () => {
    await engine.client.command(sql`INSERT INTO metric_metadata VALUES
      ('dev', 'http_requests', 'counter', '', 'All requests.', now64(3)),
      ('dev', 'other', 'gauge', 'bytes', 'Of another cluster.', now64(3)),
      ('prd', 'up', 'gauge', '', 'It''s up.', now64(3))`)
    const names = async (scope: Scope, metric?: string): Promise<string[]> =>
      (await source.metadata(scope, metric, signal)).map(({ name }) => name)
    expect(await names(EVERYTHING)).toEqual(['http_requests', 'other', 'up'])
    expect(await names({ tenants: ['dev'], clusters: ['dev-1'] })).toEqual(['http_requests'])
    expect(await source.metadata({ tenants: ['prd'] }, 'up', signal)).toEqual([
      { name: 'up', type: 'gauge', unit: '', help: "It's up." },
    ])
    expect(await names({ tenants: ['dev'] }, 'up')).toEqual([])
  })
})

/** Values that are matched as they are need not be expressions. */
function isExpression({ operator, value }: Matcher): boolean {
  return operator === '=' || operator === '!=' || !value.includes('\\')
}
