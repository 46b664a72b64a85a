import { AppError } from '../core/index.ts'

/** A SPIFFE id in its parts (SPIFFE-ID, section 2). */
export interface SpiffeId {
  readonly trustDomain: string
  /** With its leading slash; never the root. */
  readonly path: string
}

const MAX_BYTES = 2048
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/
// The alphabet leaves no room for a query, a fragment, userinfo, a port, percent-encoding or an empty segment.
const SPIFFE_ID = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)+)$/
const CLUSTER_PATH = /^\/cluster\/([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/

/** Whether the text can be a trust domain. */
export function isTrustDomain(text: string): boolean {
  return TRUST_DOMAIN.test(text)
}

/** The parts of `spiffe://trust-domain/path`, or undefined if the text is anything else. */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  const match = text.length <= MAX_BYTES ? SPIFFE_ID.exec(text) : null
  const [, trustDomain, path] = match ?? []
  if (trustDomain === undefined || path === undefined) return undefined
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return undefined
  return { trustDomain, path }
}

export function renderSpiffeId(id: SpiffeId): string {
  return `spiffe://${id.trustDomain}${id.path}`
}

/** The id that an edge of the cluster presents: `spiffe://<trust domain>/cluster/<cluster>`. */
export function clusterSpiffeId(trustDomain: string, cluster: string): string {
  return renderSpiffeId({ trustDomain, path: `/cluster/${cluster}` })
}

/** The cluster that the id names. Throws `forbidden` if it is of another trust domain or names something else. */
export function clusterOfSpiffeId(id: SpiffeId, trustDomain: string): string {
  if (id.trustDomain !== trustDomain) {
    throw new AppError('forbidden', `${renderSpiffeId(id)} is not of the trust domain ${trustDomain}`)
  }
  const cluster = CLUSTER_PATH.exec(id.path)?.[1]
  if (cluster === undefined) throw new AppError('forbidden', `${renderSpiffeId(id)} names no cluster`)
  return cluster
}
