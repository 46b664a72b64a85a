import { type Scope, withJointTenants } from '../../model/index.ts'
import { sql, type Sql, strArray } from '../sql.ts'

/**
 * The rows that the scope may see, of a table with `tenant_id` and `cluster`. Every statement over telemetry begins
 * its WHERE with this.
 */
export function inScope(scope: Scope): Sql {
  return scope.clusters === undefined
    ? inTenants(scope)
    : sql`${inTenants(scope)} AND cluster IN ${strArray(scope.clusters)}`
}

/**
 * The same for tables without `cluster` (`samples`, `traces`, …). Their rows belong to a series or a trace, and it is
 * that which must be in scope: use it only beside a condition that sees to it.
 */
export function inTenants(scope: Scope): Sql {
  return scope.tenants === 'all' ? sql`true` : sql`tenant_id IN ${strArray(withJointTenants(scope.tenants))}`
}

/** Whether nothing at all can be seen; then no statement need be run. */
export function isEmptyScope(scope: Scope): boolean {
  return scope.tenants.length === 0 || scope.clusters?.length === 0
}
