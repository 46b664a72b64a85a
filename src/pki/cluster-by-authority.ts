import type { X509Certificate } from 'node:crypto'
import { parseCertificate } from './certificate.ts'
import { readSpiffeId } from './read-spiffe-id.ts'
import { clusterOfSpiffeId } from './spiffe-id.ts'

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The cluster for which one of these authorities issued the certificate, at whatever time; undefined if none did. It is
 * for telling people whose certificate has ended; it lets nobody in.
 */
export function clusterByAuthority(
  der: Uint8Array,
  caPem: string | Uint8Array,
  trustDomain: string,
): string | undefined {
  try {
    const certificate = parseCertificate(der)
    const isOurs = authoritiesIn(caPem).some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))
    return isOurs ? clusterOfSpiffeId(readSpiffeId(der), trustDomain) : undefined
  } catch {
    return undefined
  }
}

function authoritiesIn(caPem: string | Uint8Array): X509Certificate[] {
  return (Buffer.from(caPem).toString('latin1').match(PEM) ?? []).map((pem) => parseCertificate(pem))
}
