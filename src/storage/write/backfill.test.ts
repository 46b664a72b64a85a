import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import type { Batch } from '../../model/index.ts'
import { createMetricSource } from '../read/metric-source.ts'
import { applyRetention } from '../schema/index.ts'
import { queryJson } from '../query-json.ts'
import { sql } from '../sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import type { StoreRecord } from './batch-context.ts'
import { StoreWriter } from './store-writer.ts'
import { attributes, ns, otlpRecord, remoteWriteRecord, type TestSeries } from './testing/records.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** The TTL looks at the engine's clock, so these tests are of today. */
const NOW = Date.now()
const DEV = { tenants: ['dev'] } as const
const signal = new AbortController().signal
const TABLES = [
  'samples',
  'histograms',
  'sample_starts',
  'exemplars',
  'series',
  'logs',
  'log_streams',
  'spans',
  'traces',
]

describe.skipIf(noEngineReason !== undefined)(`old data that arrives now ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let writer: StoreWriter
  let batches: readonly Batch[] = []
  let sequence = 0

  beforeAll(async () => {
    engine = await startTestEngine()
    const days = { metrics: 30 * DAY, logs: 14 * DAY, traces: 7 * DAY }
    await applyRetention(engine.client, { others: days, tenants: { prd: days } })
    writer = new StoreWriter({
      client: engine.client,
      decodeRecord: (bytes) => {
        const batch = batches[bytes[0] ?? 0]
        if (batch === undefined) throw new Error('no such batch')
        return batch
      },
      unstorable: { keep: ({ message }) => Promise.reject(new Error(message)) },
      clock: systemClock,
      log: silentLogger(),
      metrics: createMetrics(),
    })
  })
  afterAll(async () => {
    await engine.stop()
  })

  const write = async (...records: readonly StoreRecord[]): Promise<readonly (readonly [string, number])[]> => {
    batches = records.map(({ batch }) => batch)
    const first = sequence + 1
    const flush = writer.prepare(records.map((_, i) => ({ sequence: ++sequence, bytes: Uint8Array.of(i) })))
    const range = { epoch: 'test', first, last: sequence }
    const stored = await writer.store(flush, { range, refused: [], onRefused: () => Promise.resolve() }, signal)
    return stored.flatMap(({ rejected }) => [...rejected])
  }
  const series = (name: string, times: readonly number[]): TestSeries => ({
    labels: [['__name__', name]],
    samples: times.map((timestamp, i) => ({ value: i, timestamp })),
  })
  const times = async (name: string, startMs: number, endMs: number): Promise<readonly number[]> => {
    const request = { matchers: [{ name: '__name__', operator: '=', value: name }] as const, range: { startMs, endMs } }
    const found = await createMetricSource(engine.client).select(DEV, request, signal)
    return found.flatMap(({ timesMs }) => [...timesMs])
  }
  const merge = async (): Promise<void> => {
    for (const table of TABLES) await engine.client.command(sql`OPTIMIZE TABLE ${sql.raw(table)} FINAL`)
  }
  const rows = async (table: string): Promise<number> => {
    const [row] = await queryJson<{ rows: number }>(
      engine.client,
      sql`SELECT toUInt32(count()) AS rows FROM ${sql.raw(table)}`,
    )
    return row?.rows ?? 0
  }
  const empty = async (): Promise<void> => {
    for (const table of TABLES) await engine.client.command(sql`TRUNCATE TABLE ${sql.raw(table)}`)
    writer.reset()
  }

  /** Everything that has a time, at this time. */
  const everything = (ms: number, receivedAtMs: number): readonly StoreRecord[] => {
    const span = { traceId: 'd'.repeat(32), spanId: 'e'.repeat(16), name: 'GET' }
    const histogram = { countInt: 1, sum: 1, schema: 0, positiveSpans: [{ offset: 0, length: 1 }], positiveDeltas: [1] }
    return [
      remoteWriteRecord(
        [
          {
            labels: [['__name__', 'old_total']],
            samples: [{ value: 1, timestamp: ms, startTimestamp: ms - 1_000 }],
            exemplars: [{ labels: [['trace_id', 'x']], value: 1, timestamp: ms }],
          },
          { labels: [['__name__', 'old_histogram']], histograms: [{ ...histogram, timestamp: ms }] },
        ],
        { receivedAtMs },
      ),
      otlpRecord(
        'logs',
        { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: ns(ms), body: { stringValue: 'old' } }] }] }] },
        { receivedAtMs },
      ),
      otlpRecord(
        'traces',
        {
          resourceSpans: [
            {
              resource: { attributes: attributes({ 'service.name': 'shop' }) },
              scopeSpans: [{ spans: [{ ...span, startTimeUnixNano: ns(ms), endTimeUnixNano: ns(ms + 1) }] }],
            },
          ],
        },
        { receivedAtMs },
      ),
    ]
  }

  it('is kept as long as what is new, in every table', async () => {
    for (const ms of [NOW - 330 * DAY, 60_000]) {
      await empty()
      expect(await write(...everything(ms, NOW))).toEqual([])
      await merge()
      for (const table of TABLES) expect([table, (await rows(table)) > 0]).toEqual([table, true])
      expect(await times('old_total', ms - 1, ms)).toEqual([ms])
      const [line] = await queryJson<{ body: string }>(engine.client, sql`SELECT body FROM logs`)
      expect(line?.body).toBe('old')
    }
  })

  it('goes when its arrival is older than the retention, and new data stays', async () => {
    await empty()
    await write(...everything(NOW - 330 * DAY, NOW - 40 * DAY))
    await merge()
    for (const table of TABLES) expect([table, await rows(table)]).toEqual([table, 0])
    await write(...everything(NOW, NOW))
    await merge()
    for (const table of TABLES) expect([table, (await rows(table)) > 0]).toEqual([table, true])
  })

  it('keeps a series as long as samples of hours go on coming that it was announced for', async () => {
    await empty()
    const old = NOW - 330 * DAY
    await write(remoteWriteRecord([series('late', [old])], { receivedAtMs: NOW - 40 * DAY }))
    await write(remoteWriteRecord([series('late', [old + 1])], { receivedAtMs: NOW }))
    await merge()
    expect(await times('late', old - 1, old + 1)).toEqual([old + 1])
  })

  it('is as old as its rows say where they were written before arrival was noted', async () => {
    await empty()
    const columns = sql`(tenant_id, series, time) SELECT 'dev', 1, fromUnixTimestamp64Milli`
    for (const days of [40, 20]) {
      await engine.client.command(sql`INSERT INTO samples ${columns}(${sql.raw(String(NOW - days * DAY))})`)
    }
    await merge()
    expect(await rows('samples')).toBe(1)
  })

  it('is found between hours that were announced, before anything is merged', async () => {
    await empty()
    await engine.client.command(sql`SYSTEM STOP MERGES series`)
    const at = (hours: number): number => NOW - 1_000 * HOUR + hours * HOUR
    await write(remoteWriteRecord([series('gap', [at(0)])], { receivedAtMs: NOW }))
    await write(remoteWriteRecord([series('gap', [at(900)])], { receivedAtMs: NOW }))
    await write(remoteWriteRecord([series('gap', [at(400)])], { receivedAtMs: NOW }))
    const found = await times('gap', at(399), at(401))
    await engine.client.command(sql`SYSTEM START MERGES series`)
    expect(found).toEqual([at(400)])
  })

  it('is stored over hundreds of days in one insert, before 1970 too', async () => {
    await empty()
    const days = Array.from({ length: 400 }, (_, i) => NOW - (400 - i) * 20 * DAY)
    const early = [Date.UTC(1900, 0, 2), -DAY, -1, 0, 1]
    expect(
      await write(remoteWriteRecord([series('days', days), series('early', early)], { receivedAtMs: NOW })),
    ).toEqual([])
    await merge()
    expect(await times('days', 0, NOW)).toEqual(days)
    expect(await times('early', -(10 ** 15), 10 ** 15)).toEqual(early)
    expect(await times('early', -DAY - 1, 0)).toEqual([-DAY, -1, 0])
  })

  it('is refused where no time of the store is that early or late', async () => {
    await empty()
    const outside = [Date.UTC(1899, 11, 31), -(2 ** 53), 2 ** 53, NOW + HOUR]
    expect(await write(remoteWriteRecord([series('outside', outside)], { receivedAtMs: NOW, items: 4 }))).toEqual([
      ['too_old', 2],
      ['too_new', 2],
    ])
  })
})
