import { LATE_AFTER_MS } from '../../query/index.ts'
import { type EncodedBlock, encodeTable } from './encoded-block.ts'
import type { FlushRange } from './flush-plan.ts'
import { LateHourColumns, LateSampleColumns, Table } from './tables.ts'
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

/** The rows of `late_hours` for the same: the hours that may have been rolled up without these samples. */
export function encodeLateHours(outcomes: readonly BatchOutcome[], nowMs: number): EncodedBlock | undefined {
  const newest = Math.floor((nowMs - LATE_AFTER_MS) / MS_PER_HOUR)
  const late = new Map<string, Set<number>>()
  for (const { record, hours } of outcomes) {
    const { signal, identity } = record.batch.envelope
    if (signal !== 'metrics') continue
    for (const hour of hours) {
      if (hour > newest || hour <= 0) continue
      const known = late.get(identity.tenant) ?? new Set()
      late.set(identity.tenant, known.add(hour))
    }
  }
  if (late.size === 0) return undefined
  const table = new Table('late_hours', new LateHourColumns())
  for (const [tenant, hours] of late) {
    for (const hour of hours) {
      table.columns.tenant_id.pushText(tenant)
      table.columns.hour.push(hour)
    }
  }
  return encodeTable(table)
}

const MS_PER_HOUR = 3_600_000
