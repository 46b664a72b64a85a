import { describe, expect, it } from 'vitest'
import { damageLogs } from '../reliability/r4/damage-logs.ts'
import { experiment as powerCut } from '../reliability/r3-power-cut.ts'
import { experiment as network } from '../reliability/r8-network.ts'
import { experiment as engine } from '../reliability/r9-engine.ts'

/** The short forms of `npm run reliability`; R1, R2 and R5 have theirs in kills.test.ts and src/queue. */
describe('reliability, in short', () => {
  it('R4: damage to the last records costs these and no others', async () => {
    expect(await damageLogs(400)).toMatchObject({ lost: 0, doubled: 0, failures: [] })
  })

  const short = [
    { experiment: powerCut, size: 1 },
    { experiment: network, size: 6 },
    { experiment: engine, size: 3 },
  ]
  for (const { experiment, size } of short) {
    const lack = experiment.missing()
    const title = `${experiment.id}: ${experiment.title}${lack === undefined ? '' : ` (not here: ${lack})`}`
    it.skipIf(lack !== undefined)(title, { timeout: 240_000 }, async () => {
      const { acknowledged, present, lost, doubled, failures } = await experiment.run({ size })
      expect({ lost, doubled, failures }).toEqual({ lost: 0, doubled: 0, failures: [] })
      expect(acknowledged).toBeGreaterThan(0)
      expect(present).toBeGreaterThanOrEqual(acknowledged)
    })
  }
})
