import { type LedgerSource, sourceOf } from '../../model/index.ts'
import { type EncodedBlock, encodeTable } from './encoded-block.ts'
import type { FlushRange } from './flush-plan.ts'
import { LedgerColumns, Table } from './tables.ts'
import type { BatchOutcome } from './transcoder.ts'

/** The sums of one source and signal in one flush. */
interface Entry {
  readonly source: LedgerSource
  firstSequence: number
  lastSequence: number
  batches: number
  items: number
  rows: number
  collectedAtMsMin: number
  readonly rejected: Map<string, number>
}

/**
 * The ledger's rows of a flush: one a source and signal. Sequences are those of the edge's log; for senders without ids
 * those of the hub's own.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>()

  add(outcome: BatchOutcome): void {
    const { envelope } = outcome.record.batch
    const { first, last } = envelope.id ?? { first: outcome.record.sequence, last: outcome.record.sequence }
    const entry = this.#entry(sourceOf(envelope), first)
    entry.firstSequence = Math.min(entry.firstSequence, first)
    entry.lastSequence = Math.max(entry.lastSequence, last)
    entry.batches += 1
    entry.items += envelope.items
    entry.rows += outcome.rows
    entry.collectedAtMsMin = Math.min(entry.collectedAtMsMin, envelope.collectedAtMs)
    for (const [reason, items] of outcome.rejected) {
      entry.rejected.set(reason, (entry.rejected.get(reason) ?? 0) + items)
    }
  }

  /** The rows of this flush, as stored at this time. Undefined when there are none. */
  encode(range: FlushRange, nowMs: number): EncodedBlock | undefined {
    const table = new Table('source_ledger', new LedgerColumns())
    for (const entry of this.#entries.values()) pushEntry(table.columns, entry, range, nowMs)
    return table.block.rows === 0 ? undefined : encodeTable(table)
  }

  #entry(source: LedgerSource, sequence: number): Entry {
    const key = JSON.stringify(Object.values(source))
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const entry: Entry = {
      source,
      firstSequence: sequence,
      lastSequence: sequence,
      batches: 0,
      items: 0,
      rows: 0,
      collectedAtMsMin: Infinity,
      rejected: new Map(),
    }
    this.#entries.set(key, entry)
    return entry
  }
}

function pushEntry(row: LedgerColumns, entry: Entry, range: FlushRange, nowMs: number): void {
  const { tenant, cluster, signal, source, edge, epoch } = entry.source
  row.tenant_id.pushText(tenant)
  row.cluster.pushText(cluster)
  row.signal.pushText(signal)
  row.source.pushText(source)
  row.edge.pushText(edge)
  row.epoch.pushText(epoch)
  row.log_epoch.pushText(range.epoch)
  row.time.pushInteger(nowMs)
  row.log_first.pushInteger(range.first)
  row.log_last.pushInteger(range.last)
  row.first_sequence.pushInteger(entry.firstSequence)
  row.last_sequence.pushInteger(entry.lastSequence)
  row.batches.pushInteger(entry.batches)
  row.items.pushInteger(entry.items)
  row.rows.pushInteger(entry.rows)
  for (const [reason, items] of entry.rejected) {
    row.rejected.keys.pushText(reason)
    row.rejected.values.pushInteger(items)
  }
  row.rejected.endRow()
  // A clock that went back, here or at the edge, makes no negative lag.
  row.lag_ms_max.pushInteger(Math.max(0, nowMs - entry.collectedAtMsMin))
}
