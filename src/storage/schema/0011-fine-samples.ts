import type { Migration } from './migration.ts'

const FINE_SAMPLES = `non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  index_granularity = 1024, min_compress_block_size = 16384`
const FINE_SERIES = `non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  index_granularity = 512, min_compress_block_size = 16384`

/**
 * Samples in granules of 1,024 rows instead of 8,192, and in compressed blocks that are not much larger. Series are
 * sorted by ids that are hashes, so those of a query lie everywhere, and of each at least a granule is read: of a
 * scrape each 15 s a day is 5,760 rows, and the last five minutes are 20. Measured on 11,000 series and six hours:
 * reading 100 series takes a third of the processor time, 1,000 half, all of them the same, and the table is a
 * little smaller. Its index in memory is eight times as large, 9 bytes for 1,024 samples.
 *
 * Series with the hashes of their labels (name and value), by which those with a certain label are found without reading
 * all the labels of all series, in granules of 512: of 100,000 series in 4 ms instead of 100.
 *
 * The size of granules can only be chosen when a table is made. Parts go over to the new table as they are, without
 * being copied, and get the new size when they are merged. After a crash between the last two statements of a table this
 * is done once more the other way round: nothing is lost, rows are only in the old table's granules again. The comment,
 * which would be taken over, says which retention a table has; that is not.
 */
export const fineSamples: Migration = {
  number: 11,
  title: 'samples and series in finer granules',
  statements: [
    `CREATE TABLE IF NOT EXISTS samples_fine AS samples
    ENGINE = ReplacingMergeTree(version) PARTITION BY toDate(time) ORDER BY (tenant_id, series, time)
    SETTINGS ${FINE_SAMPLES}`,
    "ALTER TABLE samples_fine MODIFY COMMENT ''",
    'ALTER TABLE samples_fine ATTACH PARTITION ALL FROM samples',
    'EXCHANGE TABLES samples AND samples_fine',
    'DROP TABLE IF EXISTS samples_fine SYNC',

    `ALTER TABLE series ADD COLUMN IF NOT EXISTS label_hashes SimpleAggregateFunction(any, Array(UInt32))
      DEFAULT arrayMap((name, value) -> toUInt32(cityHash64(name, value)), mapKeys(labels), mapValues(labels))
      CODEC(ZSTD(1)) AFTER labels`,
    `CREATE TABLE IF NOT EXISTS series_fine AS series
    ENGINE = AggregatingMergeTree ORDER BY (tenant_id, name, id)
    SETTINGS ${FINE_SERIES}`,
    "ALTER TABLE series_fine MODIFY COMMENT ''",
    'ALTER TABLE series_fine ATTACH PARTITION ALL FROM series',
    'EXCHANGE TABLES series AND series_fine',
    'DROP TABLE IF EXISTS series_fine SYNC',
    'ALTER TABLE series MATERIALIZE COLUMN label_hashes',
  ],
}
