import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError, createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import { METRIC_NAME, STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import {
  evaluateRange,
  evaluateRangeCached,
  NO_FEATURES,
  parsePromql,
  type QueryResult,
  ResultsCache,
  type SeriesSamples,
} from '../../query/index.ts'
import { createStoreClient, type StoreClient } from '../client.ts'
import type { Filler } from '../filling/index.ts'
import { createEngineSupervisor, type EngineSupervisor } from '../engine/supervisor.ts'
import { queryJson } from '../query-json.ts'
import { DEFAULT_QUERY_LIMITS } from '../read/limits.ts'
import { createLateSamples } from '../read/late-samples.ts'
import { createMetricSource } from '../read/metric-source.ts'
import { sql } from '../sql.ts'
import { migrate } from '../schema/index.ts'
import { insertRows, insertSeries } from '../testing/rows.ts'
import { buildEngineProgram } from '../testing/engine-program.ts'
import { noEngineReason } from '../testing/test-engine.ts'
import { createRollupFiller } from './roll-up.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
/** Three days ago at noon: everything is closed, and two days are whole. */
const BEGIN = Math.floor((Date.now() - 72 * HOUR) / (24 * HOUR)) * 24 * HOUR + 12 * HOUR
const signal = new AbortController().signal

/** Numbers from a seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Counters with resets, gauges, gaps, stale markers, times with a jitter and times at the edges of buckets. */
function randomSeries(i: number, hours: number): SeriesSamples {
  const random = randomOf(7 + i)
  const isCounter = i % 2 === 0
  const timesMs: number[] = []
  const numbers: number[] = []
  let value = isCounter ? Math.floor(random() * 100) : random() * 10
  const everyMs = [30_000, 60_000, 300_000, 420_000][i % 4] ?? 60_000
  const jitterMs = i % 3 === 0 ? 0 : 900
  for (let at = BEGIN; at < BEGIN + hours * HOUR; at += everyMs) {
    if (random() < 0.002) at += Math.floor(random() * 3 * HOUR)
    const dice = random()
    if (isCounter)
      value = dice < 0.01 ? Math.floor(random() * 3) : value + Math.floor(random() * 20) / (i % 5 === 0 ? 3 : 1)
    else value = dice < 0.1 ? value : 100 * (random() - 0.3)
    timesMs.push(at + Math.floor(random() * jitterMs))
    numbers.push(dice > 0.99 ? NaN : value)
  }
  const values = Float64Array.from(numbers)
  const words = new Uint32Array(values.buffer)
  values.forEach((_, k) => {
    if (random() > 0.02) return
    words[2 * k] = STALE_NAN_LOW
    words[2 * k + 1] = STALE_NAN_HIGH
  })
  const labels = { [METRIC_NAME]: isCounter ? 'work_total' : 'heat', instance: String(i), ...tenantOf(i) }
  return { labels, timesMs: Float64Array.from(timesMs), values }
}

function tenantOf(i: number): Record<string, string> {
  const tenant = i % 5 === 4 ? 'prd' : 'dev'
  return { tenant_id: tenant, cluster: tenant }
}

const FUNCTIONS = [
  'rate',
  'increase',
  'delta',
  'changes',
  'resets',
  'sum_over_time',
  'avg_over_time',
  'count_over_time',
  'present_over_time',
  'min_over_time',
  'max_over_time',
  'first_over_time',
  'last_over_time',
]

describe.skipIf(noEngineReason !== undefined)(`rollups ${noEngineReason ?? ''}`, () => {
  let supervisor: EngineSupervisor
  let engine: { readonly client: StoreClient }
  let remove: () => void
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-rollups-'))
  const hours = 40

  beforeAll(async () => {
    const built = await buildEngineProgram()
    remove = built.remove
    const parts = { dir, log: silentLogger(), metrics: createMetrics(), clock: systemClock }
    supervisor = createEngineSupervisor({ ...parts, program: built.program })
    await supervisor.start(signal)
    engine = { client: createStoreClient(supervisor.connection) }
    await migrate(engine.client, silentLogger())
    const all = Array.from({ length: 12 }, (_, i) => randomSeries(i, hours))
    await insertSeries(engine.client, all)
    // Sent twice by two replicas, and once with another value.
    const twice = all.slice(0, 2).map(part(0, 400))
    await insertSeries(engine.client, twice)
    await insertSeries(engine.client, all.slice(2, 3).map(part(100, 120)).map(plusOne), 5)
    await insertSeries(engine.client, recent())
    await fill(createRollupFiller(engine.client, { quietMs: 0 }))
  })
  afterAll(async () => {
    await engine.client.close()
    await supervisor.shutdown(AbortSignal.timeout(10_000))
    remove()
    rmSync(dir, { recursive: true, force: true })
  })

  const ask = async (
    query: string,
    range: AskRange,
    rolled: boolean,
    tenants = ['dev', 'prd'],
  ): Promise<QueryResult> => {
    const source = rolled
      ? createMetricSource(engine.client, DEFAULT_QUERY_LIMITS, { minRangeMs: 0 })
      : createMetricSource(engine.client)
    return await evaluateRange(parsePromql(query, NO_FEATURES), range, { source, scope: { tenants }, signal, query })
  }

  const expectSame = async (query: string, range: AskRange, size: '5m' | '1h'): Promise<void> => {
    const [samples, rolled] = await Promise.all([ask(query, range, false), ask(query, range, true)])
    expect([query, ...rolled.rollups]).toEqual([query, expect.stringContaining(`answered from ${size} rollups`)])
    expect(samples.rollups).toEqual([])
    expect({ query, infos: rolled.infos }).toEqual({ query, infos: samples.infos })
    const [expected, found] = [rowsOf(samples), rowsOf(rolled)]
    expect(expected.length, query).toBeGreaterThan(0)
    expect({ query, labels: found.map(({ labels }) => labels) }).toEqual({
      query,
      labels: expected.map(({ labels }) => labels),
    })
    expected.forEach((row, i) => {
      const other = found[i]
      expect({ query, times: other?.timesMs }).toEqual({ query, times: row.timesMs })
      row.values.forEach((value, k) => expectClose(query, other?.values[k] ?? 0, value))
    })
  }

  const day: AskRange = { startMs: BEGIN + 2 * HOUR, endMs: BEGIN + 38 * HOUR, stepMs: HOUR }
  const fine: AskRange = { startMs: BEGIN + 2 * HOUR + 35 * MINUTE, endMs: BEGIN + 30 * HOUR, stepMs: 10 * MINUTE }

  it.each(FUNCTIONS)('answer %s as the samples do', async (name) => {
    await expectSame(`${name}(work_total[1h])`, day, '1h')
    await expectSame(`${name}(heat[3h])`, day, '1h')
    await expectSame(`${name}(work_total[5m])`, day, '5m')
    await expectSame(`${name}(heat[15m])`, fine, '5m')
    await expectSame(`${name}({__name__=~"heat|work_total"}[1h] offset 25m)`, fine, '5m')
  })

  it('answer selectors, timestamps, aggregations and subqueries as the samples do', async () => {
    await expectSame('heat', day, '5m')
    await expectSame('timestamp(work_total)', fine, '5m')
    await expectSame('sum by (tenant_id) (rate(work_total[1h]))', day, '1h')
    await expectSame('-count(heat offset 1h)', day, '5m')
    await expectSame('max_over_time(sum(rate(work_total[1h]))[6h:1h])', day, '1h')
  })

  it('are not used where windows are no whole buckets, or the function needs the samples', async () => {
    for (const [query, range] of [
      ['rate(work_total[7m])', day],
      ['rate(work_total[1h])', { ...day, startMs: day.startMs + 1 }],
      ['rate(work_total[1h])', { ...day, stepMs: 4 * MINUTE }],
      ['irate(work_total[1h])', day],
      ['quantile_over_time(0.5, heat[1h])', day],
    ] as const) {
      expect([query, (await ask(query, range, true)).rollups]).toEqual([query, []])
    }
  })

  it('answer up to now: what is not rolled up yet is made of the samples', async () => {
    const end = Math.ceil(Date.now() / HOUR) * HOUR
    const range = { startMs: end - 8 * HOUR, endMs: end, stepMs: HOUR }
    await expectSame('increase(now_total[1h])', range, '1h')
    await expectSame('sum(rate(now_total[2h]))', range, '1h')
    await expectSame('now_total', range, '5m')
    await expectSame('avg_over_time(now_total[15m])', { ...range, stepMs: 5 * MINUTE }, '5m')
  })

  it('answer a single window wherever it begins and ends', async () => {
    const at = (endMs: number): AskRange => ({ startMs: endMs, endMs, stepMs: 1_000 })
    for (const name of FUNCTIONS) {
      await expectSame(`${name}(work_total[33h17m])`, at(BEGIN + 38 * HOUR + 4 * MINUTE + 321), '1h')
    }
    await expectSame('heat @ end()', { ...day, stepMs: 7 * MINUTE }, '5m')
    await expectSame('increase(heat[1d] @ end())', { ...day, stepMs: 7 * MINUTE }, '1h')
    await expectSame('increase(work_total[25m])', at(BEGIN + 30 * HOUR + 1), '5m')
    await expectSame('increase(now_total[9h])', at(Date.now() - 1_234), '1h')
  })

  it('are named in answers that the cache remembers', async () => {
    const cache = new ResultsCache({ maxBytes: 1_000_000, clock: systemClock, late: createLateSamples(engine.client) })
    const source = createMetricSource(engine.client, DEFAULT_QUERY_LIMITS, { minRangeMs: 0 })
    const query = 'sum(increase(work_total[1h]))'
    const options = { source, scope: { tenants: ['dev'] }, signal, query }
    const expr = parsePromql(query, NO_FEATURES)
    const [first, second] = [
      await evaluateRangeCached(expr, day, options, cache),
      await evaluateRangeCached(expr, day, options, cache),
    ]
    expect(cache.counts).toMatchObject({ hits: 1, misses: 1 })
    expect(first.rollups).toEqual(['PromQL info: answered from 1h rollups of the samples (1:14)'])
    expect(second).toEqual({ ...first, samples: 0, peak: 0 })
  })

  it('keep tenants apart', async () => {
    const seen = await ask('count by (tenant_id) (count_over_time({__name__=~".+"}[1h]))', day, true, ['prd'])
    expect(seen.rollups).not.toEqual([])
    expect(rowsOf(seen).map(({ labels }) => labels)).toEqual([{ tenant_id: 'prd' }])
    expect(rowsOf(await ask('heat', day, true, ['nobody']))).toEqual([])
  })

  it('read from the samples what came late until it is rolled up again, of that tenant', async () => {
    const late: SeriesSamples = {
      labels: { [METRIC_NAME]: 'work_total', instance: 'late', ...tenantOf(0) },
      timesMs: Float64Array.from({ length: 60 }, (_, i) => BEGIN + 20 * HOUR + i * MINUTE),
      values: Float64Array.from({ length: 60 }, (_, i) => i),
    }
    await insertSeries(engine.client, [late], 9)
    const noted = [20, 21].map((hour) => ({ tenant_id: 'dev', hour: Math.ceil(BEGIN / HOUR) + hour }))
    await insertRows(engine.client, 'late_hours', noted)
    // Longer than half of the range is on one side of what came late.
    const range = { ...day, startMs: BEGIN + 22 * HOUR - 18 * HOUR, endMs: BEGIN + 24 * HOUR }
    await expectSame('sum(count_over_time(work_total[1h]))', range, '1h')
    const middle = { ...day, startMs: BEGIN + 18 * HOUR, endMs: BEGIN + 23 * HOUR }
    expect((await ask('count_over_time(work_total[1h])', middle, true, ['dev'])).rollups).toEqual([])
    expect((await ask('count_over_time(heat[1h])', middle, true, ['prd'])).rollups).not.toEqual([])

    const again = createRollupFiller(engine.client, { quietMs: 0 })
    expect(await again.turn(signal)).toMatchObject({ did: 'late', units: 2 })
    expect(await again.turn(signal)).toMatchObject({ did: 'idle' })
    await expectSame('count_over_time(work_total[1h])', middle, '1h')
    await expectSame('rate(work_total{instance="late"}[1h])', middle, '1h')
  })

  it('are as good after the engine was killed in the middle of a turn', async () => {
    await engine.client.command(sql`TRUNCATE TABLE rollup_hours`)
    await engine.client.command(sql`TRUNCATE TABLE rollups_5m`)
    await engine.client.command(sql`TRUNCATE TABLE rollups_1h`)
    const killed = supervisor.pid ?? 0
    const rest = (): Promise<void> => {
      process.kill(killed, 'SIGKILL')
      return Promise.resolve()
    }
    await expect(fill(createRollupFiller(engine.client, { quietMs: 0, rest }))).rejects.toMatchObject({
      retryable: true,
    })
    await expect.poll(() => supervisor.pid !== killed && supervisor.pid !== undefined, { timeout: 10_000 }).toBe(true)
    await expect.poll(async () => await isAnswering(engine.client), { timeout: 10_000 }).toBe(true)
    expect((await ask('rate(work_total[1h])', day, true)).rollups).toEqual([])
    await fill(createRollupFiller(engine.client, { quietMs: 0 }))
    await expectSame('rate(work_total[1h])', day, '1h')
    await expectSame('max_over_time(heat[5m])', day, '5m')
  })

  it('are as good after a turn that broke off in the middle', async () => {
    await engine.client.command(sql`TRUNCATE TABLE rollup_hours`)
    await engine.client.command(sql`TRUNCATE TABLE rollups_1h`)
    const broken = createRollupFiller(breaksAfter(engine.client, 3), { quietMs: 0 })
    await expect(fill(broken)).rejects.toThrow('the engine is gone')
    expect((await ask('rate(work_total[1h])', day, true)).rollups).toEqual([])
    await fill(createRollupFiller(engine.client, { quietMs: 0 }))
    await expectSame('rate(work_total[1h])', day, '1h')
  })

  it('keep what they know of buckets whose samples are gone', async () => {
    const before = rowsOf(await ask('count_over_time(work_total[1h])', day, true))
    const edge = BEGIN + 12 * HOUR
    await engine.client.command(sql`ALTER TABLE samples DELETE WHERE time < fromUnixTimestamp64Milli(${ms(edge)})`, {
      mutations_sync: 1,
    })
    expect(rowsOf(await ask('count_over_time(work_total[1h])', day, true))).toEqual(before)
    // One more comes for a time of which the others are deleted: the bucket is not made of it alone.
    const one = randomSeries(0, hours)
    await insertSeries(engine.client, [part(10, 11)(one)], 20)
    await insertRows(engine.client, 'late_hours', [{ tenant_id: 'dev', hour: Math.ceil(BEGIN / HOUR) + 1 }])
    await fill(createRollupFiller(engine.client, { quietMs: 0 }))
    expect(rowsOf(await ask('count_over_time(work_total[1h])', day, true))).toEqual(before)
  })

  it('leave native histograms to the samples', async () => {
    const [{ series } = { series: '0' }] = await queryJson<{ series: string }>(
      engine.client,
      sql`SELECT toString(any(id)) AS series FROM series WHERE name = 'heat' AND tenant_id = 'dev'`,
    )
    const time = ((BEGIN + 5 * HOUR) / 1000).toFixed(3)
    await insertRows(engine.client, 'histograms', [{ tenant_id: 'dev', series, time, version: 1, schema: 1 }])
    expect((await ask('count_over_time(heat[1h])', day, true)).rollups).toEqual([])
    expect((await ask('count_over_time(work_total[1h])', day, true)).rollups).not.toEqual([])
  })
})

interface AskRange {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** Counters with samples each fifteen seconds of the last ten hours. */
function recent(): SeriesSamples[] {
  const endMs = Math.floor(Date.now() / 15_000) * 15_000
  return [1, 2, 3].map((i) => {
    const random = randomOf(100 + i)
    const timesMs = Float64Array.from({ length: 2_400 }, (_, k) => endMs - (2_400 - k) * 15_000)
    let value = 0
    const values = timesMs.map(() => (value = random() < 0.005 ? 0 : value + Math.floor(random() * 9)))
    return { labels: { [METRIC_NAME]: 'now_total', instance: String(i), ...tenantOf(i) }, timesMs, values }
  })
}

async function isAnswering(client: StoreClient): Promise<boolean> {
  try {
    await client.ping(AbortSignal.timeout(1_000))
    return true
  } catch {
    return false
  }
}

async function fill(filler: Filler): Promise<void> {
  for (let turns = 0; turns < 200; turns++) {
    if ((await filler.turn(signal)).did === 'idle') return
  }
  throw new Error('there is always more to do')
}

/** A client whose inserts fail after some. */
function breaksAfter(client: StoreClient, inserts: number): StoreClient {
  let left = inserts
  return {
    query: (statement, options) => client.query(statement, options),
    read: (...args) => client.read(...args),
    command: (statement, settings) => client.command(statement, settings),
    insertNative: async (...args) => {
      left -= 1
      if (left < 0) throw new AppError('unavailable', 'the engine is gone')
      await client.insertNative(...args)
    },
    createDatabase: () => client.createDatabase(),
    ping: (by) => client.ping(by),
    close: () => client.close(),
  }
}

function part(from: number, to: number): (series: SeriesSamples) => SeriesSamples {
  return ({ labels, timesMs, values }) => ({ labels, timesMs: timesMs.slice(from, to), values: values.slice(from, to) })
}

function plusOne(series: SeriesSamples): SeriesSamples {
  return { ...series, values: series.values.map((value) => value + 1) }
}

function rowsOf({ data }: QueryResult): { labels: unknown; timesMs: number[]; values: number[] }[] {
  if (data.type !== 'matrix') throw new Error('a range query answers a matrix')
  return data.series.map(({ labels, timesMs, values }) => ({ labels, timesMs: [...timesMs], values: [...values] }))
}

function expectClose(query: string, found: number, expected: number): void {
  if (Object.is(found, expected) || Math.abs(found - expected) <= 1e-12 * Math.abs(expected)) return
  if (Number.isNaN(found) && Number.isNaN(expected)) return
  expect({ query, found }).toEqual({ query, found: expected })
}

function ms(value: number): { readonly type: string; readonly value: string } {
  return { type: 'Int64', value: String(value) }
}
