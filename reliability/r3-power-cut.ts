import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, quantile, random, type Result } from './experiment.ts'
import { FleetRig } from './rig/fleet-rig.ts'
import { LoopDisk } from './rig/loop-disk.ts'
import { missingLoopDisk } from './rig/missing.ts'
import { freeze } from './rig/program.ts'

export const experiment: Experiment = {
  id: 'R3',
  title: 'power cuts under the log and the engine of the hub; a control run without fdatasync must lose data',
  unit: 'cuts',
  size: 300,
  missing: missingLoopDisk,
  run,
}

const DISK_BYTES = 2 * 1024 ** 3
const CONTROL_CUTS = 3
const WITHOUT_SYNC = { NODE_OPTIONS: `--import=${pathToFileURL(path.resolve('reliability/rig/no-sync.mjs')).href}` }

async function run({ size }: { readonly size: number }): Promise<Result> {
  const result = await cutOften(size, {}, 120_000)
  const control = await cutOften(Math.min(size, CONTROL_CUTS), WITHOUT_SYNC, 1_000)
  const failures = control.lost > 0 ? [] : ['the control run lost nothing: the cuts prove nothing']
  return {
    ...result,
    failures: [...result.failures, ...failures],
    details: { ...result.details, control_acknowledged: control.acknowledged, control_lost: control.lost },
  }
}

/** `waitMs`: for what is acknowledged and not there, once nothing is queued any more. */
async function cutOften(cuts: number, env: Readonly<Record<string, string>>, waitMs: number): Promise<Result> {
  let disk: LoopDisk | undefined
  const hubState = (dir: string): string => {
    disk = new LoopDisk(dir, DISK_BYTES)
    return path.join(disk.mount, 'hub')
  }
  const rig = await FleetRig.prepare({ hubState, edges: [{}], hubProgram: { env } })
  if (disk === undefined) throw new Error('BUG: there is no disk')
  try {
    await rig.startAll()
    rig.produce()
    const readyMs: number[] = []
    for (let cut = 0; cut < cuts; cut++) {
      await sleep(random(200, 2_500))
      await freeze(rig.hub.pids)
      disk.copyAsCut()
      await rig.hub.killAll()
      await disk.continueFromCut()
      readyMs.push(await rig.hub.start())
    }
    const details = { cuts, ready_p50_ms: quantile(readyMs, 0.5), ready_p99_ms: quantile(readyMs, 0.99) }
    return { ...(await rig.reconcile(waitMs)), details }
  } finally {
    await rig.stopPrograms()
    await disk.dispose()
    await rig.dispose()
  }
}
