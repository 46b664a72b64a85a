import type { StoreClient } from '../client.ts'
import { sql, u64 } from '../sql.ts'
import { bigintOf, numberOf, queryBlocks } from './rows.ts'
import type { SamplesRequest } from './samples.ts'
import { sampledIn } from './sampled-in.ts'
import { inTenants } from './scope.ts'

/** By series and time of the sample, when its counter began to count. */
export type SampleStarts = ReadonlyMap<bigint, ReadonlyMap<number, number>>

export async function fetchStarts(
  client: StoreClient,
  { scope, range, where, maxSamples }: SamplesRequest,
  signal: AbortSignal,
): Promise<SampleStarts> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT series, toFloat64(toUnixTimestamp64Milli(time)) AS ms,
      toFloat64(toUnixTimestamp64Milli(argMax(start, version))) AS start_ms
    FROM sample_starts
    WHERE ${inTenants(scope)} AND ${sampledIn(range)}
      AND series IN (SELECT id FROM series WHERE ${where})
    GROUP BY series, time LIMIT ${u64(maxSamples)}`,
    signal,
  )
  const starts = new Map<bigint, Map<number, number>>()
  for (const block of blocks) {
    const [id, ms, start] = [bigintOf(block, 'series'), numberOf(block, 'ms'), numberOf(block, 'start_ms')]
    for (let row = 0; row < block.rows; row++) {
      const known = starts.get(id(row)) ?? new Map<number, number>()
      starts.set(id(row), known)
      known.set(ms(row), start(row))
    }
  }
  return starts
}

/** The starts beside the times; undefined when none is known. */
export function startsBeside(
  timesMs: Float64Array,
  starts: ReadonlyMap<number, number> | undefined,
): Float64Array | undefined {
  return starts === undefined ? undefined : timesMs.map((time) => starts.get(time) ?? 0)
}
