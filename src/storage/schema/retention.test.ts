import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, str } from '../sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { applyRetention, type RetentionPlan } from './retention.ts'

const DAY_MS = 86_400_000
const truncate = (table: string): Sql => sql`TRUNCATE TABLE ${sql.raw(table)}`
const days = (count: number): { metrics: number; logs: number; traces: number } => ({
  metrics: count * DAY_MS,
  logs: count * DAY_MS,
  traces: count * DAY_MS,
})

describe.skipIf(noEngineReason !== undefined)(`retention ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(async () => {
    await engine.stop()
  })

  const tenantsLeft = async (table: string): Promise<readonly string[]> => {
    await engine.client.command(sql`OPTIMIZE TABLE ${sql.raw(table)} FINAL`)
    const rows = await queryJson<{ tenant_id: string }>(
      engine.client,
      sql`SELECT DISTINCT tenant_id FROM ${sql.raw(table)} ORDER BY tenant_id`,
    )
    return rows.map(({ tenant_id }) => tenant_id)
  }
  const alterations = async (): Promise<string> => {
    const rows = await queryJson<{ ttl: string }>(
      engine.client,
      sql`SELECT concat(name, ' ', extract(create_table_query, 'TTL .*'), toString(metadata_modification_time)) AS ttl
        FROM system.tables WHERE database = currentDatabase() ORDER BY name`,
    )
    return rows.map(({ ttl }) => ttl).join('\n')
  }

  it('forgets what is older than the plan, tenant by tenant, and keeps what is not', async () => {
    const plan: RetentionPlan = { others: days(5), tenants: { prd: days(40), "o'hara": days(1) } }
    await applyRetention(engine.client, plan)
    for (const [tenant, age] of [
      ['prd', 20],
      ["o'hara", 2],
      ['dev', 20],
      ['stg', 2],
    ] as const) {
      const [id, time] = [str(tenant), sql`now64(9) - toIntervalDay(${{ type: 'UInt8', value: String(age) }})`]
      await engine.client.command(sql`INSERT INTO samples (tenant_id, series, time) SELECT ${id}, 1, ${time}`)
      await engine.client.command(
        sql`INSERT INTO series (tenant_id, name, id, first_seen, last_seen) SELECT ${id}, 'm', 1, ${time}, ${time}`,
      )
      await engine.client.command(sql`INSERT INTO logs (tenant_id, stream, time) SELECT ${id}, 1, ${time}`)
      await engine.client.command(sql`INSERT INTO traces (tenant_id, start, end) SELECT ${id}, ${time}, ${time}`)
    }
    for (const table of ['samples', 'series', 'logs', 'traces']) {
      expect([table, ...(await tenantsLeft(table))]).toEqual([table, 'prd', 'stg'])
    }
  })

  it('keeps rollups as long as samples or longer, and series as long as either', async () => {
    await applyRetention(engine.client, {
      others: days(5),
      tenants: { prd: days(40) },
      rollups: { fiveMinutes: 3 * DAY_MS, oneHour: 20 * DAY_MS },
    })
    for (const table of ['rollups_5m', 'rollups_1h', 'series']) await engine.client.command(truncate(table))
    for (const [tenant, age] of [
      ['prd', 30],
      ['dev', 4],
      ['old', 10],
      ['gone', 25],
    ] as const) {
      const [id, time] = [str(tenant), sql`now() - toIntervalDay(${{ type: 'UInt8', value: String(age) }})`]
      for (const table of ['rollups_5m', 'rollups_1h']) {
        await engine.client.command(sql`INSERT INTO ${sql.raw(table)} (tenant_id, series, bucket, received)
          SELECT ${id}, 1, toUnixTimestamp(${time}), toDate(${time})`)
      }
      await engine.client.command(
        sql`INSERT INTO series (tenant_id, name, id, first_seen, last_seen) SELECT ${id}, 'm', 1, ${time}, ${time}`,
      )
    }
    expect(await tenantsLeft('rollups_5m')).toEqual(['dev', 'prd'])
    expect(await tenantsLeft('rollups_1h')).toEqual(['dev', 'old', 'prd'])
    expect(await tenantsLeft('series')).toEqual(['dev', 'old', 'prd'])
  })

  it('touches only tables whose plan has changed', async () => {
    const plan: RetentionPlan = { others: days(7), tenants: { prd: days(40) } }
    await applyRetention(engine.client, plan)
    const before = await alterations()
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await applyRetention(engine.client, { ...plan })
    expect(await alterations()).toBe(before)
    await applyRetention(engine.client, { ...plan, tenants: { prd: { ...days(40), logs: DAY_MS } } })
    const changed = (await alterations()).split('\n').filter((line, i) => line !== before.split('\n')[i])
    expect(changed.map((line) => /^[a-z_]+/.exec(line)?.[0])).toEqual(['log_streams', 'logs'])
  })

  it('refuses what is no tenant', async () => {
    const failure = applyRetention(engine.client, { others: days(1), tenants: { 'a|b': days(1) } })
    await expect(failure).rejects.toMatchObject({ code: 'invalid' })
  })
})
