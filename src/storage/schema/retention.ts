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
}

const DAY_OF_ARRIVAL = "toDateTime64(received, 3, 'UTC')"

/**
 * From when a row's age counts: the later of its own time and its arrival, so that what is old when it comes is kept as
 * long as what is new. Series and streams live as long as there can be samples or lines of theirs.
 */
const TABLES: readonly { readonly table: string; readonly from: string; readonly signal: keyof Retention }[] = [
  { table: 'samples', from: `greatest(time, ${DAY_OF_ARRIVAL})`, signal: 'metrics' },
  { table: 'histograms', from: `greatest(time, ${DAY_OF_ARRIVAL})`, signal: 'metrics' },
  { table: 'sample_starts', from: `greatest(time, ${DAY_OF_ARRIVAL})`, signal: 'metrics' },
  { table: 'exemplars', from: `greatest(time, ${DAY_OF_ARRIVAL})`, signal: 'metrics' },
  { table: 'series', from: `greatest(last_seen, ${DAY_OF_ARRIVAL})`, signal: 'metrics' },
  { table: 'logs', from: 'greatest(time, hub_received_at)', signal: 'logs' },
  { table: 'log_streams', from: `greatest(last_seen, ${DAY_OF_ARRIVAL})`, signal: 'logs' },
  { table: 'spans', from: 'greatest(time, hub_received_at)', signal: 'traces' },
  { table: 'traces', from: `greatest(end, ${DAY_OF_ARRIVAL})`, signal: 'traces' },
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
  for (const { table, from, signal } of TABLES) {
    const comment = describePlan(plan, signal)
    if (comments.get(table) === comment) continue
    const ttl = sql.join(ttlRules(plan, signal, from), ', ')
    await client.command(sql`ALTER TABLE ${sql.raw(table)} MODIFY TTL ${ttl}`)
    // A comment must be a literal; this one is ours and has hexadecimal digits only.
    await client.command(sql`ALTER TABLE ${sql.raw(table)} MODIFY COMMENT ${sql.raw(`'${comment}'`)}`)
  }
}

/** The plan's fingerprint. */
function describePlan(plan: RetentionPlan, signal: keyof Retention): string {
  const tenants = tenantsOf(plan).map(([tenant, retention]) => [tenant, seconds(retention[signal])])
  return createHash('sha256')
    .update(JSON.stringify([RULES, seconds(plan.others[signal]), tenants]))
    .digest('hex')
}

function ttlRules(plan: RetentionPlan, signal: keyof Retention, from: string): Sql[] {
  const after = (ms: number): Sql => sql`toDateTime(${sql.raw(from)}) + toIntervalSecond(${u64(Number(seconds(ms)))})`
  const tenants = tenantsOf(plan)
  const named = tenants.map(
    ([tenant, retention]) => sql`${after(retention[signal])} DELETE WHERE tenant_id = ${str(tenant)}`,
  )
  const isOther = sql.and(tenants.map(([tenant]) => sql`tenant_id != ${str(tenant)}`))
  return [...named, sql`${after(plan.others[signal])} DELETE WHERE ${isOther}`]
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
