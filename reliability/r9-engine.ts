import { sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, random, type Result } from './experiment.ts'
import { FleetRig } from './rig/fleet-rig.ts'
import { childrenOf, residentBytes } from './rig/program.ts'

export const experiment: Experiment = {
  id: 'R9',
  title: 'the engine is frozen for up to 30 s, killed, or frozen and then killed',
  unit: 'times',
  size: 100,
  missing: () => (process.platform === 'linux' ? undefined : 'it needs Linux'),
  run,
}

const LONGEST_MS = 30_000
const MIB = 1024 ** 2
/** Of the hub's own process, above what it had at the start. */
const GROWTH_ALLOWED_MIB = 400

async function run({ size }: { readonly size: number }): Promise<Result> {
  const rig = await FleetRig.start({ edges: [{}] })
  try {
    rig.produce()
    await sleep(2_000)
    const hub = rig.hub.pid
    const atStart = residentBytes(hub)
    let highest = atStart
    const done = { frozen: 0, killed: 0, both: 0 }
    // The few of a short form are short ones.
    const longest = size < 10 ? 3_000 : LONGEST_MS
    for (let time = 0; time < size; time++) {
      await sleep(random(200, 1_500))
      const engine = await findEngine(hub)
      const kind = (['frozen', 'killed', 'both'] as const)[time % 3] ?? 'frozen'
      done[kind]++
      if (kind !== 'killed') {
        process.kill(engine, 'SIGSTOP')
        await sleep(random(1_000, longest))
      }
      highest = Math.max(highest, residentBytes(hub))
      process.kill(engine, kind === 'frozen' ? 'SIGCONT' : 'SIGKILL')
    }
    const result = await rig.reconcile()
    const isSame = rig.hub.pid === hub && rig.hub.isRunning
    const grown = Math.round((highest - atStart) / MIB)
    const failures = [
      ...(isSame ? [] : ['the hub died']),
      ...(grown > GROWTH_ALLOWED_MIB ? [`the hub grew by ${grown} MiB while the engine was away`] : []),
    ]
    const details = { ...done, hub_mib_at_start: Math.round(atStart / MIB), hub_mib_highest: Math.round(highest / MIB) }
    return { ...result, failures: [...result.failures, ...failures], details }
  } finally {
    await rig.dispose()
  }
}

async function findEngine(hub: number): Promise<number> {
  for (;;) {
    const [engine] = childrenOf(hub)
    if (engine !== undefined) return engine
    await sleep(50)
  }
}
