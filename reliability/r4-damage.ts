import { damageLogs } from './r4/damage-logs.ts'
import { damageHub } from './r4/damage-hub.ts'
import type { Experiment, Result } from './experiment.ts'

export const experiment: Experiment = {
  id: 'R4',
  title: 'damage at every byte of the last records of a log, and the log of a hub that was killed',
  unit: 'damages in memory, and a thousandth of that of whole hubs',
  size: 20_000,
  missing: () => undefined,
  run,
}

async function run({ size }: { readonly size: number }): Promise<Result> {
  const logs = await damageLogs(size)
  const hubs = await damageHub(Math.ceil(size / 1_000))
  return {
    acknowledged: logs.acknowledged + hubs.acknowledged,
    present: logs.present + hubs.present,
    lost: logs.lost + hubs.lost,
    doubled: logs.doubled + hubs.doubled,
    failures: [...logs.failures, ...hubs.failures],
    details: { ...logs.details, ...hubs.details },
  }
}
