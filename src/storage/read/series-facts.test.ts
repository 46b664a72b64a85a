import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CardinalitySource, ExemplarSource } from '../../query/index.ts'
import { createMemoryCardinality } from '../../query/testing/memory-cardinality.ts'
import { seriesOf } from '../../query/testing/memory-metrics.ts'
import { sql } from '../sql.ts'
import { insertRows, insertSeries } from '../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { createCardinalitySource } from './cardinality.ts'
import { createExemplarSource } from './exemplar-source.ts'

const T0 = Date.UTC(2026, 0, 15, 12)
const labelsOf = (tenant: string, cluster: string, job: string): Record<string, string> => ({
  tenant_id: tenant,
  cluster,
  job,
})
const SERIES = [
  seriesOf('up', labelsOf('dev', 'dev-1', 'a'), [[T0, 1]]),
  seriesOf('up', labelsOf('dev', 'dev-2', 'a'), [[T0, 1]]),
  seriesOf('up', labelsOf('prd', 'prd-1', 'a'), [[T0, 1]]),
  seriesOf('requests_total', labelsOf('dev', 'dev-1', 'ü'), [[T0, 1]]),
]
const signal = new AbortController().signal
const RANGE = { startMs: T0, endMs: T0 + 1_000 }

describe.skipIf(noEngineReason !== undefined)(`what is known of stored series ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let cardinality: CardinalitySource
  let source: ExemplarSource
  beforeAll(async () => {
    engine = await startTestEngine()
    cardinality = createCardinalitySource(engine.client)
    source = createExemplarSource(engine.client, 3)
    await insertSeries(engine.client, SERIES)
    // The same again: parts are not merged yet, and no series may count twice.
    await insertSeries(engine.client, SERIES, 2)
    await engine.client.command(
      sql`INSERT INTO exemplars (tenant_id, series, time, value, trace_id, labels)
      SELECT tenant_id, id, fromUnixTimestamp64Milli(toInt64(${sql.raw(String(T0))}) + 1000), 6.5, 'abc',
        map('trace_id', 'abc', 'cluster_of', cluster) FROM series FINAL WHERE name = 'up'`,
    )
    await insertRows(engine.client, 'exemplars', [
      { tenant_id: 'dev', series: '1', time: T0 / 1000, value: 1, trace_id: '', labels: {} },
    ])
  })
  afterAll(async () => {
    await engine.stop()
  })

  it.each([
    { tenants: 'all' as const },
    { tenants: ['dev'] },
    { tenants: ['dev'], clusters: ['dev-1'] },
    { tenants: [] },
    { tenants: ['nobody'] },
  ])('counts what %j has, as memory does', async (scope) => {
    const found = await cardinality.cardinality(scope, 4, signal)
    const memory = await createMemoryCardinality(SERIES.map(({ labels }) => labels)).cardinality(scope, 4, signal)
    expect({ ...found, firstMs: 0, lastMs: 0 }).toEqual(memory)
    expect(found.firstMs).toBe(found.series === 0 ? 0 : T0)
  })

  it('finds exemplars by series, scope and time', async () => {
    const up = [[{ name: '__name__', operator: '=', value: 'up' }]] as const
    const of = async (scope: Parameters<typeof source.exemplars>[0], range = RANGE): Promise<unknown> =>
      (await source.exemplars(scope, { matcherSets: up, range }, signal)).map(({ labels, exemplars }) => [
        labels['cluster'],
        exemplars,
      ])
    const one = (cluster: string): unknown => [
      cluster,
      [{ timeMs: T0 + 1_000, value: 6.5, labels: { trace_id: 'abc', cluster_of: cluster } }],
    ]
    expect(await of({ tenants: ['prd'] })).toEqual([one('prd-1')])
    expect(await of({ tenants: ['dev'], clusters: ['dev-2', 'prd-1'] })).toEqual([one('dev-2')])
    expect(await of({ tenants: 'all' })).toHaveLength(3)
    expect(await of({ tenants: 'all' }, { startMs: T0, endMs: T0 + 999 })).toEqual([])
    expect(await of({ tenants: [] })).toEqual([])
    expect(await source.exemplars({ tenants: 'all' }, { matcherSets: [], range: RANGE }, signal)).toEqual([])
  })

  it('refuses more exemplars than the limit', async () => {
    const few = createExemplarSource(engine.client, 2)
    const every = [[{ name: '__name__', operator: '!=', value: '' }]] as const
    const asked = few.exemplars({ tenants: 'all' }, { matcherSets: every, range: RANGE }, signal)
    await expect(asked).rejects.toMatchObject({ code: 'exhausted' })
  })
})
