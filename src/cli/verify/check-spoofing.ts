import type { FleetSnapshot } from '../../contract/index.ts'
import { messageOf } from '../../core/index.ts'
import type { Endpoint } from '../up/state-file.ts'
import { createCanary } from './canary.ts'
import { type ReadBack, waitFor } from './check-canaries.ts'
import { type ClientTls, postOtlp } from './post.ts'
import type { Check } from './report.ts'

export interface SpoofingTargets {
  readonly otlpHttp: Endpoint
  /** Who speaks, by its certificate. */
  readonly cluster: string
  readonly tls: ClientTls
  /** Whom it claims to be. */
  readonly claims: string
}

/** A payload that claims another cluster must be stored under the certificate's, and the claim must be counted. */
export async function checkSpoofing(targets: SpoofingTargets, hub: ReadBack): Promise<Check> {
  const row = { check: 'spoofed label', cluster: targets.cluster, signal: 'logs' }
  const canary = createCanary('logs', targets.claims)
  const url = `https://${targets.otlpHttp.host}:${targets.otlpHttp.port}${canary.path}`
  try {
    const before = await overwritten(targets.cluster, hub)
    const started = hub.clock.now()
    const { status, body } = await postOtlp(url, canary.body, targets.tls)
    if (status !== 200) return { ...row, ok: false, detail: `the hub answered ${status}: ${body.slice(0, 200)}` }
    const clusters = await waitFor(canary, hub)
    const latencyMs = hub.clock.now() - started
    if (clusters.join() !== targets.cluster) {
      return { ...row, ok: false, detail: `claimed ${targets.claims}; stored under ${clusters.join() || 'nothing'}` }
    }
    const counted = (await overwritten(targets.cluster, hub)) > before
    const detail = `claimed ${targets.claims}; overwritten${counted ? ' and counted' : ', but not counted'}`
    return { ...row, ok: counted, latencyMs, detail }
  } catch (reason) {
    return { ...row, ok: false, detail: messageOf(reason) }
  }
}

async function overwritten(cluster: string, hub: ReadBack): Promise<number> {
  const snapshot = (await hub.get('/api/v1/fleet')) as FleetSnapshot
  return snapshot.clusters.find((candidate) => candidate.cluster === cluster)?.overwritten ?? 0
}
