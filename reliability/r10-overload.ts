import { sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, quantile, type Result } from './experiment.ts'
import { Flood } from './rig/flood.ts'
import { CLUSTER, FleetRig } from './rig/fleet-rig.ts'
import { MemoryLimit, missingMemoryLimit } from './rig/memory-limit.ts'
import { residentBytes } from './rig/program.ts'

export const experiment: Experiment = {
  id: 'R10',
  title: 'far more than a hub and its engine can take, in 1 GiB of memory',
  unit: 'seconds',
  size: 600,
  missing: missingMemoryLimit,
  run,
}

const LIMIT_BYTES = 1024 ** 3
const MIB = 1024 ** 2
/** Of a request, a minute after the flood. */
const NORMAL_P99_MS = 1_000
/** A lost connection is an answer too, but not a right one: so many of a thousand are forgiven. */
const UNANSWERED_ALLOWED = 1 / 1_000
/** Accepted; wait, for the cluster's part or the hub's. */
const RIGHT_STATUSES = new Set([200, 429, 503])

async function run({ size }: { readonly size: number }): Promise<Result> {
  const limit = new MemoryLimit(LIMIT_BYTES)
  try {
    // The limiter is told of its share: the engine has to live in the same gigabyte.
    const hub = { ingest: { maxInFlight: '64MiB', maxMemory: '384MiB' } }
    const rig = await FleetRig.start({ edges: [{}], hub, hubProgram: { onSpawn: (pid) => limit.add(pid) } })
    try {
      return await overload(rig, limit, size)
    } finally {
      await rig.dispose()
    }
  } finally {
    await limit.dispose()
  }
}

async function overload(rig: FleetRig, limit: MemoryLimit, seconds: number): Promise<Result> {
  rig.produce({ pauseMs: 100 })
  const hub = rig.hub.pid
  const flood = new Flood(rig.otlpHttpPort, rig.pki, CLUSTER)
  flood.start()
  let highest = 0
  let highestOfHub = 0
  for (const endMs = performance.now() + seconds * 1_000; performance.now() < endMs; ) {
    await sleep(250)
    highest = Math.max(highest, limit.usedBytes)
    if (rig.hub.isRunning) highestOfHub = Math.max(highestOfHub, residentBytes(hub))
  }
  await flood.stop()
  await sleep(Math.min(60_000, seconds * 1_000))
  const latenciesMs = await rig.measureLatency(100)
  const result = await rig.reconcile(300_000)
  const p99 = quantile(latenciesMs, 0.99)
  const count = [...flood.statuses.values()].reduce((sum, each) => sum + each, 0)
  const unanswered = flood.statuses.get(0) ?? 0
  const wrong = [...flood.statuses.keys()].filter((status) => status !== 0 && !RIGHT_STATUSES.has(status))
  const failures = [
    ...(rig.hub.isRunning && rig.hub.pid === hub ? [] : ['the hub died']),
    ...(limit.kills === 0 ? [] : [`the kernel killed ${limit.kills} processes for want of memory`]),
    ...(wrong.length === 0 ? [] : [`wrong statuses: ${wrong.join(', ')}`]),
    ...(unanswered <= count * UNANSWERED_ALLOWED ? [] : [`${unanswered} of ${count} requests had no answer`]),
    ...(p99 < NORMAL_P99_MS ? [] : [`the p99 of requests is still ${p99} ms afterwards`]),
  ]
  const details = {
    seconds,
    statuses: [...flood.statuses].map(([status, times]) => `${status}: ${times}`).join(' '),
    memory_mib_highest: Math.round(highest / MIB),
    hub_mib_highest: Math.round(highestOfHub / MIB),
    p50_ms_afterwards: quantile(latenciesMs, 0.5),
    p99_ms_afterwards: p99,
  }
  return { ...result, failures: [...result.failures, ...failures], details }
}
