import { sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, quantile, random, type Result } from './experiment.ts'
import { FleetRig } from './rig/fleet-rig.ts'

export const experiment: Experiment = {
  id: 'R1',
  title: 'kill -9 of the hub at random moments under load',
  unit: 'kills',
  size: 1_000,
  missing: () => undefined,
  run,
}

async function run({ size }: { readonly size: number }): Promise<Result> {
  const rig = await FleetRig.start({ edges: [{}] })
  try {
    rig.produce()
    const readyMs: number[] = []
    for (let kill = 0; kill < size; kill++) {
      await sleep(random(0, 500))
      await rig.hub.kill()
      // Some kills hit a hub that still recovers from the one before.
      if (Math.random() < 0.1) {
        rig.hub.launch()
        await sleep(random(0, 400))
        await rig.hub.kill()
      }
      readyMs.push(await rig.hub.start())
    }
    const details = { kills: size, ready_p50_ms: quantile(readyMs, 0.5), ready_p99_ms: quantile(readyMs, 0.99) }
    return { ...(await rig.reconcile()), details }
  } finally {
    await rig.dispose()
  }
}
