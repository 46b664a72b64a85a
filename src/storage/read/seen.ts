import type { TimeRange } from '../../model/index.ts'
import { sql, type Sql, timeMs } from '../sql.ts'

/** Series or streams that may have samples or lines in the range: their bounds are widened by up to an hour. */
export function seenIn(range: TimeRange): Sql {
  return sql`last_seen >= ${timeMs(range.startMs)} AND first_seen <= ${timeMs(range.endMs)}`
}
