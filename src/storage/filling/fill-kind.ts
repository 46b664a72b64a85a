/**
 * Something that is made of samples by units of time: hours that are rolled up, slots that are packed. A unit is called
 * by its end: n is the end of (n - 1, n], in units since the epoch.
 */
export interface FillKind {
  readonly unitMs: number
  /** How long after its end a unit may be begun: what comes later is noted in `lateTable`. */
  readonly closedAfterMs: number
  /** Late samples mostly come one batch after the other: for so long none must have come before they are looked at. */
  readonly quietMs: number
  /** Whether units for which samples are coming late are not begun until that is over. */
  readonly waitsForQuiet: boolean
  /** What a unit is called in the tables. */
  readonly unit: 'hour' | 'slot'
  /**
   * Says since when (by the engine's clock) a unit is done: for all tenants in rows of tenant '', and again for one of
   * which samples came late. Columns: the unit, `tenant_id`, `filled`.
   */
  readonly doneTable: 'rollup_hours' | 'packed_slots'
  /** Says when samples of units came late. Columns: `tenant_id`, the unit, `noted`. */
  readonly lateTable: 'late_hours' | 'late_slots'
}
