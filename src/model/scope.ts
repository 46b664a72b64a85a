/**
 * The tenants and clusters that a caller may read. No query runs without one: the only way to build SQL over
 * telemetry takes a Scope. Only `access/` and tests make them.
 */
export interface Scope {
  /** `all` is every tenant; otherwise exactly these, which may be none. */
  readonly tenants: 'all' | readonly string[]
  /** Absent: every cluster of those tenants. */
  readonly clusters?: readonly string[]
}

const TENANT_ID = /^[0-9A-Za-z!\-_.*'()]{1,150}$/

/** Whether the text may be a tenant's id (dskit's rules, as Loki and Mimir apply them). */
export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text) && text !== '.' && text !== '..'
}
