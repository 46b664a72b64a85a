import type { LedgerTotals } from '../fleet/index.ts'
import { decodeRecord } from '../pipeline/index.ts'
import { type DurableLog, openLogReader } from '../queue/index.ts'
import { type LedgerEntry, readLedger, type StoreClient } from '../storage/index.ts'

const READ_BYTES = 4 * 1024 * 1024

/**
 * What the books say at a start: the engine's ledger has what was stored and rejected; what the hub's log holds behind
 * the store's cursor was accepted too.
 */
export async function readBooks(
  client: StoreClient,
  durableLog: DurableLog,
  position: number,
  signal: AbortSignal,
): Promise<readonly LedgerTotals[]> {
  const waiting = await countWaiting(durableLog, position, signal)
  const entries = new Map((await readLedger(client, signal)).map((entry) => [entry.cluster, entry]))
  return [...new Set([...entries.keys(), ...waiting.keys()])].map((cluster) =>
    toTotals(cluster, entries.get(cluster), waiting.get(cluster) ?? 0),
  )
}

function toTotals(cluster: string, entry: LedgerEntry | undefined, waiting: number): LedgerTotals {
  const { items = 0, rejected = 0 } = entry ?? {}
  return { cluster, accepted: items + waiting, stored: items - rejected, rejected }
}

/** Items per cluster in the records from `position` on. */
async function countWaiting(
  durableLog: DurableLog,
  position: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { dir, durable, durableEnd } = durableLog
  const items = new Map<string, number>()
  const reader = await openLogReader({ dir, durable, from: position })
  try {
    while (reader.position < durableEnd && !signal.aborted) {
      for (const { sequence, bytes } of await reader.next({
        maxRecords: 1_000,
        maxBytes: READ_BYTES,
        waitMs: 0,
        signal,
      })) {
        if (sequence < durableEnd) addItems(items, bytes)
      }
    }
  } finally {
    await reader.close()
  }
  return items
}

function addItems(items: Map<string, number>, bytes: Uint8Array): void {
  try {
    const { envelope } = decodeRecord(bytes)
    items.set(envelope.identity.cluster, (items.get(envelope.identity.cluster) ?? 0) + envelope.items)
  } catch {
    // No batch: the store writer will put it among the dead letters and count it.
  }
}
