import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../core/index.ts'
import { evaluateLogs, evaluateMetric, type LogSource, parseLogql } from '../../query/index.ts'
import { createStoreClient, type StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { createLogSource } from '../read/logs/index.ts'
import { sql, str } from '../sql.ts'
import { insertRows, seconds } from '../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { fineLogs } from './0013-fine-logs.ts'
import { fineSpans } from './0014-fine-spans.ts'
import { migrate, MIGRATIONS } from './migrate.ts'

const T0 = Date.UTC(2026, 0, 1)
const SCOPE = { tenants: 'all' } as const
/** The last migration before lines had a level and an index for pieces of them. */
const BEFORE = 5
const LINES = 20_000

describe.skipIf(noEngineReason !== undefined)(`a store of an older schema ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let client: StoreClient
  let logs: LogSource
  beforeAll(async () => {
    engine = await startTestEngine()
    client = createStoreClient({ ...engine.connection, database: 'upgraded' })
    await migrate(
      client,
      silentLogger(),
      MIGRATIONS.filter(({ number }) => number <= BEFORE),
    )
    await insertRows(client, 'log_streams', [
      {
        tenant_id: 'dev',
        id: 1,
        cluster: 'c',
        labels: { service_name: 'api' },
        first_seen: seconds(T0),
        last_seen: seconds(T0 + 3_600_000),
      },
    ])
    await client.command(sql`INSERT INTO logs (tenant_id, cluster, service_name, stream, time, severity_number, body)
      SELECT 'dev', 'c', 'api', 1, fromUnixTimestamp64Milli(toInt64(${sql.raw(String(T0))} + number * 100), 'UTC'),
        if(number % 10 = 0, 17, 9), if(number = 4321, 'before the FLUX capacitor', concat('line ', toString(number)))
      FROM numbers(${sql.raw(String(LINES))})`)
    await migrate(client, silentLogger())
    await insertRows(client, 'logs', [
      {
        tenant_id: 'dev',
        cluster: 'c',
        service_name: 'api',
        stream: 1,
        time: seconds(T0 + 3_000_000),
        detected_level: 'warn',
        body: 'after it, the flux again',
      },
    ])
    logs = createLogSource(client)
  }, 60_000)
  afterAll(async () => {
    await client.close()
    await engine.stop()
  })

  async function find(query: string): Promise<readonly string[]> {
    const expr = parseLogql(query)
    if (expr.kind !== 'logs') throw new Error('BUG: no log query')
    const range = { startNs: BigInt(T0) * 1_000_000n, endNs: BigInt(T0 + 3_600_000) * 1_000_000n }
    const request = { ...range, direction: 'forward' as const, limit: 10 }
    const options = { source: logs, scope: SCOPE, signal: AbortSignal.timeout(10_000) }
    const { streams } = await evaluateLogs(expr, request, options)
    return streams.flatMap(({ lines }) => lines.map(({ line }) => line))
  }

  it('is searched whole, what was written before as what came after', async () => {
    expect(await find('{service_name="api"} |~ "(?i)flux"')).toEqual([
      'before the FLUX capacitor',
      'after it, the flux again',
    ])
    expect(await find('{service_name="api"} |= "capacitor"')).toEqual(['before the FLUX capacitor'])
    expect(await find('{service_name="api"} |= "line 19999"')).toEqual(['line 19999'])
    expect(await find('{service_name="api"} |= "nowhere"')).toEqual([])
  })

  it('has levels of what was written before, as far as the severity tells', async () => {
    const expr = parseLogql('sum by (detected_level) (count_over_time({service_name="api"}[1h]))')
    if (expr.kind === 'logs') throw new Error('BUG: no metric query')
    const grid = { startMs: T0 + 3_600_000, stepMs: 1, count: 1 }
    const options = { source: logs, scope: SCOPE, signal: AbortSignal.timeout(10_000) }
    const result = await evaluateMetric(expr, grid, options)
    const counts = result.type === 'vector' ? result.series.map(({ labels, values }) => [labels, values[0]]) : []
    // The first line stands at the very start, which the window leaves out.
    expect(counts).toEqual([
      [{ detected_level: 'error' }, LINES / 10 - 1],
      [{ detected_level: 'info' }, (LINES / 10) * 9],
      [{ detected_level: 'warn' }, 1],
    ])
  })

  it.each([
    ['logs', fineLogs.statements, LINES + 1, 1_024],
    ['spans', fineSpans.statements, 1, 2_048],
  ] as const)(
    'has each row of %s once, wherever a crash interrupted the upgrade',
    async (table, statements, rows, granule) => {
      const run = async (some: readonly string[]): Promise<void> => {
        for (const statement of some) await client.command(sql.raw(statement))
      }
      if (table === 'spans') await run(["INSERT INTO spans (tenant_id, time) SELECT 'dev', now64(9)"])
      const indexesOf = async (): Promise<readonly string[]> =>
        (
          await queryJson<{ name: string }>(
            client,
            sql`SELECT name FROM system.data_skipping_indices WHERE database = currentDatabase() AND table = ${str(table)}`,
          )
        ).map(({ name }) => name)
      const indexes = await indexesOf()
      for (let done = 1; done < statements.length; done++) {
        await run(statements.slice(0, done))
        await run(statements)
        const [row] = await queryJson<{ rows: number }>(
          client,
          table === 'logs'
            ? sql`SELECT toUInt32(count()) AS rows FROM logs`
            : sql`SELECT toUInt32(count()) AS rows FROM spans`,
        )
        expect([done, row?.rows]).toEqual([done, rows])
      }
      const [made] = await queryJson<{ text: string }>(
        client,
        sql`SELECT create_table_query AS text FROM system.tables WHERE database = currentDatabase() AND name = ${str(table)}`,
      )
      expect(made?.text).toContain(`index_granularity = ${String(granule)}`)
      expect(indexes.length).toBeGreaterThan(1)
      expect(await indexesOf()).toEqual(indexes)
    },
  )
})
