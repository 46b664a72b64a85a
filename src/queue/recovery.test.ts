import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES, segmentName } from './format.ts'
import { appendText, createDisk, openTestLog, readTexts, segmentPaths, TEST_DIR } from './testing/log-kit.ts'
import { MemoryFileSystem } from './testing/memory-file-system.ts'

const ONE_SEGMENT = { segmentBytes: 25_000 } as const
const RECORDS = ['zero', 'one', 'two', 'three', 'four', 'five']

function noFaults(): MemoryFileSystem {
  return new MemoryFileSystem({ random: Math.random })
}

/** A disk with one segment of the six records. */
async function writeRecords(records = RECORDS): Promise<{ readonly fs: MemoryFileSystem; readonly path: string }> {
  const fs = noFaults()
  const log = await openTestLog(fs, ONE_SEGMENT)
  for (const text of records) await appendText(log, text)
  await log.close()
  return { fs, path: (await segmentPaths(fs))[0] ?? '' }
}

/** Where each record begins in the segment; the last entry is the end. */
function offsetsOf(records: readonly string[]): readonly number[] {
  const offsets = [SEGMENT_HEADER_BYTES]
  for (const text of records) offsets.push((offsets.at(-1) ?? 0) + FRAME_HEADER_BYTES + text.length)
  return offsets
}

function numbered(records: readonly string[], first = 0): readonly string[] {
  return records.map((text, index) => `${String(first + index)}=${text}`)
}

async function damage(fs: MemoryFileSystem, path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  fs.poke(path, change(fs.peek(path)))
  await Promise.resolve()
}

describe('opening a log whose last segment was cut', () => {
  it('keeps every whole record and gives no sequence twice, wherever the cut is', async () => {
    const offsets = offsetsOf(RECORDS)
    const end = offsets.at(-1) ?? 0
    for (let length = SEGMENT_HEADER_BYTES; length <= end; length += 1) {
      const { fs, path } = await writeRecords()
      await damage(fs, path, (bytes) => bytes.subarray(0, length))
      const whole = offsets.filter((offset) => offset <= length).length - 1
      const atBoundary = offsets.includes(length)

      const log = await openTestLog(fs, ONE_SEGMENT)
      expect(log.stats().tornBytes > 0).toBe(!atBoundary)
      expect((await readTexts(fs, log)).texts).toEqual(numbered(RECORDS.slice(0, whole)))
      // The sequence of the torn record may have been seen by others.
      expect(await appendText(log, 'next')).toBe(atBoundary ? whole : whole + 1)
      const { texts, gaps } = await readTexts(fs, log)
      expect(texts.at(-1)).toBe(`${String(atBoundary ? whole : whole + 1)}=next`)
      expect(gaps).toEqual(atBoundary ? [] : [{ from: whole, to: whole + 1, reason: 'skipped' }])
      await log.close()
    }
  })

  it('goes on in the same file when nothing is wrong with it', async () => {
    const { fs } = await writeRecords()
    const log = await openTestLog(fs, ONE_SEGMENT)
    await appendText(log, 'six')
    expect(await segmentPaths(fs)).toHaveLength(1)
    expect((await readTexts(fs, log)).texts).toEqual(numbered([...RECORDS, 'six']))
  })

  it('takes zeros at the end for space that was never written', async () => {
    const { fs, path } = await writeRecords()
    await damage(fs, path, (bytes) => Buffer.concat([bytes, Buffer.alloc(5000)]))
    const log = await openTestLog(fs, ONE_SEGMENT)
    expect(log.stats()).toMatchObject({ tornBytes: 0, damagedRecords: 0 })
    expect(await appendText(log, 'six')).toBe(6)
    expect((await readTexts(fs, log)).texts).toEqual(numbered([...RECORDS, 'six']))
  })

  it('does not give a sequence again that a cursor has passed, even if the log has lost it', async () => {
    const { fs, path } = await writeRecords()
    const before = await openTestLog(fs, ONE_SEGMENT)
    await (await before.cursor('sender')).commit(6)
    await before.close()
    await damage(fs, path, (bytes) => bytes.subarray(0, offsetsOf(RECORDS)[4]))
    const log = await openTestLog(fs, ONE_SEGMENT)
    expect(await appendText(log, 'next')).toBe(6)
    expect((await readTexts(fs, log, 4)).texts).toEqual(['6=next'])
  })
})

