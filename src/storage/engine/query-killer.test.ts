import { expect, it } from 'vitest'
import { type Clock, silentLogger, systemClock } from '../../core/index.ts'
import { QueryKiller } from './query-killer.ts'
import type { Session } from './session.ts'

const hurried: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms / 20, 100), signal),
}

interface Control {
  readonly asked: string[]
  readonly closed: () => boolean
  readonly release: () => void
}

/** Sessions whose statements hang if `hangs` says so, until they are released. */
function fakeSessions(hangs: (session: number) => boolean): {
  readonly opened: Control[]
  readonly openSession: () => Pick<Session, 'run' | 'close'>
} {
  const opened: Control[] = []
  return {
    opened,
    openSession: () => {
      const number = opened.length
      let closed = false
      let release = (): void => undefined
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      const asked: string[] = []
      opened.push({ asked, closed: () => closed, release })
      return {
        run: async ({ text }) => {
          asked.push(text)
          if (hangs(number)) await released
          return { bytes: Buffer.alloc(0) } as unknown as Awaited<ReturnType<Session['run']>>
        },
        close: () => {
          closed = true
        },
      }
    },
  }
}

it('asks until the statement is gone', async () => {
  const { opened, openSession } = fakeSessions(() => false)
  const killer = new QueryKiller({ openSession, clock: hurried, log: silentLogger() })
  await killer.kill('victim 1', () => (opened[0]?.asked.length ?? 0) >= 3)
  expect(opened).toHaveLength(1)
  expect(opened[0]?.asked[0]).toContain('fleetglass victim 1')
  killer.close()
  expect(opened[0]?.closed()).toBe(true)
})

it('replaces a session that hangs, and closes it when it is free', async () => {
  const { opened, openSession } = fakeSessions((session) => session === 0)
  const killer = new QueryKiller({ openSession, clock: hurried, log: silentLogger() })
  await Promise.all([
    killer.kill('a', () => (opened[1]?.asked.length ?? 0) >= 2),
    killer.kill('b', () => (opened[1]?.asked.length ?? 0) >= 2),
  ])
  expect(opened).toHaveLength(2)
  expect(opened[0]?.closed()).toBe(false)
  opened[0]?.release()
  await expect.poll(() => opened[0]?.closed()).toBe(true)
})

it('opens no more sessions than there are threads for, and goes on when one is free', async () => {
  const { opened, openSession } = fakeSessions((session) => session < 3)
  const killer = new QueryKiller({ openSession, clock: hurried, log: silentLogger() })
  let gone = false
  const killing = killer.kill('a', () => gone)
  await expect.poll(() => opened.length).toBe(3)
  await systemClock.sleep(300)
  expect(opened).toHaveLength(3)
  opened[2]?.release()
  await expect.poll(() => opened[3]?.asked.length ?? 0).toBeGreaterThan(0)
  gone = true
  await killing
})
