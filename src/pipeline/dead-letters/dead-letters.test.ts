import { Buffer } from 'node:buffer'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import { writeFully } from '../../queue/index.ts'
import { createDisk, type FaultyDisk } from '../../queue/testing/log-kit.ts'
import { type DeadLetter, DeadLetterBox, createDeadLetterWriters, type DeadLetterWriter } from './index.ts'

const ROOT = '/state/dead-letters'
const EPOCH = '00112233445566778899aabbccddeeff'

function letter(first: number, text = 'payload', part?: string): DeadLetter {
  return {
    origin: { consumer: 'store', epoch: EPOCH, first, last: first, ...(part === undefined ? {} : { part }) },
    atMs: 1_000,
    reason: 'undecodable',
    message: 'field 3: wrong wire type',
    payload: Buffer.from(text),
  }
}

describe('dead letters', () => {
  const never = new AbortController().signal
  let disk: FaultyDisk
  let box: DeadLetterBox
  const open = (limitBytes = 10_000, metrics = createMetrics()): DeadLetterWriter =>
    createDeadLetterWriters({
      directory: ROOT,
      clock: { ...systemClock, sleep: () => Promise.resolve() },
      log: silentLogger(),
      metrics,
      fs: disk.fs,
    })({ consumer: 'store', limitBytes })
  const ids = async (): Promise<string[]> => (await box.list('store')).letters.map(({ id, state }) => `${id}.${state}`)

  beforeEach(() => {
    disk = createDisk()
    box = new DeadLetterBox(ROOT, disk.fs)
  })

  it('keeps what was put aside, as it was', async () => {
    expect(await open().keep(letter(7), never)).toBe('kept')
    const [summary] = (await box.list('store')).letters
    expect(summary).toMatchObject({
      consumer: 'store',
      state: 'letter',
      payloadBytes: 7,
      head: { reason: 'undecodable' },
    })
    expect(await box.read({ consumer: 'store', id: summary?.id ?? '' })).toEqual(letter(7))
  })

  it('has nothing where nothing was put aside', async () => {
    expect(await box.list('store')).toEqual({ letters: [], damaged: [] })
    expect(await box.read({ consumer: 'store', id: 'x' })).toBeUndefined()
    expect(await box.remove({ consumer: 'store', id: 'x' })).toBe(false)
    expect(await box.markForReplay({ consumer: 'store', id: 'x' })).toBe(false)
  })

  it('keeps the same record once, and its parts apart', async () => {
    const writer = open()
    await writer.keep(letter(7), never)
    await writer.keep(letter(7), never)
    await open().keep(letter(7), never)
    await writer.keep(letter(7, 'a', 'a'), never)
    await writer.keep(letter(7, 'b', '../b'), never)
    expect(await ids()).toHaveLength(3)
  })

  it('survives a power cut as soon as it has said so', async () => {
    for (let round = 0; round < 20; round += 1) {
      await open().keep(letter(round), never)
      const after = new DeadLetterBox(ROOT, disk.fs.afterCrash({ random: Math.random }))
      expect((await after.list('store')).letters).toHaveLength(round + 1)
      expect((await after.list('store')).damaged).toEqual([])
    }
  })

  it('stays within its limit, drops the newest, and counts them', async () => {
    const metrics = createMetrics()
    const writer = open(700, metrics)
    const outcomes = []
    for (let i = 0; i < 6; i += 1) outcomes.push(await writer.keep(letter(i, 'x'.repeat(100)), never))
    expect(outcomes.filter((outcome) => outcome === 'dropped').length).toBeGreaterThan(0)
    expect(outcomes[0]).toBe('kept')
    const { body } = await metrics.render()
    expect(body).toContain('fleetglass_dead_letters_total{consumer="store",reason="undecodable",outcome="dropped"}')
    // What somebody removes makes room.
    const [first] = (await box.list('store')).letters
    await box.remove({ consumer: 'store', id: first?.id ?? '' })
    expect(await writer.keep(letter(9, 'x'.repeat(100)), never)).toBe('kept')
  })

  it('waits for a disk that fails, and gives up on one that stays full', async () => {
    let failures = 3
    disk.fail = (operation) => (operation === 'write' && failures-- > 0 ? { code: 'EIO' } : undefined)
    expect(await open().keep(letter(1), never)).toBe('kept')
    disk.fail = (operation) => (operation === 'write' ? { code: 'ENOSPC' } : undefined)
    expect(await open().keep(letter(2), never)).toBe('dropped')
    disk.fail = (operation) => (operation === 'write' ? { code: 'EIO' } : undefined)
    const stop = new AbortController()
    const keeping = open().keep(letter(3), stop.signal)
    stop.abort()
    await expect(keeping).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('passes damaged letters over and names them', async () => {
    await open().keep(letter(1), never)
    await open().keep(letter(2), never)
    const [one] = (await box.list('store')).letters
    const file = await disk.fs.open(`${ROOT}/store/${one?.id ?? ''}.letter`, 'write')
    await writeFully(file, [Buffer.from('!')], 40)
    const { letters, damaged } = await box.list('store')
    expect(letters.map(({ head }) => head.origin.first)).toEqual([2])
    expect(damaged).toHaveLength(1)
    // The record comes once more: what is damaged is replaced.
    await open().keep(letter(1), never)
    expect((await box.list('store')).damaged).toEqual([])
  })

  it('finds a damaged payload when it is read', async () => {
    await open().keep(letter(1), never)
    const [one] = (await box.list('store')).letters
    const id = one?.id ?? ''
    const file = await disk.fs.open(`${ROOT}/store/${id}.letter`, 'write')
    await writeFully(file, [Buffer.from('!')], (await file.size()) - 1)
    await expect(box.read({ consumer: 'store', id })).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('marks letters for their owner and takes the mark back', async () => {
    await open().keep(letter(1), never)
    const [one] = (await box.list('store')).letters
    const name = { consumer: 'store', id: one?.id ?? '' }
    expect(await box.markForReplay(name)).toBe(true)
    expect(await box.markForReplay(name)).toBe(true)
    expect(await box.marked('store')).toEqual([name.id])
    expect(await box.read(name)).toEqual(letter(1))
    // A record that comes once more while its letter is on its way makes no second one.
    await open().keep(letter(1), never)
    expect(await ids()).toEqual([`${name.id}.replay`])
    await box.returnToSender(name)
    expect(await box.marked('store')).toEqual([])
    expect(await box.remove(name)).toBe(true)
    expect(await ids()).toEqual([])
  })

  it('lists all readers of a real directory', async () => {
    const root = await mkdtemp(join(tmpdir(), 'dead-letters-'))
    try {
      const writers = createDeadLetterWriters({
        directory: root,
        clock: systemClock,
        log: silentLogger(),
        metrics: createMetrics(),
      })
      for (const consumer of ['store', 'splunk']) {
        const of = { ...letter(1), origin: { ...letter(1).origin, consumer } }
        await writers({ consumer, limitBytes: 1_000 }).keep(of, never)
      }
      await writeFile(join(root, 'README'), 'not a folder')
      const { letters, damaged } = await new DeadLetterBox(root).list()
      expect(letters.map(({ consumer }) => consumer)).toEqual(['splunk', 'store'])
      expect(damaged).toEqual([])
      expect(await new DeadLetterBox(join(root, 'none')).list()).toEqual({ letters: [], damaged: [] })
    } finally {
      await rm(root, { recursive: true })
    }
  })

  it('refuses names that are none', async () => {
    await expect(box.read({ consumer: '../store', id: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(box.read({ consumer: 'store', id: '../../x' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(box.remove({ consumer: 'store', id: 'a/b' })).rejects.toMatchObject({ code: 'invalid' })
  })
})
