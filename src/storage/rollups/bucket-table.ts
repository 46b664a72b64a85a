import type { BucketFact, RollupSizeMs } from '../../query/index.ts'
import { sql, type Sql } from '../sql.ts'

/** The table that holds buckets of a size. */
export function bucketTable(sizeMs: RollupSizeMs): string {
  return sizeMs === 300_000 ? 'rollups_5m' : 'rollups_1h'
}

/** The columns of the facts; times are milliseconds from the beginning of the bucket. */
const COLUMNS: Readonly<Record<Exclude<BucketFact, 'endMs'>, string>> = {
  count: 'count',
  stale: 'stale',
  endsStale: 'ends_stale',
  firstMs: 'first_at',
  first: 'first',
  lastMs: 'last_at',
  last: 'last',
  min: 'min',
  max: 'max',
  sum: 'sum',
  dropped: 'dropped',
  resets: 'resets',
  changes: 'changes',
}

export function columnOf(fact: Exclude<BucketFact, 'endMs'>): string {
  return COLUMNS[fact]
}

/** Rows with start < end of bucket ≤ end. */
export function bucketsIn({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): Sql {
  return sql`bucket > ${seconds(startMs)} AND bucket <= ${seconds(endMs)}`
}

/** Rollups begin with 1970. */
function seconds(ms: number): { readonly type: string; readonly value: string } {
  return { type: 'UInt32', value: String(Math.min(2 ** 32 - 1, Math.max(0, Math.floor(ms / 1000)))) }
}
