import type { PeerCertificate } from 'node:tls'
import { AppError, type Clock } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import { clusterOfSpiffeId, readSpiffeId } from '../../../pki/index.ts'

/** The certificate that a sender has shown on its connection. */
export interface Peer {
  readonly der: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly notAfterMs: number
  /** Hexadecimal. */
  readonly serial: string
  /** SHA-256 of the certificate. */
  readonly fingerprint: string
}

export type RefusalReason =
  | 'handshake' // the TLS handshake failed: another protocol, an old version
  | 'no_certificate'
  | 'unknown_authority'
  | 'expired'
  | 'not_yet_valid'
  | 'invalid_certificate'
  | 'too_many_connections'
  | 'no_identity' // the certificate names no cluster of this trust domain
  | 'unknown_cluster' // it names one that is not in the fleet file

/** A connection or request that was not let in, for people to see. */
export interface Refusal {
  readonly reason: RefusalReason
  readonly detail: string
  /** The sender's network address. */
  readonly remote: string
  /** The certificate that was shown, if one was: what it says is not proven. */
  readonly certificate?: Uint8Array
}

/** Who speaks, or why we do not listen. */
export type Verdict =
  | { readonly t: 'known'; readonly identity: Identity }
  | { readonly t: 'refused'; readonly reason: RefusalReason; readonly error: AppError }

/** Asked at each request, so that a change of the fleet takes effect at once. It must be cheap. */
export type Identify = (peer: Peer) => Verdict

export interface CertificateIdentityOptions {
  readonly trustDomain: string
  /** Looks a cluster up in the fleet as it is now. */
  readonly lookup: (cluster: string) => Identity | undefined
  readonly clock: Clock
}

/** Certificates of one fleet, several generations of each: more are only seen from somebody who plays with them. */
const MAX_KNOWN = 1_000

/**
 * Puts certificates to clusters of the fleet: the SPIFFE id `spiffe://<trust domain>/cluster/<name>` in the certificate
 * names the cluster, and the fleet says who that is. What a certificate says is read once; what the fleet says, and
 * whether the certificate is still valid, is asked each time.
 */
export function createCertificateIdentity(options: CertificateIdentityOptions): Identify {
  const { trustDomain, lookup, clock } = options
  const clusters = new Map<string, string>()
  const clusterOf = (peer: Peer): string => {
    const known = clusters.get(peer.fingerprint)
    if (known !== undefined) return known
    const cluster = clusterOfSpiffeId(readSpiffeId(peer.der), trustDomain)
    if (clusters.size >= MAX_KNOWN) clusters.clear()
    clusters.set(peer.fingerprint, cluster)
    return cluster
  }
  return (peer) => {
    if (peer.notAfterMs <= clock.now()) {
      const end = new Date(peer.notAfterMs).toISOString()
      return refused('expired', new AppError('unauthenticated', `the certificate ended at ${end}: renew it`))
    }
    let cluster: string
    try {
      cluster = clusterOf(peer)
    } catch (reason) {
      return refused('no_identity', AppError.from(reason, 'forbidden', 'read the certificate'))
    }
    const identity = lookup(cluster)
    if (identity !== undefined) return { t: 'known', identity }
    const message = `the cluster ${cluster} is not in the fleet file: add it under clusters`
    return refused('unknown_cluster', new AppError('forbidden', message))
  }
}

function refused(reason: RefusalReason, error: AppError): Verdict {
  return { t: 'refused', reason, error }
}

/** Node's view of the certificate in ours. */
export function toPeer(certificate: PeerCertificate): Peer {
  return {
    der: certificate.raw,
    notAfterMs: Date.parse(certificate.valid_to),
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: certificate.fingerprint256,
  }
}
