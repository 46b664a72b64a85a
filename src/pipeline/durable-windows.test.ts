import { describe, expect, it } from 'vitest'
import { AppError, silentLogger } from '../core/index.ts'
import { type DurableLog, openLog, openLogReader } from '../queue/index.ts'
import { createDisk, openTestLog } from '../queue/testing/log-kit.ts'
import { MemoryFileSystem } from '../queue/testing/memory-file-system.ts'
import { createRandom } from '../queue/testing/random.ts'
import { type DurableWindows, openSourceWindows } from './durable-windows.ts'
import { createLogSink } from './log-sink.ts'
import { decodeRecord } from './record.ts'
import { batchId, createBatch } from './testing/batches.ts'

const SEQUENCES = Number(process.env['FLEETGLASS_CRASH_SEQUENCES'] ?? 150)

function openWindows(fs: MemoryFileSystem, log: DurableLog): Promise<DurableWindows> {
  return openSourceWindows({ dir: '/windows', durableLog: log, log: silentLogger(), fs })
}

describe('windows after a restart', () => {
  it('know what the snapshot knew, and what the log holds behind it', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    const windows = await openWindows(fs, log)
    const sink = createLogSink({ log, windows })
    for (let n = 0; n < 10; n += 1) await sink(createBatch('x', batchId(n)))
    await windows.save()
    expect(windows.position).toBe(10)
    for (let n = 10; n < 20; n += 1) await sink(createBatch('x', batchId(n)))
    await log.close()
    const log2 = await openTestLog(fs)
    const windows2 = await openWindows(fs, log2)
    expect(windows2.windows.ranges('dev/a', 'e')).toEqual([{ first: 0, last: 19 }])
    expect(windows2.position).toBe(20)
  })

  it('know ids whose segments are gone: they are saved before anything is deleted', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    const windows = await openWindows(fs, log)
    const sink = createLogSink({ log, windows })
    for (let n = 0; n < 30; n += 1) await sink(createBatch('x', batchId(n)))
    await windows.release([30])
    expect(log.firstSequence).toBeGreaterThan(20)
    await log.close()
    const windows2 = await openWindows(fs, await openTestLog(fs))
    expect(windows2.windows.missing(batchId(0, 29))).toEqual([])
  })

  it('delete nothing while they cannot be saved', async () => {
    const disk = createDisk()
    const log = await openTestLog(disk.fs)
    const windows = await openWindows(disk.fs, log)
    const sink = createLogSink({ log, windows })
    for (let n = 0; n < 30; n += 1) await sink(createBatch('x', batchId(n)))
    disk.fail = (operation, path) =>
      path.includes('windows') && operation === 'datasync' ? { code: 'EIO' } : undefined
    await expect(windows.release([30])).rejects.toMatchObject({ code: 'unavailable' })
    expect(log.firstSequence).toBe(0)
  })

  it('hold the snapshot back for a batch that is still under way', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    const windows = await openWindows(fs, log)
    await createLogSink({ log, windows })(createBatch('x', batchId(0)))
    let finish = (): void => undefined
    const blocked = windows.append(createBatch('x', batchId(1)).envelope, async () => {
      const sequence = await log.append([])
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return sequence
    })
    for (let n = 2; n < 50; n += 1) await log.append([])
    await windows.release([50])
    expect([windows.position, log.firstSequence <= 1]).toEqual([1, true])
    finish()
    await blocked
    await windows.release([50])
    expect([windows.position, log.firstSequence <= 1]).toEqual([50, false])
  })

  it('read the log again from where a log that has lost its end stands', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs, { segmentBytes: 20_000 })
    const sink = createLogSink({ log, windows: await openWindows(fs, log) })
    for (let n = 0; n < 6; n += 1) await sink(createBatch('x', batchId(n)))
    await (await openWindows(fs, log)).save()
    await log.close()
    const path = '/log/segments/00000000000000000000.seg'
    fs.poke(path, fs.peek(path).subarray(0, 600))

    const log2 = await openTestLog(fs, { segmentBytes: 20_000 })
    const windows2 = await openWindows(fs, log2)
    await createLogSink({ log: log2, windows: windows2 })(createBatch('new', batchId(50)))
    await log2.close()
    const windows3 = await openWindows(fs, await openTestLog(fs, { segmentBytes: 20_000 }))
    expect(windows3.windows.missing(batchId(50))).toEqual([])
  })

  it('pass over records that are no batches', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    await log.append([new Uint8Array([9, 9, 9])])
    await createLogSink({ log })(createBatch('x', batchId(7)))
    expect((await openWindows(fs, log)).windows.missing(batchId(7))).toEqual([])
  })
})

