import { beforeEach, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import type { DurableLog } from '../../queue/index.ts'
import { createDisk, type FaultyDisk, openTestLog, readTexts } from '../../queue/testing/log-kit.ts'
import { type DurableWindows, openSourceWindows } from '../durable-windows.ts'
import { createLogSink } from '../log-sink.ts'
import { encodeRecord } from '../record.ts'
import { batchId, createBatch } from '../testing/batches.ts'
import { DeadLetterBox, createDeadLetterWriters, type DeadLetter, LetterReplay, replayIntoLog } from './index.ts'

const ROOT = '/state/dead-letters'
const never = new AbortController().signal

describe("a letter of the store's, replayed", () => {
  let disk: FaultyDisk
  let log: DurableLog
  let windows: DurableWindows
  let box: DeadLetterBox
  beforeEach(async () => {
    disk = createDisk()
    await open()
  })

  async function open(): Promise<void> {
    log = await openTestLog(disk.fs, { maxBytes: 10_000_000, segmentBytes: 1_000_000 })
    windows = await openSourceWindows({ dir: '/windows', durableLog: log, log: silentLogger(), fs: disk.fs })
    box = new DeadLetterBox(ROOT, disk.fs)
  }
  const replay = (): LetterReplay =>
    new LetterReplay({
      box,
      consumer: 'store',
      deliver: replayIntoLog({ box, windows, sink: createLogSink({ log, windows }) }),
      clock: systemClock,
      log: silentLogger(),
    })
  const letterOf = (sequence: number, envelope = createBatch('x', batchId(sequence)).envelope): DeadLetter => ({
    origin: { consumer: 'store', epoch: 'e0', first: sequence, last: sequence },
    atMs: 1,
    reason: 'undecodable',
    message: 'why',
    envelope,
    payload: Buffer.from(`letter ${String(sequence)}`),
  })
  async function keep(letter: DeadLetter): Promise<string> {
    const writers = createDeadLetterWriters({
      directory: ROOT,
      clock: systemClock,
      log: silentLogger(),
      metrics: createMetrics(),
      fs: disk.fs,
    })
    await writers({ consumer: 'store', limitBytes: 1 << 20 }).keep(letter, never)
    return (await box.list('store')).letters.find(({ head }) => head.origin.first === letter.origin.first)?.id ?? ''
  }
  const mark = (id: string): Promise<boolean> => box.markForReplay({ consumer: 'store', id })
  const payloads = async (): Promise<string[]> =>
    (await readTexts(disk.fs, log)).texts.map((text) => /letter \d+/.exec(text)?.[0] ?? text)

  it('is in the log once more under an id of its own, and gone', async () => {
    const id = await keep(letterOf(7))
    await keep(letterOf(8))
    await mark(id)
    await replay().deliverMarked(never)
    expect(await payloads()).toEqual(['letter 7'])
    expect((await box.list('store')).letters.map(({ head }) => head.origin.first)).toEqual([8])
    const id7 = { edge: 'dev/~dead-letters', epoch: 'store-e0', first: 7, last: 7 }
    expect(windows.windows.missing(id7)).toEqual([])
    expect(windows.books.read()).toMatchObject([{ source: { edge: id7.edge }, batches: 1, logged: 3 }])
  })

  it('is there once, wherever the hub was killed', async () => {
    const id = await keep(letterOf(7))
    await mark(id)
    // Killed between the delivery and the removal of the letter: the removal fails, and then all is opened anew.
    disk.fail = (operation, path) => (operation === 'remove' && path.includes(id) ? { code: 'EIO' } : undefined)
    await replay().deliverMarked(never)
    expect(await payloads()).toEqual(['letter 7'])
    await log.close()
    disk.fail = () => undefined
    await open()
    expect(await box.marked('store')).toEqual([id])
    await replay().deliverMarked(never)
    expect(await payloads()).toEqual(['letter 7'])
    expect((await box.list('store')).letters).toEqual([])
    // Somebody puts a copy back.
    await mark(await keep(letterOf(7)))
    await replay().deliverMarked(never)
    expect(await payloads()).toEqual(['letter 7'])
  })

  it('waits while the log is full, and is put back when it can never be a batch', async () => {
    await mark(await keep(letterOf(7)))
    disk.fail = (operation, path) => (operation === 'write' && path.includes('/log/') ? { code: 'ENOSPC' } : undefined)
    await replay().deliverMarked(never)
    expect(await box.marked('store')).toHaveLength(1)
    disk.fail = () => undefined
    const { origin, atMs, reason, message, payload } = letterOf(3)
    await mark(await keep({ origin, atMs, reason, message, payload }))
    await replay().deliverMarked(never)
    expect(await payloads()).toEqual(['letter 7'])
    expect((await box.list('store')).letters).toMatchObject([{ state: 'letter', head: { origin: { first: 3 } } }])
  })

  it('may be a record that only this program can read', async () => {
    const { envelope = createBatch('x').envelope, payload, ...rest } = letterOf(4)
    await mark(await keep({ ...rest, payload: Buffer.concat(encodeRecord({ envelope, payload })) }))
    await replay().deliverMarked(never)
    expect(await payloads()).toEqual(['letter 4'])
  })

  it('leaves few ranges behind, and none is taken for a repetition', async () => {
    const count = 300
    for (let n = 0; n < count; n += 1) await mark(await keep(letterOf(10 * n)))
    const names = (await box.marked('store')).map((id) => ({ consumer: 'store', id }))
    // Every second one first.
    for (const [i, name] of names.entries()) if (i % 2 === 0) await box.returnToSender(name)
    await replay().deliverMarked(never)
    for (const name of names) await box.markForReplay(name)
    await replay().deliverMarked(never)
    expect(new Set(await payloads()).size).toBe(count)
    expect((await box.list('store')).letters).toEqual([])
    expect(windows.windows.ranges('dev/~dead-letters', 'store-e0').length).toBeLessThan(110)
  })
})
