import type { LateArrival, LateSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { i64, sql, str } from '../sql.ts'

/**
 * What the store's writers note of late samples. A writer stores its flushes one after the other, so the highest sequence
 * seen of each log says what there is to read.
 */
export function createLateSamples(client: StoreClient): LateSamples {
  let seen: Map<string, number> | undefined
  return {
    next: async (signal) => {
      const newest = await queryJson<{ epoch: string; sequence: number }>(
        client,
        sql`SELECT epoch, toFloat64(max(sequence)) AS sequence FROM late_samples GROUP BY epoch`,
        signal,
      )
      const before = seen
      const read = new Map(before)
      const arrivals: LateArrival[] = []
      for (const { epoch, sequence } of newest) {
        const after = before?.get(epoch) ?? -1
        if (before !== undefined && sequence > after) arrivals.push(...(await readAfter(epoch, after, signal)))
        read.set(epoch, Math.max(after, sequence))
      }
      // Only now: a call that failed has told nothing.
      seen = read
      return arrivals
    },
  }

  /** Rows that came meanwhile may be among them; they are told once more by the next call. */
  async function readAfter(epoch: string, sequence: number, signal: AbortSignal): Promise<readonly LateArrival[]> {
    return await queryJson<LateArrival>(
      client,
      sql`SELECT tenant_id AS tenant, toFloat64(toUnixTimestamp64Milli(min(first))) AS firstMs FROM late_samples
        WHERE epoch = ${str(epoch)} AND toInt64(sequence) > ${i64(sequence)} GROUP BY tenant_id`,
      signal,
    )
  }
}
