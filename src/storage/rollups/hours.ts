import type { FillKind } from '../filling/index.ts'

/**
 * An hour is closed when samples that come later are noted as late (`LATE_AFTER_MS`), and five minutes after that, for
 * statements and clocks that are slow.
 */
export const HOURS: FillKind = {
  unitMs: 3_600_000,
  closedAfterMs: 600_000,
  quietMs: 60_000,
  waitsForQuiet: false,
  unit: 'hour',
  doneTable: 'rollup_hours',
  lateTable: 'late_hours',
}
