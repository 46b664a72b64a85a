import type { Scope, TimeRange } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { numberOf, queryBlocks, textOf } from '../read/rows.ts'
import { inTenants } from '../read/scope.ts'
import { i64, sql, type Sql, str, timeMs, u64 } from '../sql.ts'
import type { FillKind } from './fill-kind.ts'

interface UnitRow {
  readonly unit: number
  readonly tenant: string
  readonly atMs: number
}

interface Names {
  readonly unit: Sql
  readonly done: Sql
  readonly late: Sql
}

function namesOf({ unit, doneTable, lateTable }: FillKind): Names {
  return { unit: sql.raw(unit), done: sql.raw(doneTable), late: sql.raw(lateTable) }
}

/**
 * The longest stretch of the range whose units are done, whole or as far as they are in the range, and with all that
 * came late for tenants of the scope. Undefined if there is none.
 */
export async function filledStretch(
  client: StoreClient,
  kind: FillKind,
  scope: Scope,
  range: TimeRange,
  signal: AbortSignal,
): Promise<TimeRange | undefined> {
  const { unitMs } = kind
  const first = Math.max(1, Math.floor(range.startMs / unitMs) + 1)
  const last = Math.ceil(range.endMs / unitMs)
  if (first > last) return undefined
  const { unit, done, late } = namesOf(kind)
  const between = sql`${unit} >= ${u64(first)} AND ${unit} <= ${u64(last)}`
  // One statement, because a query of few series takes hardly longer than its statements are many.
  const rows = await unitRows(
    client,
    sql`SELECT ${unit} AS unit, toString(tenant_id) AS tenant, toFloat64(toUnixTimestamp64Milli(max(filled))) AS at,
      false AS late FROM ${done} WHERE ${between} AND (tenant_id = '' OR ${inTenants(scope)}) GROUP BY unit, tenant_id
    UNION ALL SELECT ${unit} AS unit, toString(tenant_id) AS tenant,
      toFloat64(toUnixTimestamp64Milli(max(noted))) AS at, true AS late
      FROM ${late} WHERE ${between} AND ${inTenants(scope)} GROUP BY unit, tenant_id`,
    signal,
  )
  const stretch = longestStretch(freshUnits(rows), first, last)
  if (stretch === undefined) return undefined
  return {
    startMs: Math.max(range.startMs, (stretch.first - 1) * unitMs),
    endMs: Math.min(range.endMs, stretch.last * unitMs),
  }
}

/** The units that are done with all that came late. */
function freshUnits(rows: readonly (UnitRow & { readonly late: boolean })[]): ReadonlySet<number> {
  const forAll = new Map<number, number>()
  const forOne = new Map<string, number>()
  for (const { unit, tenant, atMs, late } of rows) {
    if (late) continue
    if (tenant === '') forAll.set(unit, atMs)
    else forOne.set(`${String(unit)} ${tenant}`, atMs)
  }
  const fresh = new Set(forAll.keys())
  for (const { unit, tenant, atMs, late } of rows) {
    if (!late) continue
    const since = Math.max(forAll.get(unit) ?? 0, forOne.get(`${String(unit)} ${tenant}`) ?? 0)
    if (since <= atMs) fresh.delete(unit)
  }
  return fresh
}

function longestStretch(
  units: ReadonlySet<number>,
  first: number,
  last: number,
): { readonly first: number; readonly last: number } | undefined {
  let best: { readonly first: number; readonly last: number } | undefined
  let from = first
  for (let unit = first; unit <= last + 1; unit++) {
    if (units.has(unit)) continue
    if (unit > from && (best === undefined || unit - from > best.last - best.first + 1)) {
      best = { first: from, last: unit - 1 }
    }
    from = unit + 1
  }
  return best
}

/** All units that are done, of all tenants. */
export async function filledUnits(client: StoreClient, kind: FillKind, signal: AbortSignal): Promise<Set<number>> {
  const { unit, done } = namesOf(kind)
  return unitsOf(
    await queryBlocks(client, sql`SELECT DISTINCT ${unit} AS unit FROM ${done} WHERE tenant_id = ''`, signal),
  )
}

