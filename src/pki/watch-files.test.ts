import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../core/index.ts'
import { watchFiles } from './index.ts'

/** A clock whose sleepers wake when the test says so. */
function createSteppedClock(): Clock & { readonly step: () => Promise<void> } {
  const sleepers: (() => void)[] = []
  return {
    now: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        sleepers.push(resolve)
        signal?.addEventListener('abort', () => {
          resolve()
        })
      }),
    step: async () => {
      sleepers.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('watchFiles', () => {
  let dir = ''
  let stop = new AbortController()
  let watching = Promise.resolve()
  let changes = 0
  const countChange = (): Promise<void> => {
    changes += 1
    return Promise.resolve()
  }
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'watch-'))
    stop = new AbortController()
    changes = 0
  })
  afterEach(async () => {
    stop.abort()
    await watching
  })

  function watch(
    paths: readonly string[],
    onChange: () => Promise<void>,
  ): { step: () => Promise<void>; errors: string[] } {
    const clock = createSteppedClock()
    const errors: string[] = []
    watching = watchFiles(paths, onChange, {
      signal: stop.signal,
      clock,
      onError: (error) => void errors.push(error.message),
    })
    return { step: clock.step, errors }
  }

  it('reports a file that was replaced by a rename, once, when it has settled', async () => {
    const path = join(dir, 'a')
    await writeFile(path, 'one')
    const { step } = watch([path], countChange)
    await step()
    await writeFile(`${path}.tmp`, 'two')
    await rename(`${path}.tmp`, path)
    await step()
    expect(changes).toBe(0)
    await step()
    await step()
    expect(changes).toBe(1)
  })

  it('sees the links that Kubernetes swaps under a mounted secret', async () => {
    for (const version of ['v1', 'v2']) {
      await mkdir(join(dir, version))
      await writeFile(join(dir, version, 'tls.crt'), 'same length')
    }
    await symlink('v1', join(dir, '..data'))
    await symlink(join('..data', 'tls.crt'), join(dir, 'tls.crt'))
    const { step } = watch([join(dir, 'tls.crt')], countChange)
    await symlink('v2', join(dir, '..data_tmp'))
    await rename(join(dir, '..data_tmp'), join(dir, '..data'))
    await step()
    await step()
    expect(changes).toBe(1)
  })

  it('waits while a file is missing', async () => {
    const path = join(dir, 'a')
    await writeFile(path, 'one')
    const { step } = watch([path], countChange)
    await rm(path)
    for (let i = 0; i < 3; i++) await step()
    expect(changes).toBe(0)
    await writeFile(path, 'three')
    for (let i = 0; i < 3; i++) await step()
    expect(changes).toBe(1)
  })

  it('comes back after a failure', async () => {
    const path = join(dir, 'a')
    await writeFile(path, 'one')
    const outcomes = ['fail', 'fail', 'work']
    const { step, errors } = watch([path], () =>
      outcomes.shift() === 'fail' ? Promise.reject(new Error('half a pair')) : Promise.resolve(),
    )
    await writeFile(path, 'other')
    for (let i = 0; i < 8; i++) await step()
    expect(outcomes).toEqual([])
    expect(errors).toHaveLength(2)
    expect(errors[0]).toContain('half a pair')
  })
})
