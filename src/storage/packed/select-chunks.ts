import type { Scope, TimeRange } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { filledStretch } from '../filling/fill-state.ts'
import { sql, type Sql, strArray, u64, u64Array } from '../sql.ts'
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
      : sql`metric IN arrayMap(name -> toUInt32(cityHash64(name)), ${strArray([...names])})`
  return sql`SELECT toUInt32(bitShiftRight(series, ${u64(shift)})) AS tag, slot, part, toFloat64(version) AS version, data
    FROM packed_samples WHERE ${tenants} AND ${metric} AND series IN ${u64Array(ids)}
      AND slot >= ${u64(first)} AND slot <= ${u64(last)}`
}

/** The part of a range that is to be read packed; undefined if there is none, or too little to ask for it. */
export async function packedStretch(
  client: StoreClient,
  scope: Scope,
  range: TimeRange,
  nowMs: number,
  signal: AbortSignal,
): Promise<TimeRange | undefined> {
  // What is that young cannot be packed, and what is so short is read as fast as it would be asked for.
  if (range.startMs > nowMs - SLOT_MS - LATE_FOR_SLOT_MS || range.endMs <= 0) return undefined
  const packed = await filledStretch(client, SLOTS, scope, range, signal)
  return packed !== undefined && packed.endMs - packed.startMs >= MIN_STRETCH_MS ? packed : undefined
}

const MIN_STRETCH_MS = 120_000
