import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError, type ErrorCode, silentLogger } from '../core/index.ts'
import { createStoreClient, type StoreClient } from './client.ts'
import { queryJson } from './query-json.ts'
import { migrate } from './schema/index.ts'
import { sql, str, u64 } from './sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from './testing/test-engine.ts'

/** One column `a UInt64` in ClickHouse's Native format: columns, rows, name, type, values. */
function nativeNumbers(values: readonly number[]): Uint8Array {
  const head = Buffer.concat([
    Buffer.from([1]),
    varint(values.length),
    Buffer.from([1]),
    Buffer.from('a'),
    Buffer.from([6]),
    Buffer.from('UInt64'),
  ])
  return Buffer.concat([head, Buffer.from(BigUint64Array.from(values, BigInt).buffer)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

const log = silentLogger()

describe.skipIf(noEngineReason !== undefined).each(['socket', 'tcp'] as const)(
  `a store client over %s ${noEngineReason ?? ''}`,
  (over) => {
    let engine: TestEngine
    let client: StoreClient
    beforeAll(async () => {
      engine = await startTestEngine(over)
      client = engine.client
      await client.command(
        sql`CREATE TABLE numbers_in (a UInt64, day UInt8 DEFAULT a % 3) ENGINE = MergeTree PARTITION BY day ORDER BY a
        SETTINGS non_replicated_deduplication_window = 100`,
      )
    })
    afterAll(async () => {
      await engine.stop()
    })

    const count = async (table: string): Promise<number> => {
      const [row] = await queryJson<{ n: number }>(client, sql`SELECT toUInt32(count()) AS n FROM ${sql.raw(table)}`)
      return row?.n ?? -1
    }

    it('answers in bytes of the format that is asked for', async () => {
      const bytes = await client.query(sql`SELECT ${u64(5)} AS a`, { format: 'Native' })
      expect(Buffer.from(bytes)).toEqual(nativeNumbers([5]))
    })

    it('answers megabytes as they are', async () => {
      const bytes = await client.query(sql`SELECT number AS a FROM numbers(1000000)`, { format: 'RowBinary' })
      expect(bytes.length).toBe(8_000_000)
      expect(Buffer.from(bytes).readBigUInt64LE(7_999_992)).toBe(999_999n)
    })

    it('stores an insert once for a token, over all its partitions', async () => {
      const block = nativeNumbers([1, 2, 3, 4, 5])
      for (const token of ['first', 'first', 'second']) await client.insertNative('numbers_in', ['a'], block, token)
      expect(await count('numbers_in')).toBe(10)
    })

    it('keeps an insert of more than a million rows one block', async () => {
      const block = nativeNumbers(Array.from({ length: 1_200_000 }, (_, i) => i))
      await client.command(sql`CREATE TABLE wide (a UInt64) ENGINE = MergeTree ORDER BY a
        SETTINGS non_replicated_deduplication_window = 100`)
      for (let i = 0; i < 2; i++) await client.insertNative('wide', ['a'], block, 'big')
      expect(await count('wide')).toBe(1_200_000)
      const parts = await queryJson<{ rows: number }>(
        client,
        sql`SELECT toUInt32(rows) AS rows FROM system.parts WHERE table = 'wide' AND active AND level = 0`,
      )
      expect(parts).toEqual([{ rows: 1_200_000 }])
    })

    it('leaves no setting, parameter or token behind for the next statement', async () => {
      await client.query(sql`SELECT ${str('x')}`, { format: 'TSV', settings: { max_threads: 1, max_block_size: 7 } })
      for (let i = 0; i < 10; i++) {
        const text = await client.query(
          sql`SELECT count() FROM system.settings WHERE name IN ('max_threads', 'max_block_size') AND changed`,
          { format: 'TSV' },
        )
        expect(Buffer.from(text).toString()).toBe('0\n')
      }
    })

    const refusals: readonly [string, ErrorCode, boolean, string, Record<string, number>?][] = [
      ['bad syntax', 'invalid', false, 'SELEC 1'],
      ['an unknown column', 'invalid', false, 'SELECT nope FROM series'],
      ['an unknown setting', 'invalid', false, 'SELECT 1', { nope: 1 }],
      ['an expression that is none', 'invalid', false, "SELECT match('a', '(')"],
      ['an unknown table', 'not_found', false, 'SELECT 1 FROM nope'],
      [
        'too much memory',
        'exhausted',
        true,
        'SELECT groupArray(number) FROM numbers(10000000)',
        { max_memory_usage: 1e6 },
      ],
      ['too many rows', 'exhausted', false, 'SELECT sum(number) FROM numbers(1000000)', { max_rows_to_read: 10 }],
      [
        'too much time',
        'timeout',
        true,
        'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1',
        { max_execution_time: 1 },
      ],
    ]
    it.each(refusals)('says what %s is: %s', async (_, code, retryable, text, settings = {}) => {
      const failure = client.query(sql.raw(text), { format: 'TSV', settings })
      await expect(failure).rejects.toMatchObject({ name: 'AppError', code, retryable })
    })

    it('stops the query in the engine when the signal aborts', async () => {
      const caller = new AbortController()
      const endless = sql`SELECT count() FROM numbers(1000000000000000) WHERE sipHash64(number) = 7 /* endless */`
      const failure = client.query(endless, { format: 'TSV', signal: caller.signal })
      const running = async (): Promise<number> => {
        const statements = await queryJson<{ query: string }>(client, sql`SELECT query FROM system.processes`)
        return statements.filter(({ query }) => query.includes('/* endless */')).length
      }
      await expect.poll(running, { timeout: 10_000 }).toBe(1)
      caller.abort()
      await expect(failure).rejects.toMatchObject({ code: 'cancelled' })
      // The engine's KILL QUERY hangs when system.processes is read at the same moment, so look once, afterwards.
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      expect(await running()).toBe(0)
    })

    it('runs queries side by side and queues what is more', async () => {
      const beganAt = performance.now()
      const naps = Array.from({ length: 18 }, () => client.query(sql`SELECT sleep(0.1)`, { format: 'TSV' }))
      await Promise.all(naps)
      expect(performance.now() - beganAt).toBeLessThan(18 * 100)
    })

    it('migrates once, and refuses a schema that is newer than it knows', async () => {
      const applied = await count('schema_migrations')
      await migrate(client, log)
      expect(applied).toBeGreaterThan(0)
      expect(await count('schema_migrations')).toBe(applied)
      await client.command(sql`INSERT INTO schema_migrations (number, title) VALUES (999, 'from the future')`)
      await expect(migrate(client, log)).rejects.toMatchObject({ code: 'conflict' })
      await client.command(sql`DELETE FROM schema_migrations WHERE number = 999`)
    })
  },
)

describe('a store client without a server', () => {
  it.each([{ socketPath: '/nonexistent/engine.sock' }, { url: 'http://127.0.0.1:1' }])(
    '%j is unavailable',
    async (to) => {
      const client = createStoreClient(to)
      const expected = { code: 'unavailable', retryable: true }
      await expect(client.query(sql`SELECT 1`, { format: 'TSV' })).rejects.toMatchObject(expected)
      await expect(client.insertNative('t', ['a'], new Uint8Array(1), 't')).rejects.toMatchObject(expected)
      await expect(client.ping(AbortSignal.timeout(1000))).rejects.toBeInstanceOf(AppError)
      await client.close()
    },
  )
})
