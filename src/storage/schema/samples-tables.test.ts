import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../core/index.ts'
import { createStoreClient, type StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql } from '../sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { fineSamples } from './0011-fine-samples.ts'
import { samplesBySlot } from './0016-samples-by-slot.ts'
import { migrate, MIGRATIONS } from './migrate.ts'
import { applyRetention, type RetentionPlan } from './retention.ts'

const DAY_MS = 86_400_000
const PLAN: RetentionPlan = { others: { metrics: 5 * DAY_MS, logs: DAY_MS, traces: DAY_MS }, tenants: {} }

describe.skipIf(noEngineReason !== undefined)(`tables of samples that are made anew ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let client: StoreClient
  beforeAll(async () => {
    engine = await startTestEngine()
    client = createStoreClient({ ...engine.connection, database: 'older' })
    const older = MIGRATIONS.filter(({ number }) => number < samplesBySlot.number)
    await migrate(client, silentLogger(), older)
  })
  afterAll(async () => {
    await client.close()
    await engine.stop()
  })

  const run = async (statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await client.command(sql.raw(statement))
  }
  const stored = async (): Promise<unknown> => [
    await queryJson(client, sql`SELECT DISTINCT series, time, value FROM samples ORDER BY series, time`),
    await queryJson(client, sql`SELECT DISTINCT name, id, labels, label_hashes FROM series ORDER BY id`),
  ]
  const definitions = async (): Promise<readonly string[]> => {
    const rows = await queryJson<{ text: string }>(
      client,
      sql`SELECT create_table_query AS text FROM system.tables
        WHERE database = currentDatabase() AND name IN ('samples', 'series') ORDER BY name`,
    )
    return rows.map(({ text }) => text)
  }

  it('keep what is stored when they get finer granules, wherever a crash interrupted it, and get their retention anew', async () => {
    await run([
      "INSERT INTO samples (tenant_id, series, time, value) SELECT 'dev', number % 7, now64(3) - number, number FROM numbers(100)",
      `INSERT INTO series (tenant_id, name, id, labels, first_seen, last_seen)
        SELECT 'dev', 'm', number, map('pod', toString(number)), now64(3), now64(3) FROM numbers(7)`,
    ])
    await applyRetention(client, PLAN)
    const [before, defined] = [await stored(), await definitions()]
    for (const text of defined) expect(text).toContain('TTL ')
    expect(defined.join()).toContain('index_granularity = 1024')
    expect(defined.join()).toContain('index_granularity = 512')
    const { statements } = fineSamples
    // The dangerous moments: the tables have been exchanged, and the other one is still there.
    for (const [i, statement] of statements.entries()) {
      if (!statement.startsWith('EXCHANGE')) continue
      await run(statements.slice(0, i + 1))
      await run(statements)
      expect(await stored()).toEqual(before)
    }
    await applyRetention(client, PLAN)
    for (const text of await definitions()) expect(text).toContain('TTL ')
  })

  it('keep what is stored when they are sorted by slots, wherever a crash interrupted it', async () => {
    const before = await stored()
    const { statements } = samplesBySlot
    for (const i of statements.keys()) {
      await run(statements.slice(0, i + 1))
      await run(statements)
      expect(await stored()).toEqual(before)
    }
    expect((await definitions()).join()).toContain('ORDER BY (tenant_id, slot, series, time)')
    const slots = await queryJson(
      client,
      sql`SELECT count() > 0 AS any, countIf(slot != ceil(toUnixTimestamp64Milli(time) / 900000)) AS wrong FROM samples`,
    )
    expect(slots).toEqual([{ any: 1, wrong: expect.anything() as unknown }])
    expect(JSON.stringify(slots)).toMatch(/"wrong":"?0/)
  })

  it('find the hash that a query asks for', async () => {
    const rows = await queryJson(
      client,
      sql`SELECT DISTINCT toUInt32(id) AS id FROM series WHERE hasAny(label_hashes, [toUInt32(cityHash64('pod', '3'))])`,
    )
    expect(rows).toEqual([{ id: 3 }])
  })
})
