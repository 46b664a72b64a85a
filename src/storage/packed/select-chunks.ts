import type { Scope, TimeRange } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { filledStretch } from '../filling/fill-state.ts'
import { sql, type Sql, u64, u64Array } from '../sql.ts'
import { metricHash } from './metric-hash.ts'
import { LATE_FOR_SLOT_MS, SLOT_MS, SLOTS } from './slots.ts'

export interface ChunkRequest {
  /** The condition on `tenant_id`. */
  readonly tenants: Sql
  /** Of the metrics of these series. */
  readonly names: ReadonlySet<string>
  readonly ids: readonly bigint[]
  /** A row's `tag` is 32 bits of its id from this one on. */
  readonly shift: number
  readonly range: TimeRange
}

/** More are not named: the series are found without. */
const MAX_NAMES = 200

/** The statement whose answer `ChunkAnswer` takes. */
export function chunksOf({ tenants, names, ids, shift, range }: ChunkRequest): Sql {
  const first = Math.floor(range.startMs / SLOT_MS) + 1
  const last = Math.ceil(range.endMs / SLOT_MS)
  const metric =
    names.size > MAX_NAMES
      ? sql.raw('true')
      : sql`metric IN (${sql.join(
          [...names].map((name) => sql`${u64(metricHash(name))}`),
          ', ',
        )})`
  return sql`SELECT toUInt32(bitShiftRight(series, ${u64(shift)})) AS tag, slot, part, toFloat64(version) AS version, data
    FROM packed_samples WHERE ${tenants} AND ${metric} AND series IN ${u64Array(ids)}
      AND slot >= ${u64(first)} AND slot <= ${u64(last)}`
}

/** Whether it is worth asking which part of a range is packed: what is so young is not, or as good as not. */
export function mayBePacked(range: TimeRange, nowMs: number): boolean {
  return range.startMs <= nowMs - SLOT_MS - LATE_FOR_SLOT_MS && range.endMs > 0
}

/** The part of a range that is to be read packed; undefined if there is none. */
export async function packedStretch(
  client: StoreClient,
  scope: Scope,
  range: TimeRange,
  signal: AbortSignal,
): Promise<TimeRange | undefined> {
  return await filledStretch(client, SLOTS, scope, range, signal)
}
