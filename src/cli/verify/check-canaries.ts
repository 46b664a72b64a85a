import { type Clock, messageOf } from '../../core/index.ts'
import { SIGNALS } from '../../model/index.ts'
import { type Canary, createCanary } from './canary.ts'
import { postOtlp } from './post.ts'
import type { Check } from './report.ts'

/** How long a canary may take from an edge to the hub's answer. */
const ARRIVAL_MS = 20_000
const POLL_MS = 50

export interface ReadBack {
  readonly clock: Clock
  /** GET below the hub's address, as JSON. */
  readonly get: (path: string) => Promise<unknown>
}

/** For every cluster and signal: a canary in at the edge, and out of the hub under that cluster's name. */
export async function checkCanaries(edges: Readonly<Record<string, string>>, hub: ReadBack): Promise<readonly Check[]> {
  const jobs = Object.entries(edges).flatMap(([cluster, otlpHttp]) =>
    SIGNALS.map((signal) => checkOne(cluster, otlpHttp, createCanary(signal), hub)),
  )
  return Promise.all(jobs)
}

async function checkOne(cluster: string, otlpHttp: string, canary: Canary, hub: ReadBack): Promise<Check> {
  const row = { check: 'canary', cluster, signal: canary.signal }
  const started = hub.clock.now()
  try {
    const { status, body } = await postOtlp(`${otlpHttp}${canary.path}`, canary.body)
    if (status !== 200) return { ...row, ok: false, detail: `the edge answered ${status}: ${body.slice(0, 200)}` }
    const clusters = await waitFor(canary, hub)
    const latencyMs = hub.clock.now() - started
    const ok = clusters.length === 1 && clusters[0] === cluster
    if (clusters.length === 0) return { ...row, ok, detail: `not at the hub after ${ARRIVAL_MS / 1_000} s` }
    return { ...row, ok, latencyMs, detail: ok ? '' : `found ${clusters.length} times, under ${clusters.join(', ')}` }
  } catch (reason) {
    return { ...row, ok: false, detail: messageOf(reason) }
  }
}

/** The clusters under which the canary has arrived; empty when it did not in time. */
export async function waitFor(canary: Canary, hub: ReadBack): Promise<readonly string[]> {
  const deadline = hub.clock.now() + ARRIVAL_MS
  for (;;) {
    const clusters = canary.clustersIn(await hub.get(canary.query).catch(() => undefined))
    if (clusters.length > 0 || hub.clock.now() > deadline) return clusters
    await hub.clock.sleep(POLL_MS)
  }
}