describe('a segment with damaged bytes', () => {
  it('loses the record in which a bit is flipped, and no other', async () => {
    const offsets = offsetsOf(RECORDS)
    for (let at = SEGMENT_HEADER_BYTES; at < (offsets.at(-1) ?? 0); at += 1) {
      const { fs, path } = await writeRecords()
      await damage(fs, path, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        return bytes
      })
      const hit = offsets.findLastIndex((offset) => offset <= at)
      const kept = numbered(RECORDS).filter((_, index) => index !== hit)
      const log = await openTestLog(fs, ONE_SEGMENT)
      expect((await readTexts(fs, log)).texts, `byte ${String(at)}`).toEqual(kept)
      const isLast = hit === RECORDS.length - 1
      expect(log.stats().damagedRecords).toBe(isLast ? 0 : 1)
      const quarantined = await fs.list(`${TEST_DIR}/quarantine`)
      expect(quarantined).toEqual([`0-${String(offsets[hit])}-${String(offsets[hit + 1])}.bytes`])
      expect(await appendText(log, 'next')).toBeGreaterThan(RECORDS.length - (isLast ? 0 : 1))
      await log.close()
    }
  })

  const filler = Array.from({ length: 60 }, (_, index) => String(index).padStart(2, '0').repeat(16))
  const frame = FRAME_HEADER_BYTES + 32
  const cases: readonly (readonly [what: string, change: (bytes: Buffer) => Buffer, lost: readonly number[]])[] = [
    ['512 zeros', (bytes) => bytes.fill(0, 1000, 1512), range(1000, 1512)],
    ['a block copied forwards', (bytes) => copyWithin(bytes, 1000, 200, 512), range(1000, 1512)],
    ['a block copied backwards', (bytes) => copyWithin(bytes, 200, 1000, 512), range(200, 712)],
    [
      'two blocks exchanged',
      (bytes) => {
        const first = Buffer.from(bytes.subarray(200, 712))
        copyWithin(bytes, 200, 1000, 512)
        first.copy(bytes, 1000)
        return bytes
      },
      [...range(200, 712), ...range(1000, 1512)],
    ],
    [
      // No file system does this; what counts is that reading goes on soon behind it.
      'records cut out of the file',
      (bytes) => Buffer.concat([bytes.subarray(0, at(3)), bytes.subarray(at(9))]),
      [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    ],
  ]

  function at(record: number): number {
    return SEGMENT_HEADER_BYTES + record * frame
  }

  /** The records that the bytes belong to. */
  function range(from: number, to: number): readonly number[] {
    return filler.map((_, index) => index).filter((index) => at(index) < to && at(index + 1) > from)
  }

  function copyWithin(bytes: Buffer, to: number, from: number, length: number): Buffer {
    return bytes.copyWithin(to, from, from + length)
  }

  it.each(cases)('keeps what is around %s', async (_, change, lost) => {
    const { fs, path } = await writeRecords(filler)
    await damage(fs, path, change)
    const log = await openTestLog(fs, ONE_SEGMENT)
    const kept = numbered(filler).filter((_text, index) => !lost.includes(index))
    const { texts, gaps } = await readTexts(fs, log)
    expect(texts).toEqual(kept)
    expect(gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)).toBe(new Set(lost).size)
    expect(log.stats().damagedRecords).toBe(new Set(lost).size)
  })

  it('is read from its records when its header is damaged', async () => {
    const { fs, path } = await writeRecords()
    await damage(fs, path, (bytes) => bytes.fill(0xff, 0, 20))
    const log = await openTestLog(fs, ONE_SEGMENT)
    expect((await readTexts(fs, log)).texts).toEqual(numbered(RECORDS))
    expect(await appendText(log, 'six')).toBe(6)
    expect((await readTexts(fs, log)).texts).toEqual(numbered([...RECORDS, 'six']))
  })
})

