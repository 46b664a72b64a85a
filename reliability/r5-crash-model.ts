import { messageOf } from '../src/core/index.ts'
import { runLives } from '../src/queue/testing/crash-model.ts'
import type { Experiment, Result } from './experiment.ts'

export const experiment: Experiment = {
  id: 'R5',
  title: 'random lives of the log on a file system that forgets what was not synced, with a crash at any call',
  unit: 'sequences',
  size: 200_000,
  missing: () => undefined,
  run,
}

async function run({ size }: { readonly size: number }): Promise<Result> {
  let acknowledged = 0
  let crashes = 0
  let refused = 0
  const failures: string[] = []
  for (let seed = 1; seed <= size; seed++) {
    try {
      const report = await runLives(seed)
      acknowledged += report.acknowledged
      crashes += report.crashes
      refused += report.refused
    } catch (reason) {
      failures.push(`seed ${seed}: ${messageOf(reason)}`)
    }
  }
  const broken = (what: RegExp): number => failures.filter((text) => what.test(text)).length
  const lost = broken(/was promised, and is/)
  return {
    acknowledged,
    // Each life begins with reading back all that was promised before it.
    present: acknowledged - lost,
    lost,
    doubled: broken(/there twice|given twice/),
    failures: failures.slice(0, 20),
    details: { sequences: size, crashes, refused },
  }
}
