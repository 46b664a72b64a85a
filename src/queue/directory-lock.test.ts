import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDirectory } from './directory-lock.ts'

describe('the lock of a directory', () => {
  let directory = ''
  let path = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetglass-lock-'))
    path = join(directory, 'lock')
  })
  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  it('is held by one at a time', async () => {
    const letGo = await lockDirectory(path)
    await expect(lockDirectory(path)).rejects.toMatchObject({ code: 'conflict' })
    await letGo()
    expect(readdirSync(directory)).toEqual([])
    await (await lockDirectory(path))()
  })

  const gone = String(spawnSync(process.execPath, ['-e', '']).pid)
  const stale: readonly (readonly [what: string, leave: () => void])[] = [
    [
      'a process that is gone',
      () => {
        symlinkSync(`${gone}.1.x`, `${path}.7`)
      },
    ],
    [
      'an earlier process with our pid',
      () => {
        symlinkSync(`${String(process.pid)}.1.x`, `${path}.7`)
      },
    ],
    [
      'nobody that can be made out',
      () => {
        symlinkSync('what is this', `${path}.7`)
      },
    ],
    [
      'a file that is no lock',
      () => {
        writeFileSync(`${path}.7`, '')
      },
    ],
  ]
  it.each(stale)('is taken from %s', async (_, leave) => {
    leave()
    const letGo = await lockDirectory(path)
    await expect(lockDirectory(path)).rejects.toMatchObject({ code: 'conflict' })
    expect(readdirSync(directory)).toEqual(['lock.8'])
    await letGo()
  })

  it('goes to exactly one of many who find it stale', async () => {
    for (let round = 1; round <= 30; round += 1) {
      symlinkSync(`${gone}.1.x`, `${path}.${String(round)}`)
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(path)))
      const winners = results.filter((result) => result.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      await winners[0]?.value()
    }
  })
})
