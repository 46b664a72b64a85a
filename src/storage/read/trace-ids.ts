import { sql, type Sql, strArray } from '../sql.ts'

/** The traces with these ids, 32 hex digits each. In this form the index on trace ids is asked; `has` would not do. */
export function isOneOf(traceIds: readonly string[]): Sql {
  return sql`trace_id IN (SELECT toFixedString(unhex(arrayJoin(${strArray(traceIds)})), 16))`
}
