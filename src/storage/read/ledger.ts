import type { LedgerSource, Signal } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, strArray } from '../sql.ts'

/** What the ledger says of one source. */
export interface LedgerTotal {
  readonly source: LedgerSource
  readonly batches: number
  /** Items of all flushed batches, with those rejected. */
  readonly items: number
  /** Of these, items that could not become rows, by reason. */
  readonly rejected: Readonly<Record<string, number>>
}

interface TotalRow {
  readonly tenant_id: string
  readonly cluster: string
  readonly signal: Signal
  readonly source: string
  readonly edge: string
  readonly epoch: string
  readonly batches: string
  readonly items: string
  readonly rejected: Readonly<Record<string, string>>
}

const SUMS = sql`sum(batches) AS batches, sum(items) AS items, sumMap(rejected) AS rejected`

/**
 * The ledger of these logs of a hub, summed up by source. It holds counts only, so it needs no scope: the hub reads it
 * for itself, and shows of it what a caller may see.
 */
export async function readLedgerTotals(
  client: StoreClient,
  logEpochs: readonly string[],
  signal?: AbortSignal,
): Promise<readonly LedgerTotal[]> {
  const rows = await queryJson<TotalRow>(
    client,
    sql`SELECT tenant_id, cluster, signal, source, edge, epoch, ${SUMS} FROM source_ledger
      WHERE ${isOf(logEpochs)} GROUP BY tenant_id, cluster, signal, source, edge, epoch`,
    signal,
  )
  return rows.map(({ tenant_id: tenant, cluster, signal: of, source, edge, epoch, batches, items, rejected }) => ({
    source: { tenant, cluster, signal: of, source, edge, epoch },
    batches: Number(batches),
    items: Number(items),
    rejected: Object.fromEntries(Object.entries(rejected).map(([reason, count]) => [reason, Number(count)])),
  }))
}

/** What was stored on one day (UTC), for one tenant, cluster and signal. */
export interface DailyTotal {
  readonly tenant: string
  readonly cluster: string
  readonly signal: Signal
  /** The first moment of the day, ms since the epoch. */
  readonly dayMs: number
  /** Without those rejected. */
  readonly stored: number
}

export async function readDailyTotals(
  client: StoreClient,
  logEpochs: readonly string[],
  signal?: AbortSignal,
): Promise<readonly DailyTotal[]> {
  const rows = await queryJson<{ tenant_id: string; cluster: string; signal: Signal; day_ms: string; stored: string }>(
    client,
    sql`SELECT tenant_id, cluster, signal, toUnixTimestamp(toDateTime(day, 'UTC')) * 1000 AS day_ms,
      sum(items - arraySum(mapValues(rejected))) AS stored FROM source_ledger
      WHERE ${isOf(logEpochs)} GROUP BY tenant_id, cluster, signal, day`,
    signal,
  )
  return rows.map(({ tenant_id: tenant, cluster, signal: of, day_ms, stored }) => {
    return { tenant, cluster, signal: of, dayMs: Number(day_ms), stored: Number(stored) }
  })
}

function isOf(logEpochs: readonly string[]): Sql {
  return sql`has(${strArray(logEpochs)}, log_epoch)`
}
