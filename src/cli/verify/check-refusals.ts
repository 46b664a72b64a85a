import { messageOf, systemClock } from '../../core/index.ts'
import { clusterSpiffeId, createAuthority, issueCertificate } from '../../pki/index.ts'
import type { Endpoint } from '../up/state-file.ts'
import { createCanary } from './canary.ts'
import { type ClientTls, postOtlp, speaksHttp2 } from './post.ts'
import type { Check } from './report.ts'

export interface RefusalTargets {
  readonly otlpGrpc: Endpoint
  readonly otlpHttp: Endpoint
  readonly trustDomain: string
  /** The fleet's authority, as PEM: what a client must trust to reach the hub at all. */
  readonly ca: Buffer
  /** A cluster of the fleet, whose name a stranger's certificate would bear. */
  readonly cluster: string
}

/** A client without a certificate, and one whose certificate another authority issued, must reach nothing. */
export async function checkRefusals(targets: RefusalTargets): Promise<readonly Check[]> {
  const stranger = await createAuthority({ trustDomain: targets.trustDomain, days: 1 })
  const spiffeId = clusterSpiffeId(targets.trustDomain, targets.cluster)
  const { certificatePem, keyPem } = await issueCertificate(stranger, { spiffeId, days: 1 }, systemClock)
  const clients: readonly (readonly [string, ClientTls])[] = [
    ['no certificate', { ca: targets.ca }],
    ['wrong certificate', { ca: targets.ca, cert: certificatePem, key: keyPem }],
  ]
  return Promise.all(clients.flatMap(([check, tls]) => [overGrpc(check, targets, tls), overHttp(check, targets, tls)]))
}

async function overGrpc(check: string, { otlpGrpc, cluster }: RefusalTargets, tls: ClientTls): Promise<Check> {
  const row = { check, cluster, signal: 'OTLP/gRPC' }
  try {
    const spoke = await speaksHttp2(otlpGrpc, tls)
    return { ...row, ok: !spoke, detail: spoke ? 'the hub let it in' : 'refused' }
  } catch (reason) {
    return { ...row, ok: false, detail: messageOf(reason) }
  }
}

async function overHttp(check: string, { otlpHttp, cluster }: RefusalTargets, tls: ClientTls): Promise<Check> {
  const row = { check, cluster, signal: 'OTLP/HTTP' }
  const canary = createCanary('logs', cluster)
  try {
    const { status } = await postOtlp(`https://${otlpHttp.host}:${otlpHttp.port}${canary.path}`, canary.body, tls)
    const refused = status === 401 || status === 403
    return { ...row, ok: refused, detail: refused ? `refused with ${status}` : `the hub answered ${status}` }
  } catch (reason) {
    const away = /ECONNREFUSED/.test(messageOf(reason))
    return { ...row, ok: !away, detail: away ? 'the hub is not there' : 'refused' }
  }
}
