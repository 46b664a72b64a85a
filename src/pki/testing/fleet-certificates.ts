import type { Clock } from '../../core/index.ts'
import { type CertificateSpec, clusterSpiffeId, createAuthority, issueCertificate } from '../index.ts'

/** One end's certificates as PEM, in the names that node:tls gives them. */
export interface CertificateSet {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface FleetCertificates {
  readonly trustDomain: string
  readonly ca: string
  /** For a server on 127.0.0.1 and localhost. */
  readonly hub: CertificateSet
  /** `ageMs` makes it as if it had been issued that long ago, or in the future if negative. */
  edge(cluster: string, options?: { readonly days?: number; readonly ageMs?: number }): Promise<CertificateSet>
  issue(spec: CertificateSpec): Promise<CertificateSet>
}

/** An authority in memory with a hub's certificate, and edges' certificates as they are asked for. */
export async function createFleetCertificates(trustDomain = 'test-fleet'): Promise<FleetCertificates> {
  const authority = await createAuthority({ trustDomain })
  const issue = async (spec: CertificateSpec, ageMs = 0): Promise<CertificateSet> => {
    const clock: Clock = { now: () => Date.now() - ageMs, sleep: () => Promise.resolve() }
    const issued = await issueCertificate(authority, spec, clock)
    return { ca: authority.certificatePem, cert: issued.certificatePem, key: issued.keyPem }
  }
  const names = { dnsNames: ['localhost'], ips: ['127.0.0.1'] }
  return {
    trustDomain,
    ca: authority.certificatePem,
    hub: await issue({ spiffeId: `spiffe://${trustDomain}/hub`, ...names, days: 1 }),
    edge: (cluster, { days = 1, ageMs = 0 } = {}) =>
      issue({ spiffeId: clusterSpiffeId(trustDomain, cluster), days }, ageMs),
    issue: (spec) => issue(spec),
  }
}
