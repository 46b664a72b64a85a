import { getHeapStatistics } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { IdleCollector } from './idle-collector.ts'

const MIB = 1024 * 1024
const externalMiB = (): number => getHeapStatistics().external_memory / MIB

/** Nobody holds what this makes. */
function useAndForget(mib: number): void {
  const held = Array.from({ length: mib / 4 }, () => new Uint8Array(4 * MIB).fill(1))
  expect(held.at(-1)?.at(-1)).toBe(1)
}

describe('memory of a thread that rests', () => {
  it('is given back, but not while there is something to do', async () => {
    const collector = new IdleCollector()
    const before = externalMiB()
    useAndForget(200)
    collector.rests()
    collector.works()
    const used = externalMiB()
    await systemClock.sleep(1_300)
    expect(externalMiB()).toBeCloseTo(used, 0)
    collector.rests()
    await expect.poll(externalMiB, { timeout: 10_000 }).toBeLessThan(before + 32)
  })
})
