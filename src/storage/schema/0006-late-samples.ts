import type { Migration } from './migration.ts'

/**
 * A row for each flush and tenant whose samples were older than they should be when they could be read: what was
 * calculated before without them has to be calculated again, from `first` on. It is written after the samples. Nothing
 * is remembered for as long as a row stays.
 */
export const lateSamples: Migration = {
  number: 6,
  title: 'samples that came late',
  statements: [
    `CREATE TABLE IF NOT EXISTS late_samples (
      epoch String,
      sequence UInt64,
      tenant_id LowCardinality(String),
      first DateTime64(3),
      noted_at DateTime DEFAULT now()
    ) ENGINE = MergeTree ORDER BY (epoch, sequence) TTL noted_at + INTERVAL 1 DAY
    SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
}
