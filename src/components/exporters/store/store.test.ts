import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../../storage/testing/test-engine.ts'
import {
  edgeBatch,
  type InsertScript,
  logBatch,
  metricBatch,
  runInsert,
  spanBatch,
  StoreRig,
} from './testing/store-rig.ts'

describe.skipIf(noEngineReason !== undefined)(`store exporter ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let rig: StoreRig
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(() => engine.stop())
  beforeEach(async () => {
    rig = await StoreRig.open(engine.client)
    for (const table of [
      'logs',
      'log_streams',
      'samples',
      'series',
      'spans',
      'traces',
      'source_ledger',
      'metric_metadata',
    ]) {
      await engine.client.command({ text: `TRUNCATE TABLE ${table}`, params: {} })
    }
  })
  afterEach(() => rig.close())

  async function select(text: string): Promise<readonly Record<string, unknown>[]> {
    const answer = Buffer.from(await engine.client.query({ text, params: {} }, { format: 'JSONEachRow' })).toString()
    return answer
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  const bodies = async (): Promise<readonly unknown[]> =>
    (await select('SELECT body FROM logs ORDER BY body')).map(({ body }) => body)

  /** Rows of everything that must be there exactly once. */
  async function rowCounts(): Promise<unknown> {
    const counts = ['logs', 'samples', 'spans'].map((table) => `(SELECT count() FROM ${table}) AS ${table}`)
    const ledger =
      '(SELECT sum(items) FROM source_ledger) AS items, (SELECT sum(batches) FROM source_ledger) AS batches'
    const [row] = await select(`SELECT ${counts.join(', ')}, ${ledger}`)
    return Object.fromEntries(Object.entries(row ?? {}).map(([key, count]) => [key, Number(count)]))
  }

  it('stores what the log holds, commits its cursor, and tells the ledger and the caller', async () => {
    for (const batch of [logBatch('a', 'b'), metricBatch('m', 1), spanBatch('s'), logBatch('c')])
      await rig.append(batch)
    const progress = await rig.run()
    expect((await rig.log.cursor('store')).position).toBe(4)
    expect(await bodies()).toEqual(['a', 'b', 'c'])
    expect(progress.at(-1)?.position).toBe(4)
    const edge = { tenant: 'dev', cluster: 'dev-uaenorth', source: 'edge', edge: 'dev-uaenorth/a', epoch: 'e1' }
    expect(progress.flatMap(({ stored }) => stored)).toMatchObject([
      { source: { ...edge, signal: 'logs' }, batches: 2, items: 3, rejected: {} },
      { source: { ...edge, signal: 'metrics' }, batches: 1, items: 1, rejected: {} },
      { source: { ...edge, signal: 'traces' }, batches: 1, items: 1, rejected: {} },
    ])
    expect(progress.at(-1)?.stored[0]?.lagMs.p50).toBeGreaterThanOrEqual(100)
    expect(
      await select(`SELECT tenant_id, cluster, edge, epoch, signal, last_sequence - first_sequence AS span, batches, items, rows, rejected,
        lag_ms_max >= 100 AS lags FROM source_ledger ORDER BY signal`),
    ).toEqual(
      [
        { signal: 'logs', span: 3, batches: 2, items: 3, rows: 3 },
        { signal: 'metrics', span: 0, batches: 1, items: 1, rows: 1 },
        { signal: 'traces', span: 0, batches: 1, items: 1, rows: 1 },
      ].map(({ signal, span, batches, items, rows }) => ({
        tenant_id: 'dev',
        cluster: 'dev-uaenorth',
        edge: 'dev-uaenorth/a',
        epoch: 'e1',
        signal,
        span,
        batches,
        items,
        rows,
        rejected: {},
        lags: 1,
      })),
    )
  })

  it('stores a flush once, wherever it was cut off before', async () => {
    for (const batch of [logBatch('a', 'b'), metricBatch('m', 1), spanBatch('s')]) await rig.append(batch)
    const tables = ['series', 'log_streams', 'metric_metadata', 'traces', 'samples', 'logs', 'spans', 'source_ledger']
    for (let call = 1; call <= tables.length; call++) await rig.run(runInsert, call)
    await rig.append(logBatch('c'))
    await rig.run()
    expect(await rowCounts()).toEqual({ logs: 3, samples: 1, spans: 1, items: 5, batches: 4 })
    expect(await select("SELECT uniqExact(id) AS ids FROM series WHERE name = 'm'")).toEqual([{ ids: 1 }])
  })

  it('stores a flush once when the engine stored a block and the answer was lost', async () => {
    for (const batch of [logBatch('a', 'b'), metricBatch('m', 1), spanBatch('s')]) await rig.append(batch)
    const answered = new Set<string>()
    await rig.run(async (insert, { token }) => {
      await insert()
      if (answered.has(token)) return
      answered.add(token)
      throw new AppError('unavailable', 'connection reset')
    })
    expect(await rowCounts()).toEqual({ logs: 2, samples: 1, spans: 1, items: 4, batches: 3 })
  })

  it('stores rows of more days than an insert may have by default, once even if the answer was lost', async () => {
    const days = Array.from({ length: 150 }, (_, day) => `${String(Date.now() - day * 86_400_000)}000000`)
    const logRecords = days.map((timeUnixNano) => ({ timeUnixNano }))
    await rig.append(edgeBatch('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }, days.length))
    let answered = false
    await rig.run(async (insert, { table }) => {
      await insert()
      if (table !== 'logs' || answered) return
      answered = true
      throw new AppError('unavailable', 'connection reset')
    })
    expect(await select('SELECT count() AS rows, uniqExact(toDate(time)) AS days FROM logs')).toEqual([
      { rows: days.length, days: days.length },
    ])
  })

  it('sets aside what is no batch or cannot be decoded, and stores the neighbours', async () => {
    const torn = logBatch('x', 'y')
    await rig.append(logBatch('a'))
    await rig.append({ ...torn, payload: torn.payload.subarray(0, -2) })
    await rig.log.append([Buffer.from('no record')])
    await rig.append(logBatch('b'))
    await rig.run()
    expect(await bodies()).toEqual(['a', 'b'])
    expect(await rig.deadLetters()).toEqual([
      [1, 'undecodable'],
      [2, 'corrupt'],
    ])
    expect(await select('SELECT items, rows, rejected FROM source_ledger')).toEqual([
      { items: 4, rows: 2, rejected: { undecodable: 2 } },
    ])
  })

  /** An engine that never takes a block of `logs` in which this text stands. */
  const refuse =
    (text: string): InsertScript =>
    (insert, { table, block }) => {
      if (table === 'logs' && Buffer.from(block).includes(text)) throw new AppError('invalid', 'no such thing here')
      return insert()
    }

  it('finds the batch that the engine refuses and stores all others once, also over crashes', async () => {
    for (const body of ['a', 'b', 'c', 'poison', 'd', 'e']) await rig.append(logBatch(body))
    await rig.append(metricBatch('m', 1))
    for (let call = 1; call <= 14; call += 2) await rig.run(refuse('poison'), call)
    await rig.run(refuse('poison'))
    expect(await bodies()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await rig.deadLetters()).toEqual([[3, 'refused_by_engine']])
    expect(await rowCounts()).toEqual({ logs: 5, samples: 1, spans: 0, items: 7, batches: 7 })
    expect(await select("SELECT rows, rejected FROM source_ledger WHERE signal = 'logs'")).toEqual([
      { rows: 5, rejected: { refused_by_engine: 1 } },
    ])
    await rig.append(logBatch('f'))
    await rig.run()
    expect(await bodies()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('stores the pieces of a refused block once, even if the engine would take the whole after a crash', async () => {
    for (const body of ['first', 'second', 'third', 'fourth']) await rig.append(logBatch(body))
    const refuseWhole: InsertScript = (insert, { table, block }) => {
      const isWhole = ['first', 'fourth'].every((text) => Buffer.from(block).includes(text))
      if (table === 'logs' && isWhole) throw new AppError('invalid', 'no such thing here')
      return insert()
    }
    // Calls: log_streams, three times logs, once without rows, and killed before the first half.
    await rig.run(refuseWhole, 6)
    // Calls: log_streams, the first half, and killed before the second.
    await rig.run(refuseWhole, 3)
    expect(await bodies()).toEqual(['first', 'second'])
    await rig.run()
    expect(await bodies()).toEqual(['first', 'fourth', 'second', 'third'])
    expect(await rig.deadLetters()).toEqual([])
  })

  it('waits for an engine that takes nothing at all, and sets nothing aside', async () => {
    await rig.append(logBatch('a'))
    await rig.append(logBatch('b'))
    await rig.run((insert, { count }) => {
      if (count < 20) throw new AppError(count % 2 === 0 ? 'not_found' : 'unavailable', 'no such table')
      return insert()
    })
    expect(await bodies()).toEqual(['a', 'b'])
    expect(await rig.deadLetters()).toEqual([])
  })

  it('abandons an insert that does not end when its shutdown may not take longer', async () => {
    await rig.append(logBatch('a'))
    const called = new AbortController()
    const insertNative = (): Promise<void> => {
      called.abort()
      return new Promise(() => undefined)
    }
    const exporter = await rig.createExporter({ insertNative })
    await exporter.start(AbortSignal.timeout(1000))
    await once(called.signal, 'abort')
    await exporter.shutdown(AbortSignal.timeout(100))
    await rig.run()
    expect(await bodies()).toEqual(['a'])
  })

  it('shuts down before start and twice, and stores what it has read', async () => {
    const idle = await rig.createExporter()
    await idle.shutdown(AbortSignal.timeout(1000))
    await idle.shutdown(AbortSignal.timeout(1000))
    await rig.append(logBatch('a'))
    await rig.run()
    expect(await rig.run()).toEqual([])
    expect(await bodies()).toEqual(['a'])
  })
})
