import type { FillKind } from '../filling/index.ts'

/** Samples are packed by slots of so long. A slot is called by its end: n is the end of (n - 1, n], in slots since 1970. */
export const SLOT_MS = 900_000

/** Samples that can be read so long after the end of their slot are noted as late. */
export const LATE_FOR_SLOT_MS = 60_000

/**
 * A slot is packed soon, since what is not packed yet is what most queries look at; another minute is for clocks that
 * differ.
 */
export const SLOTS: FillKind = {
  unitMs: SLOT_MS,
  closedAfterMs: LATE_FOR_SLOT_MS + 60_000,
  quietMs: 20_000,
  waitsForQuiet: true,
  unit: 'slot',
  doneTable: 'packed_slots',
  lateTable: 'late_slots',
}
