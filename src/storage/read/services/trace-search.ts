import type { Scope } from '../../../model/index.ts'
import type { TraceQuery } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { sql, timeNs, u64 } from '../../sql.ts'
import { hexOf, queryBlocks } from '../rows.ts'
import { inScope } from '../scope.ts'
import { timeSlices } from '../time-slices.ts'
import { passes } from './predicate-sql.ts'

/**
 * The newest matching traces. The range is read in slices from its end, so that a search for common things over a day
 * ends after minutes of it; a trace found in a newer slice can only be met again in an older one.
 */
export async function findTraceIds(
  client: StoreClient,
  scope: Scope,
  { predicate, startNs, endNs, limit }: TraceQuery,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = new Set<string>()
  const range = { startNs, endNs: endNs + 1n }
  for (const slice of timeSlices(range, 'backward')) {
    if (found.size >= limit) break
    const blocks = await queryBlocks(
      client,
      sql`SELECT trace_id FROM spans
        WHERE ${inScope(scope)} AND time >= ${timeNs(slice.startNs)} AND time < ${timeNs(slice.endNs)}
          AND (${passes(predicate)})
        GROUP BY trace_id ORDER BY max(time) DESC, trace_id LIMIT ${u64(limit)}`,
      signal,
    )
    for (const block of blocks) {
      const id = hexOf(block, 'trace_id')
      for (let row = 0; row < block.rows; row++) if (found.size < limit) found.add(id(row))
    }
  }
  return [...found]
}
