/** No tenant of a fleet has it in its name: they are DNS labels. */
const SEPARATOR = '.'

/**
 * The tenant of what tells about two: a call from a service of one to a service of the other. Whoever may read both may
 * read it, and nobody else.
 */
export function jointTenant(a: string, b: string): string {
  if (a === b) return a
  return a < b ? `${a}${SEPARATOR}${b}` : `${b}${SEPARATOR}${a}`
}

/** Tenants that may be read, and what is joint of any two of them. */
export function withJointTenants(tenants: readonly string[]): readonly string[] {
  const joint = tenants.flatMap((a, i) => tenants.slice(i + 1).map((b) => jointTenant(a, b)))
  return joint.length === 0 ? tenants : [...new Set([...tenants, ...joint])]
}
