import { describe, expect, it } from 'vitest'
import { AppError, createMetrics, silentLogger } from '../core/index.ts'
import { createDisk, type FaultyDisk, openTestLog, readTexts } from '../queue/testing/log-kit.ts'
import type { Consumer } from './consumer.ts'
import { openSourceWindows } from './durable-windows.ts'
import { createLogSink, type LogSinkOptions } from './log-sink.ts'
import { batchId, createBatch } from './testing/batches.ts'

interface OpenedSink {
  readonly sink: Consumer
  readonly disk: FaultyDisk
  /** The payloads in the log. */
  readonly stored: () => Promise<readonly string[]>
  /** Lines of `fleetglass_sink_items_total` by outcome. */
  readonly items: () => Promise<Readonly<Record<string, number>>>
}

async function openSink(limits: LogSinkOptions['limits'] = {}): Promise<OpenedSink> {
  const disk = createDisk()
  const log = await openTestLog(disk.fs)
  const windows = await openSourceWindows({ dir: '/windows', durableLog: log, log: silentLogger(), fs: disk.fs })
  const metrics = createMetrics()
  return {
    sink: createLogSink({ log, windows, limits, metrics }),
    disk,
    stored: async () => (await readTexts(disk.fs, log)).texts.map((text) => text.slice(text.lastIndexOf('}') + 1)),
    items: async () => {
      const lines = (await metrics.render()).body.matchAll(/sink_items_total\{.*outcome="(\w+)"\} (\d+)/g)
      return Object.fromEntries([...lines].map(([, outcome = '', count]) => [outcome, Number(count)]))
    },
  }
}

describe('the log sink', () => {
  it('appends every batch without an id, however often it comes', async () => {
    const { sink, stored } = await openSink()
    await sink(createBatch('x'))
    await sink(createBatch('x'))
    expect(await stored()).toEqual(['x', 'x'])
  })

  it('appends a batch with an id once, and says yes to its repetitions', async () => {
    const { sink, stored, items } = await openSink()
    await sink(createBatch('a', batchId(0, 9)))
    await sink(createBatch('b', batchId(10, 19)))
    await sink(createBatch('a', batchId(0, 9)))
    await sink(createBatch('of both', batchId(5, 15)))
    expect(await stored()).toEqual(['a', 'b'])
    expect(await items()).toEqual({ accepted: 6, deduplicated: 6 })
  })

  it('refuses a batch of which a part is stored, and tells which', async () => {
    const { sink, stored } = await openSink()
    await sink(createBatch('a', batchId(0, 9)))
    await sink(createBatch('b', batchId(20, 29)))
    const partly = { code: 'conflict', held: [batchRange(5, 9), batchRange(20, 22)], retryable: false }
    await expect(sink(createBatch('c', batchId(5, 22)))).rejects.toMatchObject(partly)
    await sink(createBatch('rest', batchId(10, 19)))
    expect(await stored()).toEqual(['a', 'b', 'rest'])
  })

  it('appends once what is delivered twice at the same time', async () => {
    const { sink, stored, items } = await openSink()
    await Promise.all(Array.from({ length: 5 }, () => sink(createBatch('a', batchId(0, 9)))))
    expect(await stored()).toEqual(['a'])
    expect(await items()).toEqual({ accepted: 3, deduplicated: 12 })
  })

  it('gives a second delivery its own try when the first one fails', async () => {
    const { sink, disk, stored } = await openSink()
    let writes = 0
    disk.fail = (operation) => (operation === 'write' && (writes += 1) === 1 ? { code: 'ENOSPC' } : undefined)
    const results = await Promise.allSettled([sink(createBatch('a', batchId(0))), sink(createBatch('a', batchId(0)))])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await stored()).toEqual(['a'])
  })

  it('decides about an overlapping batch only when the one under way has settled', async () => {
    const { sink, stored } = await openSink()
    const results = await Promise.allSettled([
      sink(createBatch('a', batchId(0, 9))),
      sink(createBatch('b', batchId(5, 14))),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await stored()).toEqual(['a'])
  })

  it('passes on what the log says, and acknowledges nothing then', async () => {
    const { sink, disk, items } = await openSink()
    disk.fail = (operation) => (operation === 'datasync' ? { code: 'EIO' } : undefined)
    const refused = { code: 'unavailable', retryable: true, retryAfterMs: 1000 }
    await expect(sink(createBatch('a', batchId(0)))).rejects.toMatchObject(refused)
    disk.fail = () => undefined
    await sink(createBatch('a', batchId(0)))
    expect(await items()).toEqual({ accepted: 3, refused: 3 })
  })

  it('holds a limited number of bytes, and tells when to come back', async () => {
    const { sink, stored } = await openSink({ maxInFlightBytes: 10, retryAfterMs: 50 })
    const results = await Promise.allSettled(['aaaaaa', 'bbbbbb', 'cc'].map((text) => sink(createBatch(text))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const [, refused] = await Promise.allSettled([sink(createBatch('a')), sink(createBatch('b'.repeat(10)))])
    expect(refused).toMatchObject({ reason: { code: 'exhausted', retryAfterMs: 50 } })
    await sink(createBatch('d'.repeat(20)))
    expect((await stored()).at(-1)).toBe('d'.repeat(20))
  })

  const badIds = [
    ['of another cluster', { ...batchId(0), edge: 'prd/a' }, 'forbidden'],
    ['of a cluster whose name begins alike', { ...batchId(0), edge: 'development/a' }, 'forbidden'],
    ['backwards', batchId(5, 4), 'invalid'],
    ['negative', batchId(-1, 4), 'invalid'],
    ['not whole', batchId(0.5, 4), 'invalid'],
    ['beyond what numbers can tell apart', batchId(0, 2 ** 53), 'invalid'],
    ['without an epoch', { ...batchId(0), epoch: '' }, 'invalid'],
  ] as const
  it.each(badIds)('refuses an id %s', async (_, id, code) => {
    const { sink, stored } = await openSink()
    const refusal = await sink(createBatch('x', id)).catch((reason: unknown) => reason)
    expect(refusal).toBeInstanceOf(AppError)
    expect(refusal).toMatchObject({ code, retryable: false })
    expect(await stored()).toEqual([])
  })
})

function batchRange(first: number, last: number): { readonly first: number; readonly last: number } {
  return { first, last }
}
