import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../core/index.ts'
import type { LogRecord } from './log-options.ts'
import { appendText, createDisk, openTestLog, readTexts, segmentPaths, TEST_DIR } from './testing/log-kit.ts'

const MANY = Array.from({ length: 40 }, (_, index) => `record ${String(index)} ${'.'.repeat(50)}`)

function numbered(texts: readonly string[], first = 0): readonly string[] {
  return texts.map((text, index) => `${String(first + index)}=${text}`)
}

describe('appending', () => {
  it('gives consecutive sequences, and reads back what was appended', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    for (const text of MANY) await appendText(log, text)
    expect((await segmentPaths(fs)).length).toBeGreaterThan(5)
    expect(await readTexts(fs, log)).toEqual({ texts: numbered(MANY), gaps: [] })
    expect(log.stats()).toMatchObject({ records: 40, pendingBytes: 0, droppedRecords: 0 })
  })

  it('lets appends that come together share one sync', async () => {
    const { fs, calls } = createDisk()
    const log = await openTestLog(fs, { segmentBytes: 20_000 })
    await appendText(log, 'first')
    const before = calls.get('datasync') ?? 0
    const sequences = await Promise.all(MANY.map((text) => appendText(log, text)))
    expect(sequences).toEqual(MANY.map((_, index) => index + 1))
    expect((calls.get('datasync') ?? 0) - before).toBe(1)
  })

  it('appends several records at once, in order', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    await appendText(log, 'zero')
    expect(await log.appendAll(MANY.map((text) => [Buffer.from(text)]))).toBe(1)
    expect((await readTexts(fs, log)).texts).toEqual(numbered(['zero', ...MANY]))
  })

  it('keeps empty records and parts', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    await log.append([])
    await log.append([Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(0)])
    expect((await readTexts(fs, log)).texts).toEqual(['0=', '1=x'])
  })

  it('does not resolve before the sync has', async () => {
    const disk = createDisk()
    const log = await openTestLog(disk.fs)
    const order: string[] = []
    disk.fail = (operation) => {
      order.push(operation)
      return undefined
    }
    await appendText(log, 'x').then(() => order.push('resolved'))
    expect(order).toEqual([
      ...['remove', 'open', 'write', 'datasync', 'syncDirectory'],
      ...['write', 'datasync', 'resolved'],
    ])
  })

  it('refuses a record that is too large, and nothing else', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs, { maxRecordBytes: 100 })
    await expect(appendText(log, 'x'.repeat(101))).rejects.toMatchObject({ code: 'too_large', retryable: false })
    expect(await appendText(log, 'x'.repeat(100))).toBe(0)
  })

  it('holds no more than maxPendingBytes in memory', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs, { maxPendingBytes: 1000 })
    const results = await Promise.allSettled(MANY.map((text) => appendText(log, text)))
    const accepted = results.filter((result) => result.status === 'fulfilled').length
    expect(accepted).toBeGreaterThan(5)
    expect(accepted).toBeLessThan(15)
    expect((await readTexts(fs, log)).texts).toHaveLength(accepted)
    expect(log.stats().pendingBytes).toBe(0)
    expect(await appendText(log, 'later')).toBe(accepted)
  })

  it('refuses when it is closed, and lets the directory go', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    await expect(openTestLog(fs)).rejects.toMatchObject({ code: 'conflict' })
    const last = appendText(log, 'last')
    await log.close()
    await log.close()
    expect(await last).toBe(0)
    await expect(appendText(log, 'x')).rejects.toMatchObject({ code: 'unavailable' })
    await (await openTestLog(fs)).close()
  })

  it('checks its options', async () => {
    const { fs } = createDisk()
    await expect(openTestLog(fs, { groupCommitMs: 6 })).rejects.toMatchObject({ code: 'invalid' })
    await expect(openTestLog(fs, { maxBytes: 10 })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('a disk that fails', () => {
  const faults: readonly (readonly [what: string, operation: string, code: string, expected: string])[] = [
    ['has no space for a write', 'write', 'ENOSPC', 'exhausted'],
    ['has no quota for a write', 'write', 'EDQUOT', 'exhausted'],
    ['has no space at a sync', 'datasync', 'ENOSPC', 'exhausted'],
    ['fails to write', 'write', 'EIO', 'unavailable'],
    ['fails to sync', 'datasync', 'EIO', 'unavailable'],
    ['cannot sync a directory', 'syncDirectory', 'EIO', 'unavailable'],
    ['has no file descriptor left', 'open', 'EMFILE', 'unavailable'],
  ]

  it.each(faults)('%s: nothing is acknowledged, and work goes on afterwards', async (_, operation, code, expected) => {
    const disk = createDisk()
    const log = await openTestLog(disk.fs)
    const acknowledged: string[] = []
    let refused = 0
    for (const [index, text] of MANY.entries()) {
      disk.fail = (called) => (called === operation && index % 7 > 3 ? { code, written: 0.6 } : undefined)
      try {
        acknowledged.push(`${String(await appendText(log, text))}=${text}`)
      } catch (reason) {
        expect(reason).toMatchObject({ code: expected, retryable: true, retryAfterMs: 1000 })
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(0)
    disk.fail = () => undefined
    expect((await readTexts(disk.fs, log)).texts).toEqual(acknowledged)
    await log.close()
    const again = await openTestLog(disk.fs)
    expect(await readTexts(disk.fs, again)).toEqual({ texts: acknowledged, gaps: [] })
  })

  it('takes short writes for what they are', async () => {
    const disk = createDisk()
    const log = await openTestLog(disk.fs)
    disk.fail = (operation) => (operation === 'write' ? { written: 0.3 } : undefined)
    // A write of less than one byte is none at all.
    await expect(appendText(log, MANY[0] ?? '')).rejects.toMatchObject({ code: 'unavailable' })
    let half = 0
    disk.fail = (operation) => (operation === 'write' && (half += 1) % 2 === 1 ? { written: 0.5 } : undefined)
    for (const text of MANY) await appendText(log, text)
    expect((await readTexts(disk.fs, log)).texts).toEqual(numbered(MANY))
  })

  it('goes on in a new file after a failed sync, and shows readers nothing of the old attempt', async () => {
    const disk = createDisk()
    const log = await openTestLog(disk.fs, { segmentBytes: 20_000 })
    await appendText(log, 'kept')
    // Neither can the old file be cut: what was written stays behind the durable end.
    disk.fail = (operation) => (operation === 'datasync' || operation === 'truncate' ? { code: 'EIO' } : undefined)
    await expect(appendText(log, 'refused')).rejects.toMatchObject({ code: 'unavailable' })
    disk.fail = (operation) => (operation === 'truncate' ? { code: 'EIO' } : undefined)
    expect(await appendText(log, 'accept!')).toBe(1)
    expect(await segmentPaths(disk.fs)).toHaveLength(2)
    expect((await readTexts(disk.fs, log)).texts).toEqual(['0=kept', '1=accept!'])
    disk.fail = () => undefined
    await log.close()
    expect((await readTexts(disk.fs, await openTestLog(disk.fs))).texts).toEqual(['0=kept', '1=accept!'])
  })
})

describe('the size limit', () => {
  it('refuses above it, and goes on when space was released', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs, { maxBytes: 2000 })
    const cursor = await log.cursor('store')
    let appended = 0
    const fill = async (): Promise<void> => {
      for (;;) {
        await appendText(log, MANY[0] ?? '')
        appended += 1
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'exhausted', retryAfterMs: 1000 })
    expect(appended).toBeGreaterThan(15)
    expect(log.stats().bytes).toBeLessThanOrEqual(2000)
    await cursor.commit(appended)
    await log.release()
    expect(log.stats().segments).toBe(1)
    expect(await appendText(log, 'again')).toBe(appended)
  })

  it('drops the oldest unread records if told so, counts them and shows them', async () => {
    const { fs } = createDisk()
    const dropped: string[] = []
    const onDrop = (record: LogRecord): void => {
      dropped.push(Buffer.from(record.bytes).toString())
    }
    const metrics = createMetrics()
    const log = await openTestLog(fs, { maxBytes: 2000, onFull: 'drop-oldest', onDrop, metrics })
    const cursor = await log.cursor('hub')
    for (const text of MANY.slice(0, 5)) await appendText(log, text)
    await cursor.commit(3)
    for (const text of MANY.slice(5)) await appendText(log, text)
    const { texts, gaps } = await readTexts(fs, log, cursor.position)
    const lost = 40 - 3 - texts.length
    expect(lost).toBeGreaterThan(5)
    expect(gaps).toEqual([{ from: 3, to: 3 + lost, reason: 'removed' }])
    expect(dropped).toEqual(MANY.slice(3, 3 + lost))
    expect(log.stats().droppedRecords).toBe(lost)
    expect(log.stats().bytes).toBeLessThanOrEqual(2000)
    expect((await metrics.render()).body).toContain(`fleetglass_log_dropped_records_total ${String(lost)}`)
  })
})

describe('releasing', () => {
  it('deletes only segments that lie wholly below every position', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    for (const text of MANY) await appendText(log, text)
    const fast = await log.cursor('fast')
    const slow = await log.cursor('slow')
    await fast.commit(30)
    await slow.commit(12)
    await log.release([20])
    expect(log.firstSequence).toBeLessThanOrEqual(12)
    expect(log.firstSequence).toBeGreaterThan(5)
    expect((await readTexts(fs, log, 12)).texts).toEqual(numbered(MANY).slice(12))
    await slow.commit(40)
    await log.release([14])
    expect(log.firstSequence).toBeLessThanOrEqual(14)
    await log.release([])
    expect(log.firstSequence).toBeGreaterThan(25)
  })

  it('deletes nothing when nobody reads', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    for (const text of MANY) await appendText(log, text)
    await log.release()
    expect(log.firstSequence).toBe(0)
  })

  it('survives a file that cannot be deleted', async () => {
    const disk = createDisk()
    const log = await openTestLog(disk.fs)
    for (const text of MANY) await appendText(log, text)
    disk.fail = (operation) => (operation === 'remove' ? { code: 'EIO' } : undefined)
    await expect(log.release([40])).rejects.toMatchObject({ code: 'unavailable' })
    disk.fail = () => undefined
    await log.release([40])
    expect(await disk.fs.list(`${TEST_DIR}/segments`)).toHaveLength(1)
  })
})
