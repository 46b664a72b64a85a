import type { TimeRange } from '../../model/index.ts'
import { SLOT_MS } from '../packed/slots.ts'
import { i64, sql, type Sql, timeMs, u64 } from '../sql.ts'

/**
 * Rows with start < time ≤ end. Days before 1970 wrap around in the key of the partitions, so that the engine leaves
 * out parts that it should read where a range goes over 1970; such a range is compared as numbers, which it does not
 * apply to that key.
 */
export function sampledIn({ startMs, endMs }: TimeRange): Sql {
  if (startMs >= 0 || endMs < 0) return sql`time > ${timeMs(startMs)} AND time <= ${timeMs(endMs)}`
  const ms = sql.raw('toUnixTimestamp64Milli(time)')
  return sql`${ms} > ${i64(Math.floor(startMs))} AND ${ms} <= ${i64(Math.floor(endMs))}`
}

/** The same for table `samples`, which is sorted by slots. */
export function sampleRowsIn(range: TimeRange): Sql {
  const slotOf = (ms: number): Sql => sql`${u64(Math.max(0, Math.ceil(ms / SLOT_MS)))}`
  return sql`slot >= ${slotOf(Math.floor(range.startMs))} AND slot <= ${slotOf(range.endMs)} AND ${sampledIn(range)}`
}
