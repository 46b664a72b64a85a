import { LATE_AFTER_MS } from '../../query/index.ts'
import { type EncodedBlock, encodeTable } from './encoded-block.ts'
import type { FlushRange } from './flush-plan.ts'
import { LateSampleColumns, Table } from './tables.ts'
import type { BatchOutcome } from './transcoder.ts'

/**
 * The rows of `late_samples` of a flush whose samples can be read as of `nowMs`; undefined if none came late. A live
 * flush has none.
 */
export function encodeLate(
  outcomes: readonly BatchOutcome[],
  { epoch, last }: FlushRange,
  nowMs: number,
): EncodedBlock | undefined {
  const oldest = new Map<string, number>()
  for (const { record, oldestMs } of outcomes) {
    const { signal, identity } = record.batch.envelope
    if (signal !== 'metrics' || oldestMs > nowMs - LATE_AFTER_MS) continue
    oldest.set(identity.tenant, Math.min(oldestMs, oldest.get(identity.tenant) ?? Infinity))
  }
  if (oldest.size === 0) return undefined
  const table = new Table('late_samples', new LateSampleColumns())
  for (const [tenant, firstMs] of oldest) {
    const row = table.columns
    row.epoch.pushText(epoch)
    row.sequence.pushInteger(last)
    row.tenant_id.pushText(tenant)
    row.first.pushInteger(firstMs)
  }
  return encodeTable(table)
}
