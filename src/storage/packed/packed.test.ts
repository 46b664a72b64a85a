import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { METRIC_NAME, STALE_NAN_HIGH, STALE_NAN_LOW, type TimeRange } from '../../model/index.ts'
import type { SeriesSamples } from '../../query/index.ts'
import type { Filler } from '../filling/index.ts'
import { createMetricSource } from '../read/metric-source.ts'
import { migrate } from '../schema/index.ts'
import { silentLogger } from '../../core/index.ts'
import { sql } from '../sql.ts'
import { queryJson } from '../query-json.ts'
import { insertRows, insertSeries } from '../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { createPacker } from './pack.ts'
import { SLOT_MS } from './slots.ts'

const HOUR = 3_600_000
/** Two days ago at 21:00: everything is closed, and the day ends in the middle. */
const BEGIN = Math.floor((Date.now() - 48 * HOUR) / (24 * HOUR)) * 24 * HOUR + 21 * HOUR
const END = BEGIN + 6 * HOUR
const signal = new AbortController().signal

/** Numbers from a seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Counters, gauges with decimals, doubles and constants; gaps, jitter, stale markers. */
function randomSeries(i: number): SeriesSamples {
  const random = randomOf(31 + i)
  const timesMs: number[] = []
  const numbers: number[] = []
  const everyMs = [15_000, 30_000, 60_000, 700_000][i % 4] ?? 15_000
  let value = 0
  for (let at = BEGIN + everyMs; at <= END; at += everyMs) {
    if (random() < 0.01) at += Math.floor(random() * HOUR)
    if (at > END) break
    value = [value + Math.floor(random() * 9), Math.round(random() * 1e3) / 1e2, Math.sqrt(random()), 4][i % 4] ?? 0
    timesMs.push(i % 3 === 0 ? at : at - Math.floor(random() * 900))
    numbers.push(value)
  }
  const values = Float64Array.from(numbers)
  const words = new Uint32Array(values.buffer)
  values.forEach((_, k) => {
    if (random() > 0.01) return
    words[2 * k] = STALE_NAN_LOW
    words[2 * k + 1] = STALE_NAN_HIGH
  })
  const tenant = i % 5 === 4 ? 'prd' : 'dev'
  const name = ['work_total', 'heat', 'load', 'limit'][i % 4] ?? ''
  const labels = { [METRIC_NAME]: name, instance: String(i), tenant_id: tenant, cluster: tenant }
  return { labels, timesMs: Float64Array.from(timesMs), values }
}

