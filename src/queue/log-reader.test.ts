import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { DurableLog } from './durable-log.ts'
import type { FileSystem } from './file-system.ts'
import { type LogGap, type LogReader, openLogReader } from './log-reader.ts'
import { appendText, createDisk, openTestLog, segmentPaths, TEST_DIR } from './testing/log-kit.ts'

const NEVER = new AbortController().signal
const AT_ONCE = { maxRecords: 100, maxBytes: 10_000, waitMs: 0, signal: NEVER }

interface ReadLog {
  readonly log: DurableLog
  readonly reader: LogReader
  readonly gaps: LogGap[]
}

async function openBoth(fs: FileSystem, from = 0): Promise<ReadLog> {
  const log = await openTestLog(fs)
  const gaps: LogGap[] = []
  const onGap = (gap: LogGap): void => {
    gaps.push(gap)
  }
  const reader = await openLogReader({ dir: TEST_DIR, fs, durable: log.durable, from, onGap })
  return { log, reader, gaps }
}

async function nextTexts(reader: LogReader, options: Partial<typeof AT_ONCE> = {}): Promise<readonly string[]> {
  return (await reader.next({ ...AT_ONCE, ...options })).map((record) => Buffer.from(record.bytes).toString())
}

describe('reading', () => {
  it('waits for the next record', async () => {
    const { log, reader } = await openBoth(createDisk().fs)
    const waiting = reader.next({ maxRecords: 1, maxBytes: 100, signal: NEVER })
    await appendText(log, 'late')
    expect((await waiting).map(({ sequence }) => sequence)).toEqual([0])
  })

  it('gives up waiting after waitMs, and when it is aborted', async () => {
    const { reader } = await openBoth(createDisk().fs)
    expect(await reader.next({ ...AT_ONCE, waitMs: 20 })).toEqual([])
    const stop = new AbortController()
    const waiting = reader.next({ maxRecords: 1, maxBytes: 100, signal: stop.signal })
    stop.abort()
    expect(await waiting).toEqual([])
  })

  it('follows a mark that is told by a function, and never goes beyond it', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    for (const text of ['a', 'b', 'c']) await appendText(log, text)
    let mark = 2
    const reader = await openLogReader({ dir: TEST_DIR, fs, durable: () => mark, from: 0 })
    expect(await nextTexts(reader)).toEqual(['a', 'b'])
    expect(await nextTexts(reader)).toEqual([])
    mark = 3
    expect(await nextTexts(reader)).toEqual(['c'])
  })

  it('uses memory again that it was told is free, and leaves alone what is still needed', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    const reader = await openLogReader({ dir: TEST_DIR, fs, durable: log.durable, from: 0, recycles: true })
    const texts = Array.from({ length: 12 }, (_, i) => `record ${i} `.repeat(50))
    const memories = new Set<ArrayBufferLike>()
    let needed: { readonly text: string; readonly bytes: Uint8Array }[] = []
    for (const [i, text] of texts.entries()) {
      await appendText(log, text)
      for (const { bytes } of await reader.next(AT_ONCE)) {
        memories.add(bytes.buffer)
        needed.push({ text, bytes })
      }
      // The last two are still on their way.
      needed = needed.slice(-2)
      reader.recycle(i - 1)
      for (const record of needed) expect(Buffer.from(record.bytes).toString()).toBe(record.text)
    }
    expect(memories.size).toBeLessThan(6)
    expect(reader.position).toBe(texts.length)
  })

  it('respects maxRecords and maxBytes, and gives a record that is larger alone', async () => {
    const { log, reader } = await openBoth(createDisk().fs)
    for (const text of ['aaaa', 'bbbb', 'c'.repeat(50), 'd']) await appendText(log, text)
    expect(await nextTexts(reader, { maxRecords: 1 })).toEqual(['aaaa'])
    expect(reader.position).toBe(1)
    expect(await nextTexts(reader, { maxBytes: 20 })).toEqual(['bbbb'])
    expect(await nextTexts(reader, { maxBytes: 20 })).toEqual(['c'.repeat(50)])
    expect(await nextTexts(reader, { maxBytes: 20 })).toEqual(['d'])
  })

  it('does not hand out bytes that it reads into again', async () => {
    const { log, reader } = await openBoth(createDisk().fs)
    const records = []
    for (let index = 0; index < 30; index += 1) {
      await appendText(log, `text ${String(index)}`)
      records.push(...(await reader.next(AT_ONCE)))
    }
    expect(records.map((record) => Buffer.from(record.bytes).toString())).toEqual(
      records.map((record) => `text ${String(record.sequence)}`),
    )
  })

  it('goes to any place, forth and back', async () => {
    const { log, reader } = await openBoth(createDisk().fs)
    for (let index = 0; index < 40; index += 1) await appendText(log, `text ${String(index)}`)
    for (const sequence of [25, 3, 39, 0]) {
      await reader.seek(sequence)
      expect(await nextTexts(reader, { maxRecords: 1 })).toEqual([`text ${String(sequence)}`])
    }
  })

  it('never sees a write that was refused, though it read ahead while it was under way', async () => {
    const disk = createDisk()
    const { log, reader } = await openBoth(disk.fs)
    await appendText(log, 'zero')
    await appendText(log, 'one')
    disk.fail = (operation) => (operation === 'datasync' ? { code: 'EIO' } : undefined)
    const refused = appendText(log, 'refused')
    expect(await nextTexts(reader, { maxRecords: 1 })).toEqual(['zero'])
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
    disk.fail = () => undefined
    await appendText(log, 'two')
    expect(await nextTexts(reader)).toEqual(['one', 'two'])
  })

  it('passes over segments that were deleted under it, and tells the gap', async () => {
    const { log, reader, gaps } = await openBoth(createDisk().fs)
    for (let index = 0; index < 60; index += 1) await appendText(log, `text ${String(index)}`)
    expect(await nextTexts(reader, { maxRecords: 2 })).toEqual(['text 0', 'text 1'])
    await log.release([40])
    await appendText(log, 'text 60')
    const texts = await nextTexts(reader)
    expect(texts.at(-1)).toBe('text 60')
    expect(gaps).toEqual([{ from: 2, to: log.firstSequence, reason: 'removed' }])
    expect(texts).toHaveLength(61 - log.firstSequence)
  })

  it('passes over damage in an old segment, tells the gap and keeps the bytes, once for all readers', async () => {
    const { fs } = createDisk()
    const { log, reader, gaps } = await openBoth(fs)
    for (let index = 0; index < 30; index += 1) await appendText(log, `text ${String(index).padStart(2, '0')}`)
    const [path = ''] = await segmentPaths(fs)
    const bytes = fs.peek(path)
    bytes[bytes.indexOf('text 02') + 1] = 0
    fs.poke(path, bytes)
    expect(await nextTexts(reader)).toHaveLength(29)
    expect(gaps).toEqual([{ from: 2, to: 3, reason: 'damaged' }])
    await reader.seek(0)
    await nextTexts(reader)
    expect(await fs.list(`${TEST_DIR}/quarantine`)).toHaveLength(1)
  })

  it('reports a disk that cannot be read, and goes on from the same place', async () => {
    const disk = createDisk()
    const { log, reader } = await openBoth(disk.fs)
    await appendText(log, 'zero')
    disk.fail = (operation) => (operation === 'read' ? { code: 'EIO' } : undefined)
    await expect(reader.next(AT_ONCE)).rejects.toMatchObject({ code: 'unavailable' })
    disk.fail = () => undefined
    expect(await nextTexts(reader)).toEqual(['zero'])
  })

  it('passes over what the disk never gives back, and nothing else', async () => {
    const disk = createDisk()
    const { log, reader, gaps } = await openBoth(disk.fs)
    for (let index = 0; index < 40; index += 1) await appendText(log, `text ${String(index)}`)
    const [, bad = ''] = await segmentPaths(disk.fs)
    disk.fail = (operation, path) => (operation === 'read' && path === bad ? { code: 'EIO' } : undefined)
    const texts: string[] = []
    let failures = 0
    while (reader.position < 40) {
      try {
        texts.push(...(await nextTexts(reader)))
      } catch {
        failures += 1
      }
    }
    expect(failures).toBe(5)
    const base = Number(bad.slice(-24, -4))
    expect(gaps).toEqual([{ from: base, to: base + 40 - texts.length, reason: 'damaged' }])
    expect(texts.slice(base - 1, base + 1)).toEqual([`text ${String(base - 1)}`, `text ${String(gaps[0]?.to)}`])
    expect(texts.at(-1)).toBe('text 39')
  })

  it('says so when there is no log', async () => {
    const { fs } = createDisk()
    const opened = openLogReader({ dir: '/nowhere', fs, durable: () => 0, from: 0 })
    await expect(opened).rejects.toMatchObject({ code: 'not_found' })
  })
})
