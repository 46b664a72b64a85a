import { sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, random, type Result } from './experiment.ts'
import { FleetRig } from './rig/fleet-rig.ts'
import { HubNetwork } from './rig/hub-network.ts'
import { missingNetwork } from './rig/missing.ts'
import { TcpProxy } from './rig/tcp-proxy.ts'

export const experiment: Experiment = {
  id: 'R8',
  title: 'the network between edges and hub is cut, lossy, slow, deaf in one direction; resets and lost answers',
  unit: 'events',
  size: 300,
  missing: missingNetwork,
  run,
}

const LONGEST_MS = 60_000
/** Above this size events last as long as they do in the long form. */
const SHORT_FORM = 12
const SHORT_MS = 1_500

async function run({ size }: { readonly size: number }): Promise<Result> {
  const network = new HubNetwork()
  let hubPort = 0
  const proxy = await TcpProxy.listen(() => ({ host: network.host, port: hubPort }))
  try {
    const rig = await FleetRig.prepare({
      hubHost: network.host,
      hubProgram: { prefix: network.prefix },
      edges: [{}, { through: proxy.port }],
    })
    hubPort = rig.grpcPort
    try {
      await rig.startAll()
      return await disturb(rig, network, proxy, size)
    } finally {
      await rig.dispose()
    }
  } finally {
    await proxy.close()
    network.dispose()
  }
}

async function disturb(rig: FleetRig, network: HubNetwork, proxy: TcpProxy, size: number): Promise<Result> {
  const longest = size <= SHORT_FORM ? SHORT_MS : LONGEST_MS
  const events: readonly (readonly [what: string, begin: () => void, ms: () => number])[] = [
    ['link_down', () => network.cut(), () => random(1_000, longest)],
    ['reset_mid_body', () => proxy.resetAfter(Math.ceil(random(1, 5_000))), () => random(200, 1_500)],
    ['answers_lost', () => proxy.swallowAnswers(), () => random(200, 3_000)],
    ['loss_20_percent', () => network.lose(20), () => random(1_000, Math.min(longest, 20_000))],
    ['hub_not_heard', () => network.silenceHub(), () => random(1_000, Math.min(longest, 30_000))],
    ['one_megabit', () => network.slowTo(1), () => random(1_000, Math.min(longest, 20_000))],
  ]
  rig.produce()
  const done: Record<string, number> = {}
  for (let i = 0; i < size; i++) {
    const event = events[i % events.length]
    if (event === undefined) throw new Error('BUG: there is no event')
    const [what, begin, ms] = event
    done[what] = (done[what] ?? 0) + 1
    await sleep(random(200, 1_500))
    begin()
    await sleep(ms())
    network.heal()
    proxy.heal()
  }
  const healedAt = performance.now()
  const result = await rig.reconcile()
  const failures = rig.hub.isRunning && rig.edges.every(({ program }) => program.isRunning) ? [] : ['a program died']
  const details = { ...done, drained_and_compared_s: Math.round((performance.now() - healedAt) / 1_000) }
  return { ...result, failures: [...result.failures, ...failures], details }
}
