import { LATE_AFTER_MS } from '../../query/index.ts'
import { LATE_FOR_SLOT_MS, SLOT_MS } from '../packed/slots.ts'
import { type EncodedBlock, encodeTable } from './encoded-block.ts'
import type { FlushRange } from './flush-plan.ts'
import { LateHourColumns, LateSampleColumns, LateSlotColumns, Table } from './tables.ts'
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
  const table = new Table('late_hours', new LateHourColumns())
  for (const [tenant, hours] of lateUnits(outcomes, newest, (slot) => Math.ceil(slot / SLOTS_PER_HOUR))) {
    for (const hour of hours) {
      table.columns.tenant_id.pushText(tenant)
      table.columns.hour.push(hour)
    }
  }
  return table.block.rows === 0 ? undefined : encodeTable(table)
}

/** The rows of `late_slots`: the slots that may have been packed without these samples. */
export function encodeLateSlots(outcomes: readonly BatchOutcome[], nowMs: number): EncodedBlock | undefined {
  const newest = Math.floor((nowMs - LATE_FOR_SLOT_MS) / SLOT_MS)
  const table = new Table('late_slots', new LateSlotColumns())
  for (const [tenant, slots] of lateUnits(outcomes, newest, (slot) => slot)) {
    for (const slot of slots) {
      table.columns.tenant_id.pushText(tenant)
      table.columns.slot.push(slot)
    }
  }
  return table.block.rows === 0 ? undefined : encodeTable(table)
}

/** By tenant the units up to the newest of which there are samples. */
function lateUnits(
  outcomes: readonly BatchOutcome[],
  newest: number,
  unitOf: (slot: number) => number,
): ReadonlyMap<string, ReadonlySet<number>> {
  const late = new Map<string, Set<number>>()
  for (const { record, slots } of outcomes) {
    const { signal, identity } = record.batch.envelope
    if (signal !== 'metrics') continue
    for (const slot of slots) {
      const unit = unitOf(slot)
      if (unit > newest || unit <= 0) continue
      const known = late.get(identity.tenant) ?? new Set()
      late.set(identity.tenant, known.add(unit))
    }
  }
  return late
}

const MS_PER_HOUR = 3_600_000
const SLOTS_PER_HOUR = MS_PER_HOUR / SLOT_MS
