import type { Migration } from './migration.ts'

/**
 * When the counter of a sample, float or histogram, began to count. Few senders say so, so this is no column of the
 * samples: who does not ask for starts does not read them, and samples without one cost nothing.
 */
export const sampleStarts: Migration = {
  number: 4,
  title: 'start times of samples',
  statements: [
    `CREATE TABLE IF NOT EXISTS sample_starts (
      tenant_id LowCardinality(String),
      series UInt64 CODEC(ZSTD(1)),
      time DateTime64(3) CODEC(Delta, ZSTD(1)),
      start DateTime64(3) CODEC(Delta, ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version) PARTITION BY toDate(time) ORDER BY (tenant_id, series, time)
    SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
}
