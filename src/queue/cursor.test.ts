import { describe, expect, it } from 'vitest'
import { openCursor } from './cursor.ts'
import { openStateFile } from './state-file.ts'
import { appendText, createDisk, openTestLog, TEST_DIR } from './testing/log-kit.ts'

describe('a cursor', () => {
  it('remembers its position and its intent', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    const cursor = await log.cursor('store')
    expect(cursor.position).toBe(0)
    await cursor.commit(4)
    await cursor.commitIntent({ first: 4, last: 9, token: 'a' })
    const again = await openCursor({ dir: TEST_DIR, name: 'store', fs })
    expect(again.position).toBe(4)
    expect(again.intent).toEqual({ first: 4, last: 9, token: 'a' })
    await again.commit(10)
    expect(again.intent).toBeUndefined()
    expect((await openCursor({ dir: TEST_DIR, name: 'store', fs })).position).toBe(10)
  })

  it('keeps the order of commits that do not wait for one another', async () => {
    const { fs } = createDisk()
    await openTestLog(fs)
    const cursor = await openCursor({ dir: TEST_DIR, name: 'store', fs })
    await Promise.all([cursor.commit(3), cursor.commitIntent('next'), cursor.commit(5), cursor.commitIntent('last')])
    const again = await openCursor({ dir: TEST_DIR, name: 'store', fs })
    expect([again.position, again.intent]).toEqual([5, 'last'])
  })

  it('never goes back', async () => {
    const { fs } = createDisk()
    const cursor = await (await openTestLog(fs)).cursor('store')
    await cursor.commit(3)
    await expect(cursor.commit(2)).rejects.toMatchObject({ code: 'internal' })
    await expect(cursor.commit(3.5)).rejects.toMatchObject({ code: 'internal' })
    expect(cursor.position).toBe(3)
  })

  it('stays where it was when the disk fails, and can be committed later', async () => {
    const disk = createDisk()
    const cursor = await (await openTestLog(disk.fs)).cursor('store')
    await cursor.commit(1)
    disk.fail = (operation) => (operation === 'datasync' ? { code: 'EIO' } : undefined)
    await expect(cursor.commit(2)).rejects.toMatchObject({ code: 'unavailable' })
    expect(cursor.position).toBe(1)
    disk.fail = () => undefined
    await cursor.commit(3)
    expect((await openCursor({ dir: TEST_DIR, name: 'store', fs: disk.fs })).position).toBe(3)
  })

  it('needs no new space: a reader can move on when the disk is full', async () => {
    const { fs } = createDisk()
    const cursor = await (await openTestLog(fs)).cursor('store')
    const sizes = async (): Promise<readonly (readonly [string, number])[]> =>
      (await fs.list(`${TEST_DIR}/cursors`)).map((name) => [name, fs.peek(`${TEST_DIR}/cursors/${name}`).length])
    await cursor.commit(10)
    await cursor.commit(11)
    const before = await sizes()
    await cursor.commit(12)
    expect(await sizes()).toEqual(before)
  })

  it.each(['', '../x', 'A', 'a.b', 'a/b', 'x'.repeat(101)])('refuses the name %j', async (name) => {
    const { fs } = createDisk()
    await openTestLog(fs)
    await expect(openCursor({ dir: TEST_DIR, name, fs })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('begins anew when its log was replaced by another', async () => {
    const { fs } = createDisk()
    const log = await openTestLog(fs)
    await appendText(log, 'x')
    await (await log.cursor('store')).commit(1)
    await log.close()
    for (const name of await fs.list(`${TEST_DIR}/segments`)) await fs.remove(`${TEST_DIR}/segments/${name}`)
    await fs.remove(`${TEST_DIR}/meta.0`)
    const other = await openTestLog(fs)
    expect(other.epoch).not.toBe(log.epoch)
    expect((await other.cursor('store')).position).toBe(0)
  })
})

describe('a state file', () => {
  it('falls back to the value before, wherever the last write was torn or damaged', async () => {
    const { fs } = createDisk()
    const options = { fs, directory: TEST_DIR, name: 'state' }
    const state = await openStateFile(options)
    await state.write(() => ({ value: 'before' }))
    await state.write(() => ({ value: 'last' }))
    const path = `${TEST_DIR}/state.1`
    const bytes = fs.peek(path)
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Uint8Array.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 4
      for (const damaged of [bytes.subarray(0, at), flipped]) {
        fs.poke(path, damaged)
        const reopened = await openStateFile(options)
        expect(reopened.value).toEqual({ value: 'before' })
        expect(reopened.damagedFiles).toBe(1)
        // The damaged file is the one that is written next.
        await reopened.write(() => ({ value: 'next' }))
        expect((await openStateFile(options)).value).toEqual({ value: 'next' })
      }
    }
  })

  it('holds a long value and then a short one', async () => {
    const { fs } = createDisk()
    const options = { fs, directory: TEST_DIR, name: 'state' }
    const state = await openStateFile(options)
    for (const length of [1000, 500, 3, 2, 700]) {
      await state.write(() => 'x'.repeat(length))
      expect((await openStateFile(options)).value).toBe('x'.repeat(length))
    }
  })

  it('has no value when both files are unreadable, and can be written again', async () => {
    const { fs } = createDisk()
    for (const name of ['state.0', 'state.1']) fs.poke(`${TEST_DIR}/${name}`, new Uint8Array(100))
    const options = { fs, directory: TEST_DIR, name: 'state' }
    const state = await openStateFile(options)
    expect([state.value, state.damagedFiles]).toEqual([undefined, 2])
    await state.write(() => 'new')
    expect((await openStateFile(options)).value).toBe('new')
  })
})
