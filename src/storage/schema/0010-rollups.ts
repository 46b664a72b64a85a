import type { Migration } from './migration.ts'

const EXACTLY_ONCE = 'non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1'
const COUNT = 'UInt32 CODEC(ZSTD(1))'
const VALUE = 'Float64 CODEC(ZSTD(1))'

/**
 * What is known of the samples of a series in (end - size, end]. `bucket` is that end, in seconds since the epoch,
 * because that is what windows are compared with; times within are milliseconds from its beginning. The last that was
 * calculated counts.
 */
const buckets = (table: string): string => `CREATE TABLE IF NOT EXISTS ${table} (
  tenant_id LowCardinality(String),
  series UInt64 CODEC(ZSTD(1)),
  bucket UInt32 CODEC(Delta, ZSTD(1)),
  count ${COUNT},
  stale ${COUNT},
  ends_stale UInt8 CODEC(ZSTD(1)),
  first_at ${COUNT},
  last_at ${COUNT},
  first ${VALUE},
  last ${VALUE},
  min ${VALUE},
  max ${VALUE},
  sum ${VALUE},
  dropped ${VALUE},
  resets ${COUNT},
  changes ${COUNT},
  version UInt64 CODEC(DoubleDelta, ZSTD(1)),
  received Date CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(toDateTime(bucket, 'UTC'))
ORDER BY (tenant_id, series, bucket) SETTINGS ${EXACTLY_ONCE}`

/**
 * Hours are called by their end, in hours since the epoch. `rollup_hours` says since when (by the engine's clock) an
 * hour is in the buckets: for all tenants in rows of tenant '', and again for one of which samples came late.
 * `late_hours` says when samples of hours came late. An hour whose samples came later than it was rolled up is read
 * from the samples until it was rolled up again.
 */
export const rollups: Migration = {
  number: 10,
  title: 'rollups of samples',
  statements: [
    buckets('rollups_5m'),
    buckets('rollups_1h'),
    `CREATE TABLE IF NOT EXISTS rollup_hours (
      hour UInt32,
      tenant_id LowCardinality(String),
      filled SimpleAggregateFunction(max, DateTime64(3))
    ) ENGINE = AggregatingMergeTree ORDER BY (hour, tenant_id) SETTINGS ${EXACTLY_ONCE}`,
    `CREATE TABLE IF NOT EXISTS late_hours (
      tenant_id LowCardinality(String),
      hour UInt32,
      noted SimpleAggregateFunction(max, DateTime64(3)) DEFAULT now64(3)
    ) ENGINE = AggregatingMergeTree ORDER BY (tenant_id, hour) SETTINGS ${EXACTLY_ONCE}`,
  ],
}
