import { AppError } from '../../core/index.ts'
import { type Identity, isTenantId } from '../../model/index.ts'

const TENANT_HEADER = 'x-scope-orgid'
/** By which a sender that may write for several clusters says for which one it does. */
const CLUSTER_HEADER = 'x-fleetglass-cluster'

/**
 * For whom a request is written. The headers `X-Scope-OrgID` (a tenant) and `X-Fleetglass-Cluster` choose among what the
 * credential allows, and grant nothing. `rawHeaders` are name, value, name, value, …, as Node gives them.
 * Throws `invalid` for a header that is malformed, doubled, or leaves several clusters; `forbidden` for one that names
 * what is not allowed.
 */
export function chooseIdentity(granted: readonly Identity[], rawHeaders: readonly string[]): Identity {
  const tenant = readHeader(rawHeaders, TENANT_HEADER)
  const cluster = readHeader(rawHeaders, CLUSTER_HEADER)
  if (tenant !== undefined) checkTenant(tenant)
  const ofTenant = tenant === undefined ? granted : granted.filter((identity) => identity.tenant === tenant)
  if (ofTenant.length === 0) throw new AppError('forbidden', 'no access to the tenant named in X-Scope-OrgID')
  const chosen = cluster === undefined ? ofTenant : ofTenant.filter((identity) => identity.cluster === cluster)
  const [first, ...others] = chosen
  if (first === undefined) throw new AppError('forbidden', 'no access to the cluster named in X-Fleetglass-Cluster')
  if (others.length === 0) return first
  throw new AppError('invalid', 'these credentials write for several clusters: name one in X-Fleetglass-Cluster')
}

function readHeader(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== name) continue
    if (found !== undefined) throw new AppError('invalid', `more than one ${name} header`)
    found = rawHeaders[i + 1] ?? ''
  }
  return found
}

function checkTenant(tenant: string): void {
  if (tenant.includes('|')) throw new AppError('invalid', 'X-Scope-OrgID names several tenants: a request is for one')
  if (!isTenantId(tenant)) {
    throw new AppError('invalid', "X-Scope-OrgID: expected 1 to 150 characters of A-Z a-z 0-9 ! - _ . * ' ( )")
  }
}
