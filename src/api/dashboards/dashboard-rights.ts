import type { Principal } from '../../access/index.ts'
import { AppError } from '../../core/index.ts'
import type { Kept } from './dashboard-store.ts'

/** Dashboards hold queries, not data: whoever may read one of its tenants may have it. */
export function maySee({ scope: { tenants } }: Principal, kept: Kept): boolean {
  if (tenants === 'all' || kept.tenants === 'all') return true
  return kept.tenants.some((tenant) => tenants.includes(tenant))
}

/** Editors and admins keep dashboards; callers of a part of a tenant's clusters do not, for others see them. */
export function mayKeep({ role, scope }: Principal): boolean {
  return role !== 'viewer' && scope.clusters === undefined
}

/** Whoever may keep dashboards may change those of tenants that are all theirs. */
export function mayChange(principal: Principal, kept: Kept): boolean {
  const { tenants } = principal.scope
  if (!mayKeep(principal)) return false
  if (tenants === 'all') return true
  return kept.tenants !== 'all' && kept.tenants.every((tenant) => tenants.includes(tenant))
}

/** Throws `forbidden`, with what is missing; a dashboard that the caller may not see is `not_found`. */
export function checkMayChange(principal: Principal, uid: string, kept: Kept | undefined): void {
  if (!mayKeep(principal)) {
    throw new AppError(
      'forbidden',
      'dashboards are kept by editors and admins of whole tenants (teams in the fleet file)',
    )
  }
  if (kept === undefined || mayChange(principal, kept)) return
  if (maySee(principal, kept)) {
    throw new AppError('forbidden', `the dashboard '${uid}' is of tenants that are not all yours: save it as a copy`)
  }
  throw new AppError('conflict', `the uid '${uid}' is taken: save it under another one`)
}
