import { createHash } from 'node:crypto'
import { AppError } from '../../core/index.ts'
import { isTenantId } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, str, u64 } from '../sql.ts'

/** How long telemetry is kept, in milliseconds. */
export interface Retention {
  readonly metrics: number
  readonly logs: number
  readonly traces: number
}

export interface RetentionPlan {
  /** For tenants that are not named. */
  readonly others: Retention
  readonly tenants: Readonly<Record<string, Retention>>
  /** Of rollups, in milliseconds; as long as samples, if that is longer or nothing is said. */
  readonly rollups?: RollupRetention
}

export interface RollupRetention {
  readonly fiveMinutes?: number | undefined
  readonly oneHour?: number | undefined
}

/** How long rows of a table are kept, in milliseconds. */
type Keep = (retention: Retention, rollups: RollupRetention) => number

const metrics: Keep = (retention) => retention.metrics
const fiveMinutes: Keep = (retention, { fiveMinutes: ms = 0 }) => Math.max(retention.metrics, ms)
const oneHour: Keep = (retention, { oneHour: ms = 0 }) => Math.max(retention.metrics, ms)
const longestRollup: Keep = (retention, rollups) =>
  Math.max(fiveMinutes(retention, rollups), oneHour(retention, rollups))
const logs: Keep = (retention) => retention.logs
const traces: Keep = (retention) => retention.traces

const END_OF_BUCKET = "toDateTime64(bucket, 3, 'UTC')"
const END_OF_SLOT = "toDateTime64(slot * 900, 3, 'UTC')"
const DAY_OF_ARRIVAL = "toDateTime64(received, 3, 'UTC')"

/**
 * From when a row's age counts: the later of its own time and its arrival, so that what is old when it comes is kept as
 * long as what is new. Series and streams live as long as there can be samples or lines of theirs.
 */
const TABLES: readonly { readonly table: string; readonly from: string; readonly keep: Keep }[] = [
  { table: 'rollups_5m', from: `greatest(${END_OF_BUCKET}, ${DAY_OF_ARRIVAL})`, keep: fiveMinutes },
  { table: 'rollups_1h', from: `greatest(${END_OF_BUCKET}, ${DAY_OF_ARRIVAL})`, keep: oneHour },
  { table: 'packed_samples', from: `greatest(${END_OF_SLOT}, ${DAY_OF_ARRIVAL})`, keep: metrics },
  { table: 'samples', from: `greatest(time, ${DAY_OF_ARRIVAL})`, keep: metrics },
  { table: 'histograms', from: `greatest(time, ${DAY_OF_ARRIVAL})`, keep: metrics },
  { table: 'sample_starts', from: `greatest(time, ${DAY_OF_ARRIVAL})`, keep: metrics },
  { table: 'exemplars', from: `greatest(time, ${DAY_OF_ARRIVAL})`, keep: metrics },
  { table: 'series', from: `greatest(last_seen, ${DAY_OF_ARRIVAL})`, keep: longestRollup },
  { table: 'logs', from: 'greatest(time, hub_received_at)', keep: logs },
  { table: 'log_streams', from: `greatest(last_seen, ${DAY_OF_ARRIVAL})`, keep: logs },
  { table: 'spans', from: 'greatest(time, hub_received_at)', keep: traces },
  { table: 'traces', from: `greatest(end, ${DAY_OF_ARRIVAL})`, keep: traces },
]

/** The rules' own version: with another one, tables get them anew. */
const RULES = 2

/** ClickHouse's DateTime ends in 2106; a row that is kept for longer than this would end before it began. */
const LONGEST_S = 40 * 366 * 86_400

/**
 * Makes the tables forget what is older than the plan says, tenant by tenant. A change costs the engine a pass over
 * the table, so a table is left alone when its plan is the one it has, which its comment tells.
 */
export async function applyRetention(client: StoreClient, plan: RetentionPlan): Promise<void> {
  const tables = await queryJson<{ name: string; comment: string }>(
    client,
    sql`SELECT name, comment FROM system.tables WHERE database = currentDatabase()`,
  )
  const comments = new Map(tables.map(({ name, comment }) => [name, comment]))
  for (const { table, from, keep } of TABLES) {
    const comment = describePlan(plan, keep)
    if (comments.get(table) === comment) continue
    const ttl = sql.join(ttlRules(plan, keep, from), ', ')
    await client.command(sql`ALTER TABLE ${sql.raw(table)} MODIFY TTL ${ttl}`)
    // A comment must be a literal; this one is ours and has hexadecimal digits only.
    await client.command(sql`ALTER TABLE ${sql.raw(table)} MODIFY COMMENT ${sql.raw(`'${comment}'`)}`)
  }
}

/** The plan's fingerprint. */
function describePlan(plan: RetentionPlan, keep: Keep): string {
  const keepMs = keeper(plan, keep)
  const tenants = tenantsOf(plan).map(([tenant, retention]) => [tenant, seconds(keepMs(retention))])
  return createHash('sha256')
    .update(JSON.stringify([RULES, seconds(keepMs(plan.others)), tenants]))
    .digest('hex')
}

function ttlRules(plan: RetentionPlan, keep: Keep, from: string): Sql[] {
  const after = (ms: number): Sql => sql`toDateTime(${sql.raw(from)}) + toIntervalSecond(${u64(Number(seconds(ms)))})`
  const keepMs = keeper(plan, keep)
  const tenants = tenantsOf(plan)
  const named = tenants.map(
    ([tenant, retention]) => sql`${after(keepMs(retention))} DELETE WHERE tenant_id = ${str(tenant)}`,
  )
  const isOther = sql.and(tenants.map(([tenant]) => sql`tenant_id != ${str(tenant)}`))
  return [...named, sql`${after(keepMs(plan.others))} DELETE WHERE ${isOther}`]
}

function keeper({ rollups = {} }: RetentionPlan, keep: Keep): (retention: Retention) => number {
  return (retention) => keep(retention, rollups)
}

function tenantsOf(plan: RetentionPlan): readonly (readonly [string, Retention])[] {
  const tenants = Object.entries(plan.tenants).sort(([a], [b]) => (a < b ? -1 : 1))
  const bad = tenants.find(([tenant]) => !isTenantId(tenant))
  if (bad !== undefined) throw new AppError('invalid', `retention: '${bad[0]}' is no tenant id`)
  return tenants
}

function seconds(ms: number): string {
  return String(Math.min(LONGEST_S, Math.round(ms / 1000)))
}
