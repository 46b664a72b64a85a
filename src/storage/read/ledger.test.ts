import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Envelope } from '../../model/index.ts'
import { queryJson } from '../query-json.ts'
import { sql } from '../sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { Ledger } from '../write/ledger.ts'
import { readDailyTotals, readLedgerTotals } from './ledger.ts'

const DAY_MS = 86_400_000
const identity = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 't' }
const plain: Envelope = {
  signal: 'logs',
  format: 'otlp',
  items: 5,
  identity,
  collectedAtMs: 1,
  receivedAtMs: 2,
}
const edge: Envelope = { ...plain, id: { edge: 'dev/a', epoch: 'e', first: 1, last: 2 } }

describe.skipIf(noEngineReason !== undefined)(`the ledger in the engine ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(() => engine.stop())
  beforeEach(() => engine.client.command(sql`TRUNCATE TABLE source_ledger`))

  async function flush(first: number, atMs: number, envelopes: readonly Envelope[], logEpoch = 'log'): Promise<void> {
    const ledger = new Ledger()
    envelopes.forEach((envelope, i) => {
      const record = { sequence: first + i, batch: { envelope, payload: new Uint8Array(0) } }
      ledger.add({
        record,
        rows: envelope.items - 1,
        oldestMs: 0,
        slots: new Set(),
        rejected: new Map([['too_old', 1]]),
        error: undefined,
      })
    })
    const block = ledger.encode({ epoch: logEpoch, first, last: first + envelopes.length - 1 }, atMs)
    if (block === undefined) throw new Error('nothing to insert')
    await engine.client.insertNative(block.table, block.columns, block.bytes, `${logEpoch}:${String(first)}`)
  }

  it('sums up by source, for the logs that are asked for', async () => {
    await flush(0, Date.now(), [edge, edge, { ...plain, source: 'loki' }])
    await flush(3, Date.now(), [edge])
    await flush(0, Date.now(), [edge], 'another hub')
    const totals = await readLedgerTotals(engine.client, ['log'])
    const of = { tenant: 't', cluster: 'dev', signal: 'logs' }
    expect([...totals].sort((a, b) => b.items - a.items)).toEqual([
      {
        source: { ...of, source: 'edge', edge: 'dev/a', epoch: 'e' },
        batches: 3,
        items: 15,
        rejected: { too_old: 3 },
      },
      { source: { ...of, source: 'loki', edge: '', epoch: '' }, batches: 1, items: 5, rejected: { too_old: 1 } },
    ])
  })

  it('keeps one row a day and source of what is older, with the same sums', async () => {
    const old = Math.floor(Date.now() / DAY_MS) * DAY_MS - 5 * DAY_MS
    for (let n = 0; n < 20; n += 1) await flush(n, old + n * 1_000, [edge])
    for (let n = 20; n < 30; n += 1) await flush(n, old + DAY_MS + n * 1_000, [edge, { ...plain, source: 'loki' }])
    for (let n = 40; n < 45; n += 1) await flush(n, Date.now(), [edge])
    const before = await readLedgerTotals(engine.client, ['log'])
    const days = await readDailyTotals(engine.client, ['log'])
    await engine.client.command(sql`OPTIMIZE TABLE source_ledger FINAL`)
    expect(await readLedgerTotals(engine.client, ['log'])).toEqual(before)
    const byDay = (a: { dayMs: number }, b: { dayMs: number }): number => a.dayMs - b.dayMs
    expect([...(await readDailyTotals(engine.client, ['log']))].sort(byDay)).toEqual([...days].sort(byDay))
    expect(days.find(({ dayMs }) => dayMs === old)?.stored).toBe(80)
    const rows = await queryJson<{ source: string; rows: string; last: string }>(
      engine.client,
      sql`SELECT source, count() AS rows, max(log_last) AS last FROM source_ledger
        WHERE time < now() - INTERVAL 3 DAY GROUP BY source, day ORDER BY day, source`,
    )
    expect(rows).toEqual([
      { source: 'edge', rows: '1', last: '19' },
      { source: 'edge', rows: '1', last: '30' },
      { source: 'loki', rows: '1', last: '30' },
    ])
  })
})
