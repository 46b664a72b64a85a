import { describe, expect, it } from 'vitest'
import { runLives } from './testing/crash-model.ts'

/** FLEETGLASS_CRASH_SEQUENCES makes the long form: 200 000 takes some minutes. */
const SEQUENCES = Number(process.env['FLEETGLASS_CRASH_SEQUENCES'] ?? 800)

describe('a log on a file system that forgets what was not synced', () => {
  it('keeps its promises whenever the power goes off', { timeout: 3_600_000 }, async () => {
    let acknowledged = 0
    let refused = 0
    for (let seed = 1; seed <= SEQUENCES; seed += 1) {
      const report = await runLives(seed).catch((reason: unknown) => {
        throw new Error(`seed ${String(seed)}`, { cause: reason })
      })
      acknowledged += report.acknowledged
      refused += report.refused
    }
    // The lives must have been worth something.
    expect(acknowledged).toBeGreaterThan(SEQUENCES * 10)
    expect(refused).toBeGreaterThan(SEQUENCES)
  })
})
