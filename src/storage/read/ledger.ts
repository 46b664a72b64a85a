import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql } from '../sql.ts'

/** What the ledger says of one cluster, over all its edges and signals. */
export interface LedgerEntry {
  readonly cluster: string
  /** Items of all flushed batches, with those rejected. */
  readonly items: number
  /** Of these, items that could not become rows. */
  readonly rejected: number
}

/** The ledger summed up by cluster. It holds counts only, so it needs no scope; the hub reads it for itself. */
export async function readLedger(client: StoreClient, signal: AbortSignal): Promise<readonly LedgerEntry[]> {
  const rows = await queryJson<{ cluster: string; items: string; rejected: string }>(
    client,
    sql`SELECT cluster, sum(items) AS items, sum(arraySum(mapValues(rejected))) AS rejected FROM ledger GROUP BY cluster`,
    signal,
  )
  return rows.map(({ cluster, items, rejected }) => ({ cluster, items: Number(items), rejected: Number(rejected) }))
}