describe.skipIf(noEngineReason !== undefined)(`packed samples ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  const all = Array.from({ length: 20 }, (_, i) => randomSeries(i))

  beforeAll(async () => {
    engine = await startTestEngine()
    await migrate(engine.client, silentLogger())
    await insertSeries(engine.client, all)
  })
  afterAll(async () => {
    await engine.stop()
  })

  const select = async (range: TimeRange, tenant = 'dev'): Promise<readonly unknown[]> => {
    const source = createMetricSource(engine.client)
    const matchers = [{ name: METRIC_NAME, operator: '=~', value: '.+' }] as const
    const found = await source.select({ tenants: [tenant] }, { matchers, range }, signal)
    return found
      .map(({ labels, timesMs, values }) => ({
        series: labels['instance'] ?? '',
        times: createHash('sha256').update(timesMs).digest('hex'),
        samples: timesMs.length,
        bits: createHash('sha256')
          .update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
          .digest('hex'),
      }))
      .sort((a, b) => Number(a.series) - Number(b.series))
  }
  const ranges: readonly TimeRange[] = [
    { startMs: BEGIN, endMs: END },
    { startMs: BEGIN - HOUR, endMs: END + HOUR },
    { startMs: BEGIN + 2 * HOUR, endMs: BEGIN + 4 * HOUR },
    { startMs: BEGIN + 1_234_567, endMs: BEGIN + 5 * HOUR + 1 },
    { startMs: BEGIN + SLOT_MS - 1, endMs: BEGIN + 3 * SLOT_MS + 1 },
    { startMs: BEGIN + 600_000, endMs: BEGIN + 800_000 },
  ]
  const answers = (): Promise<readonly unknown[]> => Promise.all(ranges.map((range) => select(range)))

  it('give the same as rows, to the bit, in any range', async () => {
    const before = await answers()
    expect(before[0]).toHaveLength(16)
    await fill(createPacker(engine.client, { quietMs: 0 }))
    expect(await answers()).toEqual(before)
    // It is the chunks that were read.
    await engine.client.command(sql`RENAME TABLE samples TO samples_away`)
    await engine.client.command(sql`CREATE TABLE samples AS samples_away`)
    expect(await answers()).toEqual(before)
    await engine.client.command(sql`EXCHANGE TABLES samples AND samples_away`)
    await engine.client.command(sql`DROP TABLE samples_away SYNC`)
  })

  it('are not read where samples came late, until they are packed again', async () => {
    const late: SeriesSamples = {
      labels: { [METRIC_NAME]: 'work_total', instance: '0', tenant_id: 'dev', cluster: 'dev' },
      timesMs: Float64Array.from({ length: 40 }, (_, i) => BEGIN + 2 * HOUR + 7_777 + i * 60_000),
      values: Float64Array.from({ length: 40 }, (_, i) => i),
    }
    const whole = { startMs: BEGIN, endMs: END }
    const known = await select(whole)
    await insertSeries(engine.client, [late], 7)
    const slots = new Set([...late.timesMs].map((time) => Math.ceil(time / SLOT_MS)))
    await insertRows(
      engine.client,
      'late_slots',
      [...slots].map((slot) => ({ tenant_id: 'dev', slot })),
    )
    const fresh = await select(whole)
    expect(fresh).not.toEqual(known)
    const packer = createPacker(engine.client, { quietMs: 0 })
    expect(await packer.turn(signal)).toMatchObject({ did: 'late', units: slots.size })
    expect(await packer.turn(signal)).toMatchObject({ did: 'idle' })
    expect(await select(whole)).toEqual(fresh)
    // Both versions of the slots are stored until they are merged.
    await engine.client.command(sql`OPTIMIZE TABLE packed_samples FINAL`)
    expect(await select(whole)).toEqual(fresh)
  })

  it('wait with a slot while samples of it are coming in late', async () => {
    const slot = Math.ceil(BEGIN / SLOT_MS) - 40
    const one: SeriesSamples = {
      labels: { [METRIC_NAME]: 'work_total', instance: 'early', tenant_id: 'dev', cluster: 'dev' },
      timesMs: Float64Array.of(slot * SLOT_MS - 5),
      values: Float64Array.of(1),
    }
    await insertSeries(engine.client, [one])
    await insertRows(engine.client, 'late_slots', [{ tenant_id: 'dev', slot }])
    const isPacked = async (): Promise<boolean> =>
      (
        await queryJson(
          engine.client,
          sql`SELECT 1 AS one FROM packed_slots WHERE slot = ${{ type: 'UInt32', value: String(slot) }}`,
        )
      ).length > 0
    await fill(createPacker(engine.client, { quietMs: 60_000 }))
    expect(await isPacked()).toBe(false)
    await fill(createPacker(engine.client, { quietMs: 0 }))
    expect(await isPacked()).toBe(true)
  })

  it('hold slots with very many samples', async () => {
    const many = 70_000
    const slotMs = BEGIN - 20 * SLOT_MS
    const dense: SeriesSamples = {
      labels: { [METRIC_NAME]: 'dense', instance: '99', tenant_id: 'dense', cluster: 'dense' },
      timesMs: Float64Array.from({ length: many }, (_, i) => slotMs + 1 + 12 * i),
      values: Float64Array.from({ length: many }, (_, i) => i % 1_000),
    }
    await insertSeries(engine.client, [dense])
    const range = { startMs: slotMs, endMs: slotMs + SLOT_MS }
    const slot = slotMs / SLOT_MS + 1
    await insertRows(engine.client, 'late_slots', [{ tenant_id: 'dense', slot }])
    const before = await select(range, 'dense')
    expect(before).toHaveLength(1)
    await fill(createPacker(engine.client, { quietMs: 0 }))
    const chunks = await queryJson(engine.client, sql`SELECT part FROM packed_samples WHERE tenant_id = 'dense'`)
    expect(chunks).toHaveLength(2)
    expect(await select(range, 'dense')).toEqual(before)
  })
})

async function fill(filler: Filler): Promise<void> {
  for (let turns = 0; turns < 200; turns++) {
    if ((await filler.turn(signal)).did === 'idle') return
  }
  throw new Error('there is always more to do')
}
