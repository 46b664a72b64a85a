import type { Scope, TimeRange } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { numberOf, queryBlocks, textOf } from '../read/rows.ts'
import { inTenants } from '../read/scope.ts'
import { i64, sql, str, timeMs, u64 } from '../sql.ts'

export const MS_PER_HOUR = 3_600_000

interface HourRow {
  readonly hour: number
  readonly tenant: string
  readonly atMs: number
}

/**
 * The longest stretch of the range whose hours are rolled up, whole or as far as they are in the range, and with all
 * that came late for tenants of the scope. Undefined if there is none.
 */
export async function rolledUp(
  client: StoreClient,
  scope: Scope,
  range: TimeRange,
  signal: AbortSignal,
): Promise<TimeRange | undefined> {
  const first = Math.max(1, Math.floor(range.startMs / MS_PER_HOUR) + 1)
  const last = Math.ceil(range.endMs / MS_PER_HOUR)
  if (first > last) return undefined
  const between = sql`hour >= ${u64(first)} AND hour <= ${u64(last)}`
  const [filled, late] = await Promise.all([
    hourRows(
      client,
      sql`SELECT hour, toString(tenant_id) AS tenant, toFloat64(toUnixTimestamp64Milli(max(filled))) AS at
      FROM rollup_hours WHERE ${between} AND (tenant_id = '' OR ${inTenants(scope)}) GROUP BY hour, tenant_id`,
      signal,
    ),
    hourRows(
      client,
      sql`SELECT hour, toString(tenant_id) AS tenant, toFloat64(toUnixTimestamp64Milli(max(noted))) AS at
      FROM late_hours WHERE ${between} AND ${inTenants(scope)} GROUP BY hour, tenant_id`,
      signal,
    ),
  ])
  const stretch = longestStretch(freshHours(filled, late), first, last)
  if (stretch === undefined) return undefined
  return {
    startMs: Math.max(range.startMs, (stretch.first - 1) * MS_PER_HOUR),
    endMs: Math.min(range.endMs, stretch.last * MS_PER_HOUR),
  }
}

/** The hours that are rolled up with all that came late. */
function freshHours(filled: readonly HourRow[], late: readonly HourRow[]): ReadonlySet<number> {
  const forAll = new Map<number, number>()
  const forOne = new Map<string, number>()
  for (const { hour, tenant, atMs } of filled) {
    if (tenant === '') forAll.set(hour, atMs)
    else forOne.set(`${String(hour)} ${tenant}`, atMs)
  }
  const fresh = new Set(forAll.keys())
  for (const { hour, tenant, atMs } of late) {
    const since = Math.max(forAll.get(hour) ?? 0, forOne.get(`${String(hour)} ${tenant}`) ?? 0)
    if (since <= atMs) fresh.delete(hour)
  }
  return fresh
}

function longestStretch(
  hours: ReadonlySet<number>,
  first: number,
  last: number,
): { readonly first: number; readonly last: number } | undefined {
  let best: { readonly first: number; readonly last: number } | undefined
  let from = first
  for (let hour = first; hour <= last + 1; hour++) {
    if (hours.has(hour)) continue
    if (hour > from && (best === undefined || hour - from > best.last - best.first + 1)) {
      best = { first: from, last: hour - 1 }
    }
    from = hour + 1
  }
  return best
}

/** All hours that are rolled up, of all tenants. */
export async function filledHours(client: StoreClient, signal: AbortSignal): Promise<Set<number>> {
  const hours = new Set<number>()
  const blocks = await queryBlocks(client, sql`SELECT DISTINCT hour FROM rollup_hours WHERE tenant_id = ''`, signal)
  for (const block of blocks) {
    const hour = numberOf(block, 'hour')
    for (let row = 0; row < block.rows; row++) hours.add(hour(row))
  }
  return hours
}

export interface LateHours {
  readonly tenant: string
  /** Ascending. */
  readonly hours: readonly number[]
}

export interface LateRule {
  readonly limit: number
  /** Nothing late may have come since, … */
  readonly quietSinceMs: number
  /** … unless the hour was rolled up before this. */
  readonly waitedSinceMs: number
}

/** Hours that were rolled up before samples of them came, the newest first; of a tenant at a time. */
export async function lateHours(
  client: StoreClient,
  { limit, quietSinceMs, waitedSinceMs }: LateRule,
  signal: AbortSignal,
): Promise<LateHours[]> {
  const rows = await hourRows(
    client,
    sql`SELECT l.hour AS hour, toString(l.tenant_id) AS tenant, toFloat64(toUnixTimestamp64Milli(l.noted)) AS at
    FROM (SELECT tenant_id, hour, max(noted) AS noted FROM late_hours GROUP BY tenant_id, hour) AS l
    INNER JOIN (SELECT hour, max(filled) AS filled FROM rollup_hours WHERE tenant_id = '' GROUP BY hour) AS a
      ON a.hour = l.hour
    LEFT JOIN (SELECT hour, tenant_id, max(filled) AS filled FROM rollup_hours WHERE tenant_id != ''
      GROUP BY hour, tenant_id) AS o ON o.hour = l.hour AND o.tenant_id = l.tenant_id
    WHERE l.noted >= greatest(a.filled, o.filled)
      AND (l.noted <= ${timeMs(quietSinceMs)} OR greatest(a.filled, o.filled) <= ${timeMs(waitedSinceMs)})
    ORDER BY l.hour DESC LIMIT ${u64(limit)}`,
    signal,
  )
  const byTenant = new Map<string, number[]>()
  for (const { hour, tenant } of rows) {
    const hours = byTenant.get(tenant) ?? []
    byTenant.set(tenant, hours)
    hours.unshift(hour)
  }
  return [...byTenant].map(([tenant, hours]) => ({ tenant, hours }))
}

/** Notes hours, which follow each other, as rolled up with what could be read at a time of the engine's clock. */
export async function markFilled(
  client: StoreClient,
  { first, last, tenant, atMs }: { first: number; last: number; tenant: string; atMs: number },
): Promise<void> {
  await client.command(sql`INSERT INTO rollup_hours (hour, tenant_id, filled)
    SELECT ${u64(first)} + number, ${str(tenant)}, fromUnixTimestamp64Milli(${i64(Math.floor(atMs))})
    FROM numbers(${u64(last - first + 1)})`)
}

async function hourRows(
  client: StoreClient,
  statement: Parameters<typeof queryBlocks>[1],
  signal: AbortSignal,
): Promise<HourRow[]> {
  const blocks = await queryBlocks(client, statement, signal)
  return blocks.flatMap((block) => {
    const [hour, tenant, at] = [numberOf(block, 'hour'), textOf(block, 'tenant'), numberOf(block, 'at')]
    return Array.from({ length: block.rows }, (_, row) => ({ hour: hour(row), tenant: tenant(row), atMs: at(row) }))
  })
}
