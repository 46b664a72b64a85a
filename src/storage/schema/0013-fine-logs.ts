import type { Migration } from './migration.ts'

/**
 * Log lines in granules of 1,024 rows instead of 8,192, as `0011-fine-samples.ts` has it of samples. Of each service in
 * each cluster at least one granule is read, all columns of it, and the newest lines of a namespace are of many. Measured
 * on 1.5 million lines of 192 services and clusters: the last 100 of a namespace take 60 ms of processor time instead
 * of 170, an hour of one 22 instead of 55, writing the same; a line takes a byte more.
 */
export const fineLogs: Migration = {
  number: 13,
  title: 'log lines in finer granules',
  statements: [
    // Lines are not merged where there are two of them, so what a crash left half done is begun anew.
    'DROP TABLE IF EXISTS logs_fine SYNC',
    `CREATE TABLE IF NOT EXISTS logs_fine AS logs
    ENGINE = MergeTree PARTITION BY toDate(time) ORDER BY (tenant_id, cluster, service_name, time)
    SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
      index_granularity = 1024, min_compress_block_size = 16384`,
    "ALTER TABLE logs_fine MODIFY COMMENT ''",
    'ALTER TABLE logs_fine ATTACH PARTITION ALL FROM logs',
    'EXCHANGE TABLES logs AND logs_fine',
    'DROP TABLE IF EXISTS logs_fine SYNC',
  ],
}
