import type { Migration } from './migration.ts'

const EXACTLY_ONCE = 'non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1'

/**
 * Samples packed by series and slots of a quarter of an hour (see `../packed/chunk.ts`): a row for some sixty samples, read
 * in a tenth of the time. Series of a metric stand side by side (`metric` is 32 bits of a hash of its name), because that
 * is what is asked for. `slot` is the end of the slot, in slots since 1970; a slot with very many samples has several
 * parts. The row that was written last counts.
 *
 * `packed_slots` and `late_slots` are for slots what `rollup_hours` and `late_hours` are for hours.
 */
export const packedSamples: Migration = {
  number: 15,
  title: 'packed samples',
  statements: [
    `CREATE TABLE IF NOT EXISTS packed_samples (
      tenant_id LowCardinality(String),
      metric UInt32 CODEC(ZSTD(1)),
      series UInt64 CODEC(ZSTD(1)),
      slot UInt32 CODEC(Delta, ZSTD(1)),
      part UInt8 CODEC(ZSTD(1)),
      data String CODEC(ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1)),
      received Date CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version) PARTITION BY toDate(toDateTime(slot * 900 - 1, 'UTC'))
    ORDER BY (tenant_id, metric, series, slot, part)
    SETTINGS ${EXACTLY_ONCE}, index_granularity = 128, min_compress_block_size = 16384`,
    `CREATE TABLE IF NOT EXISTS packed_slots (
      slot UInt32,
      tenant_id LowCardinality(String),
      filled SimpleAggregateFunction(max, DateTime64(3))
    ) ENGINE = AggregatingMergeTree ORDER BY (slot, tenant_id) SETTINGS ${EXACTLY_ONCE}`,
    `CREATE TABLE IF NOT EXISTS late_slots (
      tenant_id LowCardinality(String),
      slot UInt32,
      noted SimpleAggregateFunction(max, DateTime64(3)) DEFAULT now64(3)
    ) ENGINE = AggregatingMergeTree ORDER BY (tenant_id, slot) SETTINGS ${EXACTLY_ONCE}`,
  ],
}
