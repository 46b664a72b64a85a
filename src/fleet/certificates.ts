import { isIP } from 'node:net'
import { clusterSpiffeId, type EnsuredCertificate, openPki } from '../pki/index.ts'
import type { Fleet } from './fleet.ts'

/** The name of the hub's certificate among those of the clusters. */
const HUB = 'hub'

/**
 * Makes what the fleet needs to speak mutual TLS, and leaves alone what is good: the authority on the first call, one
 * certificate for the hub's names, one for each cluster. A certificate with less than a third of its life left is
 * replaced. Returns them by name. Throws what `openPki` throws.
 */
export async function ensureFleetCertificates(
  fleet: Fleet,
  options: { readonly dir: string; readonly days: number },
): Promise<ReadonlyMap<string, EnsuredCertificate>> {
  const { dir, days } = options
  const pki = await openPki(dir, { trustDomain: fleet.trustDomain })
  const dnsNames = fleet.hub.names.filter((name) => isIP(name) === 0)
  const ips = fleet.hub.names.filter((name) => isIP(name) !== 0)
  const ensured = new Map([[HUB, await pki.ensureCertificate(HUB, { dnsNames, ips, days })]])
  for (const { cluster } of fleet.identities) {
    const spiffeId = clusterSpiffeId(fleet.trustDomain, cluster)
    ensured.set(cluster, await pki.ensureCertificate(cluster, { spiffeId, days }))
  }
  return ensured
}
