import { describe, expect, it } from 'vitest'
import { AppError, createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import type { StoreClient } from '../client.ts'
import { createRollupFiller } from '../rollups/index.ts'
import { FillJob } from './fill-job.ts'

function awayClient(): StoreClient {
  const away = (): Promise<never> => Promise.reject(new AppError('unavailable', 'the engine is away'))
  return {
    query: away,
    read: away,
    command: away,
    insertNative: away,
    createDatabase: away,
    ping: away,
    close: () => Promise.resolve(),
  }
}

describe('work on stored samples', () => {
  it('counts what failed, tries again, and ends when it is told to', async () => {
    const metrics = createMetrics()
    let sleeps = 0
    const clock = {
      now: () => systemClock.now(),
      sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(++sleeps, signal),
    }
    const filler = () => createRollupFiller(awayClient())
    const job = new FillJob({ what: 'rollup', filler, clock, log: silentLogger(), metrics })
    await job.start()
    await expect.poll(async () => await valueOf('fleetglass_rollup_failures_total')).toBeGreaterThan(2)
    await job.shutdown()
    const failures = await valueOf('fleetglass_rollup_failures_total')
    await systemClock.sleep(20)
    expect(await valueOf('fleetglass_rollup_failures_total')).toBe(failures)

    async function valueOf(name: string): Promise<number> {
      const { body } = await metrics.render()
      return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1] ?? NaN)
    }
  })
})
