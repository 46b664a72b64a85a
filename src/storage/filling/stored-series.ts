import type { Scope, TimeRange } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { bigintOf, queryBlocks, textOf } from '../read/rows.ts'
import { sampleRowsIn } from '../read/sampled-in.ts'
import { seenIn } from '../read/seen.ts'
import { sql, type Sql } from '../sql.ts'

export interface StoredSeries {
  readonly id: bigint
  readonly metric: string
}

export interface TenantSeries {
  readonly tenant: string
  /** In the order of their metrics. */
  readonly series: readonly StoredSeries[]
  /** The last day (since the epoch) on which samples of the range arrived, or its own last: age counts from there. */
  readonly day: number
}

/** All series that may have samples in the range, by tenant. */
export async function seriesByTenant(
  client: StoreClient,
  scope: Scope,
  range: TimeRange,
  signal: AbortSignal,
): Promise<readonly TenantSeries[]> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT toString(tenant_id) AS tenant, name, id FROM series
    WHERE ${exactly(scope)} AND ${seenIn(range)} ORDER BY tenant, name, id LIMIT 1 BY tenant, id`,
    signal,
  )
  const found = new Map<string, StoredSeries[]>()
  for (const block of blocks) {
    const [tenant, name, id] = [textOf(block, 'tenant'), textOf(block, 'name'), bigintOf(block, 'id')]
    for (let row = 0; row < block.rows; row++) {
      const series = found.get(tenant(row)) ?? []
      found.set(tenant(row), series)
      series.push({ id: id(row), metric: name(row) })
    }
  }
  if (found.size === 0) return []
  const days = await lastArrivals(client, scope, range, signal)
  const lastDay = Math.floor(range.endMs / MS_PER_DAY)
  return [...found].map(([tenant, series]) => ({ tenant, series, day: Math.max(lastDay, days.get(tenant) ?? 0) }))
}

async function lastArrivals(
  client: StoreClient,
  scope: Scope,
  range: TimeRange,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const rows = await queryJson<{ tenant: string; day: number }>(
    client,
    sql`SELECT tenant_id AS tenant, toUInt32(max(received)) AS day FROM samples
    WHERE ${exactly(scope)} AND ${sampleRowsIn(range)} GROUP BY tenant_id`,
    signal,
  )
  return new Map(rows.map(({ tenant, day }) => [tenant, day]))
}

/** These tenants and no others; joint tenants are among them by their own names. */
function exactly({ tenants }: Scope): Sql {
  return tenants === 'all' ? sql.raw('true') : sql`tenant_id IN ${{ type: 'Array(String)', value: tenants }}`
}

const MS_PER_DAY = 86_400_000
