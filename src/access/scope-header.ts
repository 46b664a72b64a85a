import { AppError } from '../core/index.ts'
import { isTenantId, type Scope } from '../model/index.ts'

const MAX_BYTES = 150

/**
 * The scope that remains of a grant when the caller asks for tenants by `X-Scope-OrgID: a|b`. The header selects among
 * the tenants that the caller may read; it grants nothing. `headers` holds every header of that name.
 * Throws `invalid` for a malformed header, `forbidden` for a tenant that is not granted.
 */
export function narrowScope(granted: Scope, headers: readonly string[]): Scope {
  const [header] = headers
  if (header === undefined) return granted
  if (headers.length > 1) throw new AppError('invalid', 'more than one X-Scope-OrgID header')
  const tenants = [...new Set(header.split('|'))].sort()
  for (const tenant of tenants) checkTenantId(tenant)
  if (granted.tenants !== 'all') {
    const refused = tenants.find((tenant) => !granted.tenants.includes(tenant))
    if (refused !== undefined) throw new AppError('forbidden', 'no access to a tenant named in X-Scope-OrgID')
  }
  return { ...granted, tenants }
}

function checkTenantId(tenant: string): void {
  if (tenant === '') throw new AppError('invalid', 'X-Scope-OrgID names no tenant')
  if (Buffer.byteLength(tenant, 'latin1') > MAX_BYTES) {
    throw new AppError('invalid', `tenant ID is too long: max ${String(MAX_BYTES)} characters`)
  }
  if (!isTenantId(tenant)) throw new AppError('invalid', 'tenant ID contains unsupported characters')
}