/** A sender that repeats each batch until it is acknowledged, and a hub that dies at any call to its disk. */
class Hub {
  readonly #random: () => number
  #fs: MemoryFileSystem
  #callsLeft = Infinity
  #next = 0
  /** Sequences in the log at which each batch was seen, by its first record. */
  readonly seen = new Map<number, Set<number>>()
  readonly acknowledged = new Set<number>()

  constructor(random: () => number) {
    this.#random = random
    this.#fs = new MemoryFileSystem(this.#options())
  }

  async live(): Promise<void> {
    this.#callsLeft = Infinity
    const log = await openLog({ dir: '/log', fs: this.#fs, ...LOG_OPTIONS })
    const windows = await openWindows(this.#fs, log)
    const cursor = await log.cursor('store')
    this.#callsLeft = Math.floor(this.#random() * 150)
    const sink = createLogSink({ log, windows })
    while (this.#callsLeft > 0) {
      try {
        const choice = this.#random()
        if (choice < 0.7) await this.#send(sink)
        else if (choice < 0.85) await cursor.commit(await this.#read(log, cursor.position))
        else await windows.release([cursor.position])
      } catch (reason) {
        // Refusals for a full disk are part of the game: the sender comes again.
        if (!(reason instanceof AppError)) throw reason
      }
    }
    this.#fs = this.#random() < 0.6 ? this.#fs.afterCrash(this.#options()) : this.#fs.afterKill(this.#options())
  }

  /** What is left in the log at the end. */
  async finish(): Promise<void> {
    this.#callsLeft = Infinity
    const log = await openLog({ dir: '/log', fs: this.#fs, ...LOG_OPTIONS })
    for (let from = log.firstSequence; from < log.durableEnd; ) from = await this.#read(log, from)
  }

  async #send(sink: ReturnType<typeof createLogSink>): Promise<void> {
    const first = this.#next
    const batch = createBatch('x'.repeat(Math.floor(this.#random() * 50)), batchId(first, first + 2))
    // A sender that is in doubt sends twice.
    const deliveries = Array.from({ length: this.#random() < 0.3 ? 2 : 1 }, () => sink(batch))
    const results = await Promise.allSettled(deliveries)
    if (results.some(({ status }) => status === 'fulfilled')) {
      this.acknowledged.add(first)
      this.#next += 3
    }
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async #read(log: DurableLog, from: number): Promise<number> {
    const reader = await openLogReader({ dir: '/log', fs: this.#fs, durable: log.durable, from })
    const { signal } = new AbortController()
    for (const record of await reader.next({ maxRecords: 4, maxBytes: 10_000, waitMs: 0, signal })) {
      const first = decodeRecord(record.bytes).envelope.id?.first ?? -1
      this.seen.set(first, (this.seen.get(first) ?? new Set()).add(record.sequence))
    }
    await reader.close()
    return reader.position
  }

  #options(): ConstructorParameters<typeof MemoryFileSystem>[0] {
    return {
      random: this.#random,
      before: () => {
        if (this.#callsLeft <= 0) throw new AppError('cancelled', 'the process has died')
        this.#callsLeft -= 1
      },
      fault: () => (this.#callsLeft < Infinity && this.#random() < 0.02 ? { code: 'ENOSPC', written: 0.5 } : undefined),
    }
  }
}

const LOG_OPTIONS = {
  segmentBytes: 1500,
  maxRecordBytes: 2000,
  maxBytes: 1e6,
  onFull: 'refuse',
  log: silentLogger(),
} as const

describe('a hub that dies at any moment', () => {
  it('has every acknowledged batch in its log exactly once', { timeout: 3_600_000 }, async () => {
    let acknowledged = 0
    for (let seed = 1; seed <= SEQUENCES; seed += 1) {
      const hub = new Hub(createRandom(seed))
      for (let life = 0; life < 5; life += 1) await hub.live()
      await hub.finish()
      for (const first of hub.acknowledged)
        expect(hub.seen.get(first)?.size, `seed ${String(seed)}: ${String(first)}`).toBe(1)
      for (const [first, sequences] of hub.seen)
        expect(sequences.size, `seed ${String(seed)}: ${String(first)}`).toBe(1)
      acknowledged += hub.acknowledged.size
    }
    expect(acknowledged).toBeGreaterThan(SEQUENCES * 10)
  })
})
