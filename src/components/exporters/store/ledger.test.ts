import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError, type Component, createMetrics, silentLogger } from '../../../core/index.ts'
import { createLogSink, type DurableWindows, openSourceWindows } from '../../../pipeline/index.ts'
import { HubLedger } from '../../../pipeline/ledger/index.ts'
import { type DurableLog, openLog } from '../../../queue/index.ts'
import { readLedgerTotals } from '../../../storage/index.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../../storage/testing/test-engine.ts'
import { logBatch, metricBatch, StoreRig } from './testing/store-rig.ts'

/** A hub without its doors: sink, log, windows and books, store exporter, engine. */
interface Life {
  readonly log: DurableLog
  readonly windows: DurableWindows
  readonly ledger: HubLedger
  readonly send: (n: number) => Promise<void>
  readonly startStore: () => Promise<Component>
  /** Without saving anything, as a killed process does. */
  readonly die: () => Promise<void>
}

describe.skipIf(noEngineReason !== undefined)(`the ledger over the lives of a hub ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let rig: StoreRig
  let failing: boolean
  let stores: Component[]
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(() => engine.stop())
  beforeEach(async () => {
    failing = false
    stores = []
    rig = await StoreRig.open({
      insertNative: async (...call) => {
        if (failing) throw new AppError('unavailable', 'the engine is away')
        await engine.client.insertNative(...call)
      },
    })
  })
  afterEach(async () => {
    for (const store of stores) await store.shutdown(AbortSignal.abort())
    await rig.close()
  })

  /** In the rig's directory; the rig's own log is closed first. */
  async function live(dir: string): Promise<Life> {
    await rig.log.close()
    const log = await openLog({
      dir: join(rig.dir, dir),
      maxBytes: 1 << 24,
      segmentBytes: 2_000,
      onFull: 'refuse',
      log: silentLogger(),
    })
    const windows = await openSourceWindows({ dir: join(rig.dir, 'windows'), durableLog: log, log: silentLogger() })
    const ledger = new HubLedger({ books: windows.books, log: silentLogger(), metrics: createMetrics() })
    const sink = createLogSink({ log, windows })
    const of = rig.withLog(log)
    return {
      log,
      windows,
      ledger,
      send: async (n) => {
        for (let i = 0; i < n; i += 1) await sink(i % 3 === 0 ? metricBatch('m', i) : logBatch('a', 'b'))
      },
      startStore: async () => {
        const store = await of.createExporter(
          undefined,
          ({ position, stored }) => ledger.settle(position, stored),
          async (position) => ledger.begin(position, await readLedgerTotals(engine.client, windows.books.epochs)),
        )
        stores.push(store)
        await store.start(AbortSignal.timeout(5_000))
        return store
      },
      die: () => log.close(),
    }
  }

  const caughtUp = async (life: Life): Promise<void> => {
    await expect.poll(() => life.ledger.comparedAt, { timeout: 8_000 }).toBe(life.log.durableEnd)
  }
  const stop = (store: Component): Promise<void> => store.shutdown(AbortSignal.timeout(5_000))

  it('balances at every moment of a life with restarts, kills and an engine that goes away', async () => {
    let life = await live('log2')
    let store = await life.startStore()
    await life.send(20)
    await caughtUp(life)
    expect(life.ledger.differences()).toEqual([])
    failing = true
    await life.send(20)
    expect(life.ledger.differences()).toEqual([])
    // The whole hub is killed while the engine is away, in the middle of a flush.
    await store.shutdown(AbortSignal.abort())
    await life.die()
    failing = false
    life = await live('log2')
    await life.send(5)
    store = await life.startStore()
    await caughtUp(life)
    expect(life.ledger.differences()).toEqual([])
    // The store alone begins again.
    await stop(store)
    life.ledger.pause()
    await life.send(5)
    await life.windows.save()
    store = await life.startStore()
    await caughtUp(life)
    expect(life.ledger.differences()).toEqual([])
    await stop(store)
    const stored = life.ledger.balances().reduce((sum, balance) => sum + balance.stored, 0)
    expect(stored).toBe(life.ledger.balances().reduce((sum, { logged }) => sum + logged, 0))
    expect(life.ledger.balances().reduce((sum, { batches }) => sum + batches, 0)).toBe(50)
    await life.die()
  }, 30_000)

  it('finds a segment that was lost before it was stored', async () => {
    const life = await live('log2')
    await life.send(60)
    await life.windows.save()
    const segments = (await readdir(join(rig.dir, 'log2', 'segments'))).sort()
    await unlink(join(rig.dir, 'log2', 'segments', segments[2] ?? ''))
    const store = await life.startStore()
    await caughtUp(life)
    const lost = life.ledger.differences().reduce((sum, { items }) => sum + items, 0)
    expect(lost).toBeGreaterThan(0)
    await stop(store)
    await life.die()
    // It does not pass because the hub begins again.
    const next = await live('log2')
    const again = await next.startStore()
    await caughtUp(next)
    await stop(again)
    expect(next.ledger.differences().reduce((sum, { items }) => sum + items, 0)).toBe(lost)
    await next.die()
  }, 30_000)

  it('finds a log that was lost with what waited in it, also under new books of the log', async () => {
    const life = await live('log2')
    await life.send(9)
    await life.windows.save()
    const first = await life.startStore()
    await caughtUp(life)
    await stop(first)
    await life.die()
    const next = await live('log3')
    await next.send(3)
    const store = await next.startStore()
    await caughtUp(next)
    expect(next.ledger.differences()).toEqual([])
    await stop(store)
    await next.send(4)
    await next.windows.save()
    await next.die()
    const last = await live('log4')
    const again = await last.startStore()
    await caughtUp(last)
    await stop(again)
    expect(last.ledger.differences().reduce((sum, { items }) => sum + items, 0)).toBe(6)
    await last.die()
  }, 30_000)

  it('finds rows of the ledger that are gone from the engine, and those that are there twice', async () => {
    const life = await live('log2')
    let store = await life.startStore()
    await life.send(12)
    await caughtUp(life)
    await stop(store)
    const epoch = life.log.epoch
    await engine.client.command({
      text: `INSERT INTO source_ledger SELECT * FROM source_ledger WHERE log_epoch = '${epoch}' AND signal = 'logs'`,
      params: {},
    })
    store = await life.startStore()
    await expect.poll(() => life.ledger.differences()).toMatchObject([{ signal: 'logs', items: -16 }])
    await stop(store)
    await engine.client.command({
      text: `DELETE FROM source_ledger WHERE log_epoch = '${epoch}' AND signal = 'logs'`,
      params: {},
    })
    store = await life.startStore()
    await expect.poll(() => life.ledger.differences()).toMatchObject([{ signal: 'logs', items: 16 }])
    await stop(store)
    await life.die()
  }, 30_000)
})
