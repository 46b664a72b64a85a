import { sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, quantile, random, type Result } from './experiment.ts'
import { FleetRig } from './rig/fleet-rig.ts'

export const experiment: Experiment = {
  id: 'R2',
  title: 'kill -9 of an edge, and every few times of edge and hub at once',
  unit: 'kills of the edge',
  size: 700,
  missing: () => undefined,
  run,
}

/** Of 700 kills 200 hit both. */
const BOTH_EVERY = 3.5

async function run({ size }: { readonly size: number }): Promise<Result> {
  const rig = await FleetRig.start({ edges: [{}] })
  try {
    rig.produce()
    const edge = rig.edges[0]?.program
    if (edge === undefined) throw new Error('BUG: there is no edge')
    const readyMs: number[] = []
    let both = 0
    for (let kill = 1; kill <= size; kill++) {
      await sleep(random(0, 500))
      const withHub = Math.floor(kill / BOTH_EVERY) > both
      await Promise.all([edge.kill(), ...(withHub ? [rig.hub.kill()] : [])])
      const [ms] = await Promise.all([edge.start(), ...(withHub ? [rig.hub.start()] : [])])
      readyMs.push(ms)
      if (withHub) both++
    }
    const details = {
      kills_of_edge: size - both,
      kills_of_both: both,
      edge_ready_p50_ms: quantile(readyMs, 0.5),
      edge_ready_p99_ms: quantile(readyMs, 0.99),
    }
    return { ...(await rig.reconcile()), details }
  } finally {
    await rig.dispose()
  }
}
