import type { Migration } from './migration.ts'

const NAME = 'LowCardinality(String)'

/**
 * One row a flush and source, which after two days become one row a day and source: sums are the same at every moment,
 * and the table grows with sources and days only. `log_epoch` names the hub's log that the items came through, so that
 * hubs that share a store know their own. A row of a source without ids has no edge and epoch.
 *
 * It takes the place of `ledger`, whose rows do not say which hub wrote them.
 */
export const ledgerByDay: Migration = {
  number: 2,
  title: 'the ledger by source and day',
  statements: [
    `CREATE TABLE IF NOT EXISTS source_ledger (
      tenant_id ${NAME},
      cluster ${NAME},
      signal ${NAME},
      source ${NAME},
      edge String,
      epoch String,
      log_epoch String,
      day Date DEFAULT toDate(time, 'UTC'),
      time DateTime64(3),
      log_first UInt64,
      log_last UInt64,
      first_sequence UInt64,
      last_sequence UInt64,
      batches UInt64,
      items UInt64,
      rows UInt64,
      rejected Map(String, UInt64),
      lag_ms_max UInt64
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(day)
    PRIMARY KEY (tenant_id, cluster, signal, source, edge, epoch, log_epoch, day)
    ORDER BY (tenant_id, cluster, signal, source, edge, epoch, log_epoch, day, time)
    TTL toDateTime(time) + INTERVAL 2 DAY
      GROUP BY tenant_id, cluster, signal, source, edge, epoch, log_epoch, day
      SET time = max(time), log_first = min(log_first), log_last = max(log_last),
        first_sequence = min(first_sequence), last_sequence = max(last_sequence),
        batches = sum(batches), items = sum(items), rows = sum(rows),
        rejected = sumMap(rejected), lag_ms_max = max(lag_ms_max)
    SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
    'DROP TABLE IF EXISTS ledger',
  ],
}
