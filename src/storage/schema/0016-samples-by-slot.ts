import type { Migration } from './migration.ts'

const SETTINGS = `non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  index_granularity = 1024, min_compress_block_size = 16384`

/**
 * Rows of samples by slots of a quarter of an hour, and in these by series. What is older is read packed, so rows are read
 * for the last minutes, of some series or of all: with series first these lay in as many places as there are series, and
 * the last minutes of all were found by reading all of the day.
 *
 * The order of a table cannot be changed, so rows are copied: about a minute for a hundred million. The hub takes telemetry in
 * meanwhile. After a crash in the middle this begins anew; nothing is lost, since the old table is dropped last.
 */
export const samplesBySlot: Migration = {
  number: 16,
  title: 'samples by slots of time',
  statements: [
    'DROP TABLE IF EXISTS samples_by_slot SYNC',
    `CREATE TABLE samples_by_slot (
      tenant_id LowCardinality(String),
      slot UInt32 MATERIALIZED toUInt32(greatest(0, intDiv(toUnixTimestamp64Milli(time) + 899999, 900000)))
        CODEC(Delta, ZSTD(1)),
      series UInt64 CODEC(ZSTD(1)),
      time DateTime64(3) CODEC(Delta, ZSTD(1)),
      value Float64 CODEC(ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1)),
      received Date DEFAULT toDate(time) CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version) PARTITION BY toDate(time) ORDER BY (tenant_id, slot, series, time)
    SETTINGS ${SETTINGS}`,
    `INSERT INTO samples_by_slot (tenant_id, series, time, value, version, received)
    SELECT tenant_id, series, time, value, version, received FROM samples
    SETTINGS max_partitions_per_insert_block = 0, max_execution_time = 0`,
    'EXCHANGE TABLES samples AND samples_by_slot',
    'DROP TABLE samples_by_slot SYNC',
  ],
}