/** Units of which samples came late since then, of any tenant. */
export async function unquietUnits(
  client: StoreClient,
  kind: FillKind,
  sinceMs: number,
  signal: AbortSignal,
): Promise<Set<number>> {
  const { unit, late } = namesOf(kind)
  const statement = sql`SELECT DISTINCT ${unit} AS unit FROM ${late} WHERE noted > ${timeMs(sinceMs)}`
  return unitsOf(await queryBlocks(client, statement, signal))
}

export interface LateUnits {
  readonly tenant: string
  /** Ascending. */
  readonly units: readonly number[]
}

export interface LateRule {
  readonly limit: number
  /** Nothing late may have come since, … */
  readonly quietSinceMs: number
  /** … unless the unit was done before this. */
  readonly waitedSinceMs: number
}

/** Units that were done before samples of them came, the newest first; of a tenant at a time. */
export async function lateUnits(
  client: StoreClient,
  kind: FillKind,
  { limit, quietSinceMs, waitedSinceMs }: LateRule,
  signal: AbortSignal,
): Promise<LateUnits[]> {
  const { unit, done, late } = namesOf(kind)
  const rows = await unitRows(
    client,
    sql`SELECT l.unit AS unit, toString(l.tenant_id) AS tenant, toFloat64(toUnixTimestamp64Milli(l.noted)) AS at,
      true AS late
    FROM (SELECT tenant_id, ${unit} AS unit, max(noted) AS noted FROM ${late} GROUP BY tenant_id, unit) AS l
    INNER JOIN (SELECT ${unit} AS unit, max(filled) AS filled FROM ${done} WHERE tenant_id = '' GROUP BY unit) AS a
      ON a.unit = l.unit
    LEFT JOIN (SELECT ${unit} AS unit, tenant_id, max(filled) AS filled FROM ${done} WHERE tenant_id != ''
      GROUP BY unit, tenant_id) AS o ON o.unit = l.unit AND o.tenant_id = l.tenant_id
    WHERE l.noted >= greatest(a.filled, o.filled)
      AND (l.noted <= ${timeMs(quietSinceMs)} OR greatest(a.filled, o.filled) <= ${timeMs(waitedSinceMs)})
    ORDER BY l.unit DESC LIMIT ${u64(limit)}`,
    signal,
  )
  const byTenant = new Map<string, number[]>()
  for (const { unit, tenant } of rows) {
    const units = byTenant.get(tenant) ?? []
    byTenant.set(tenant, units)
    units.unshift(unit)
  }
  return [...byTenant].map(([tenant, units]) => ({ tenant, units }))
}

/** Notes units, which follow each other, as done with what could be read at a time of the engine's clock. */
export async function markFilled(
  client: StoreClient,
  kind: FillKind,
  { first, last, tenant, atMs }: { first: number; last: number; tenant: string; atMs: number },
): Promise<void> {
  const { unit, done } = namesOf(kind)
  await client.command(sql`INSERT INTO ${done} (${unit}, tenant_id, filled)
    SELECT ${u64(first)} + number, ${str(tenant)}, fromUnixTimestamp64Milli(${i64(Math.floor(atMs))})
    FROM numbers(${u64(last - first + 1)})`)
}

async function unitRows(
  client: StoreClient,
  statement: Sql,
  signal: AbortSignal,
): Promise<(UnitRow & { readonly late: boolean })[]> {
  const blocks = await queryBlocks(client, statement, signal)
  return blocks.flatMap((block) => {
    const [unit, tenant, at] = [numberOf(block, 'unit'), textOf(block, 'tenant'), numberOf(block, 'at')]
    const late = numberOf(block, 'late')
    return Array.from({ length: block.rows }, (_, row) => ({
      unit: unit(row),
      tenant: tenant(row),
      atMs: at(row),
      late: late(row) === 1,
    }))
  })
}

function unitsOf(blocks: Awaited<ReturnType<typeof queryBlocks>>): Set<number> {
  const units = new Set<number>()
  for (const block of blocks) {
    const unit = numberOf(block, 'unit')
    for (let row = 0; row < block.rows; row++) units.add(unit(row))
  }
  return units
}
