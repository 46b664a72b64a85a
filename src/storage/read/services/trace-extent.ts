import { AppError } from '../../../core/index.ts'
import type { Scope } from '../../../model/index.ts'
import type { StoreClient } from '../../client.ts'
import { queryJson } from '../../query-json.ts'
import { sql, type Sql, timeNs } from '../../sql.ts'
import { inScope, inTenants } from '../scope.ts'
import { isOneOf } from '../trace-ids.ts'

const TRACE_ID = /^[0-9a-f]{32}$/

/** The rows of `spans` that belong to these traces, where in time they are; undefined when there are none. */
export async function spansOfTraces(
  client: StoreClient,
  scope: Scope,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Sql | undefined> {
  const wrong = ids.find((id) => !TRACE_ID.test(id))
  if (wrong !== undefined) throw new AppError('invalid', `'${wrong}' is no trace id`)
  if (ids.length === 0) return undefined
  const [row] = await queryJson<{ n: number; start: string; end: string }>(
    client,
    sql`SELECT toUInt32(count()) AS n, toString(toUnixTimestamp64Nano(min(start))) AS start,
        toString(toUnixTimestamp64Nano(max(end))) AS end
      FROM traces WHERE ${inTenants(scope)} AND ${isOneOf(ids)}`,
    signal,
  )
  if (row === undefined || row.n === 0) return undefined
  const { start, end } = row
  return sql`${inScope(scope)} AND time >= ${timeNs(BigInt(start))} AND time <= ${timeNs(BigInt(end))} AND ${isOneOf(ids)}`
}
