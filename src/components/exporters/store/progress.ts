import type { LedgerSource } from '../../../model/index.ts'
import type { StoredBatch } from '../../../storage/index.ts'

/** What one source has had stored in one flush. */
export interface StoredCount {
  readonly source: LedgerSource
  readonly batches: number
  /** With those rejected. */
  readonly items: number
  /** By reason. */
  readonly rejected: Readonly<Record<string, number>>
  /** From collected to queryable, over the batches of the flush. */
  readonly lagMs: { readonly p50: number; readonly p99: number }
}

/** What a flush has brought. */
export interface StoreProgress {
  /** The next sequence of the log that is not stored yet. */
  readonly position: number
  readonly stored: readonly StoredCount[]
}

/** Sums up the batches of a flush by source. */
export function summarise(position: number, batches: readonly StoredBatch[]): StoreProgress {
  const bySource = new Map<string, StoredBatch[]>()
  for (const batch of batches) {
    const key = JSON.stringify(Object.values(batch.source))
    const known = bySource.get(key)
    if (known === undefined) bySource.set(key, [batch])
    else known.push(batch)
  }
  return { position, stored: [...bySource.values()].flatMap(toCount) }
}

function toCount(batches: readonly StoredBatch[]): readonly StoredCount[] {
  const [first] = batches
  if (first === undefined) return []
  const rejected = new Map<string, number>()
  for (const batch of batches) {
    for (const [reason, items] of batch.rejected) rejected.set(reason, (rejected.get(reason) ?? 0) + items)
  }
  const lags = Float64Array.from(batches, ({ lagMs }) => lagMs).sort()
  const at = (rank: number): number => lags[Math.ceil(rank * lags.length) - 1] ?? 0
  return [
    {
      source: first.source,
      batches: batches.length,
      items: batches.reduce((total, { items }) => total + items, 0),
      rejected: Object.fromEntries(rejected),
      lagMs: { p50: at(0.5), p99: at(0.99) },
    },
  ]
}