describe('a directory of segments in disorder', () => {
  async function writeSegments(): Promise<{ readonly fs: MemoryFileSystem; readonly paths: readonly string[] }> {
    const fs = noFaults()
    const log = await openTestLog(fs, { segmentBytes: 60 })
    for (const text of RECORDS) await appendText(log, text)
    await log.close()
    return { fs, paths: await segmentPaths(fs) }
  }

  it('finds segments whose names were exchanged', async () => {
    const { fs, paths } = await writeSegments()
    const [first = '', second = ''] = paths
    const [a, b] = [fs.peek(first), fs.peek(second)]
    fs.poke(first, b)
    fs.poke(second, a)
    const log = await openTestLog(fs)
    expect((await readTexts(fs, log)).texts).toEqual(numbered(RECORDS))
  })

  it('reads on behind a segment that was deleted, and tells what is missing', async () => {
    const { fs, paths } = await writeSegments()
    await fs.remove(paths[2] ?? '')
    const log = await openTestLog(fs)
    const { texts, gaps } = await readTexts(fs, log)
    expect(texts).toEqual(numbered(RECORDS).filter((_, index) => index !== 2))
    expect(gaps).toEqual([{ from: 2, to: 3, reason: 'damaged' }])
  })

  it('moves aside what is not its own, counts it, and goes on', async () => {
    const { fs } = await writeSegments()
    const other = noFaults()
    const stranger = await openTestLog(other)
    await appendText(stranger, 'of another log')
    await stranger.close()
    fs.poke(`${TEST_DIR}/segments/${segmentName(900)}`, other.peek((await segmentPaths(other))[0] ?? ''))
    fs.poke(`${TEST_DIR}/segments/notes.txt`, Buffer.from('do not delete'))
    const log = await openTestLog(fs)
    expect(log.stats().movedAside).toBe(2)
    expect((await readTexts(fs, log)).texts).toEqual(numbered(RECORDS))
    expect(await fs.list(`${TEST_DIR}/quarantine`)).toHaveLength(2)
  })

  it('finds the epoch in its segments when the file of it is gone', async () => {
    const { fs } = await writeSegments()
    const before = await openTestLog(fs)
    await before.close()
    await fs.remove(`${TEST_DIR}/meta.0`)
    const log = await openTestLog(fs)
    expect(log.epoch).toBe(before.epoch)
    expect((await readTexts(fs, log)).texts).toEqual(numbered(RECORDS))
  })

  it('opens on a disk that does not give the last segment back', async () => {
    const disk = createDisk()
    const before = await openTestLog(disk.fs, { segmentBytes: 60 })
    for (const text of RECORDS) await appendText(before, text)
    await before.close()
    const last = (await segmentPaths(disk.fs)).at(-1)
    disk.fail = (operation, path) => (operation === 'read' && path === last ? { code: 'EIO' } : undefined)
    const log = await openTestLog(disk.fs)
    expect(await appendText(log, 'next')).toBeGreaterThan(RECORDS.length - 1)
    disk.fail = () => undefined
    const { texts } = await readTexts(disk.fs, log)
    expect(texts.slice(0, 5)).toEqual(numbered(RECORDS).slice(0, 5))
    expect(texts[5]).toContain('next')
  })

  it('opens on a disk that takes no more bytes', async () => {
    const disk = createDisk()
    const before = await openTestLog(disk.fs, ONE_SEGMENT)
    await appendText(before, 'zero')
    await before.close()
    disk.fail = (operation) => (operation === 'write' || operation === 'lock' ? { code: 'ENOSPC' } : undefined)
    const log = await openTestLog(disk.fs, ONE_SEGMENT)
    expect((await readTexts(disk.fs, log)).texts).toEqual(['0=zero'])
    await expect(appendText(log, 'one')).rejects.toMatchObject({ code: 'exhausted', retryAfterMs: 1000 })
    disk.fail = () => undefined
    expect(await appendText(log, 'one')).toBe(1)
  })
})
