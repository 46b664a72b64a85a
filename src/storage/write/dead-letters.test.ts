import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger } from '../../core/index.ts'
import { type DeadLetters, openDeadLetters } from './dead-letters.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fleetglass-dead-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const letter = (sequence: number, size: number): Parameters<DeadLetters['keep']>[0] => ({
  epoch: 'e/1',
  sequence,
  bytes: Buffer.alloc(size, 0xff),
  reason: 'undecodable',
  message: 'broken\nin two lines',
})

describe('openDeadLetters', () => {
  it('keeps one file a record, with the reason before the bytes', async () => {
    const log = silentLogger()
    const letters = await openDeadLetters({ directory, limitBytes: 10_000, log, metrics: createMetrics() })
    await letters.keep(letter(7, 10))
    await letters.keep(letter(7, 10))
    expect(await readdir(directory)).toEqual(['e_1-7.letter'])
    const bytes = await readFile(join(directory, 'e_1-7.letter'))
    const end = bytes.indexOf('\n')
    expect(JSON.parse(bytes.subarray(0, end).toString())).toEqual({
      epoch: 'e/1',
      sequence: 7,
      reason: 'undecodable',
      message: 'broken\nin two lines',
    })
    expect(bytes.subarray(end + 1)).toEqual(Buffer.alloc(10, 0xff))
  })

  it('keeps no more than the limit, over restarts too, and counts the rest', async () => {
    const metrics = createMetrics()
    const open = (): Promise<DeadLetters> =>
      openDeadLetters({ directory, limitBytes: 2500, log: silentLogger(), metrics: createMetrics() })
    await (await open()).keep(letter(1, 1000))
    await (await open()).keep(letter(2, 1000))
    const last = await openDeadLetters({ directory, limitBytes: 2500, log: silentLogger(), metrics })
    await last.keep(letter(3, 1000))
    expect((await readdir(directory)).sort()).toEqual(['e_1-1.letter', 'e_1-2.letter'])
    const { body } = await metrics.render()
    expect(body).toContain('fleetglass_store_dead_letters_total{reason="undecodable",kept="false"} 1')
  })

  it('does not reject when the disk refuses', async () => {
    const metrics = createMetrics()
    const letters = await openDeadLetters({ directory, limitBytes: 10_000, log: silentLogger(), metrics })
    await rm(directory, { recursive: true })
    await letters.keep(letter(1, 10))
    expect((await metrics.render()).body).toContain('kept="false"} 1')
  })
})
