import type { Migration } from './migration.ts'

/**
 * Attribute values are kept as text that remembers its type ("tagged text", see `../tagged-text.ts`), so that one map
 * column serves all types and equality on strings needs no decoding.
 */
const ATTRIBUTES = 'Map(LowCardinality(String), String) CODEC(ZSTD(1))'
const NAME = 'LowCardinality(String)'

/**
 * Retried inserts carry a token; a plain MergeTree forgets tokens unless told how many to keep. An insert that was
 * answered is on the disk: the cursor of the log moves on after it, and a power cut must not take it back.
 */
const EXACTLY_ONCE = 'non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1'

const IDENTITY = `
  tenant_id ${NAME},
  cluster ${NAME},
  environment ${NAME},
  region ${NAME},
  cluster_type ${NAME}`

export const initial: Migration = {
  number: 1,
  title: 'metrics, logs, traces and the ledger',
  statements: [
    // Labels without __name__, canonical ones in. first_seen and last_seen bound the times of the series' samples, widened
    // by up to an hour so that one row an hour is enough; hub_received_at is when the hub first saw the series.
    `CREATE TABLE IF NOT EXISTS series (
      tenant_id ${NAME},
      name ${NAME},
      id UInt64,
      cluster SimpleAggregateFunction(any, ${NAME}),
      labels SimpleAggregateFunction(any, Map(String, String)) CODEC(ZSTD(1)),
      first_seen SimpleAggregateFunction(min, DateTime64(3)),
      last_seen SimpleAggregateFunction(max, DateTime64(3)),
      hub_received_at SimpleAggregateFunction(min, DateTime64(3))
    ) ENGINE = AggregatingMergeTree ORDER BY (tenant_id, name, id) SETTINGS ${EXACTLY_ONCE}`,

    // The last write wins: version is the hub's log sequence of the batch, so a replay has the same.
    `CREATE TABLE IF NOT EXISTS samples (
      tenant_id ${NAME},
      series UInt64 CODEC(Delta, ZSTD(1)),
      time DateTime64(3) CODEC(DoubleDelta, ZSTD(1)),
      value Float64 CODEC(Gorilla, ZSTD(1)),
      version UInt64 CODEC(Delta, ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version) PARTITION BY toDate(time) ORDER BY (tenant_id, series, time)
    SETTINGS ${EXACTLY_ONCE}`,

    // Native histograms, integer or float; bucket counts are absolute, spans as in remote write 2.0.
    `CREATE TABLE IF NOT EXISTS histograms (
      tenant_id ${NAME},
      series UInt64 CODEC(Delta, ZSTD(1)),
      time DateTime64(3) CODEC(DoubleDelta, ZSTD(1)),
      version UInt64 CODEC(Delta, ZSTD(1)),
      schema Int8,
      reset_hint UInt8,
      is_float Bool,
      count Float64 CODEC(Gorilla, ZSTD(1)),
      sum Float64 CODEC(Gorilla, ZSTD(1)),
      zero_threshold Float64,
      zero_count Float64,
      positive_offsets Array(Int32),
      positive_lengths Array(UInt32),
      positive_counts Array(Float64) CODEC(ZSTD(1)),
      negative_offsets Array(Int32),
      negative_lengths Array(UInt32),
      negative_counts Array(Float64) CODEC(ZSTD(1)),
      custom_values Array(Float64)
    ) ENGINE = ReplacingMergeTree(version) PARTITION BY toDate(time) ORDER BY (tenant_id, series, time)
    SETTINGS ${EXACTLY_ONCE}`,

    `CREATE TABLE IF NOT EXISTS exemplars (
      tenant_id ${NAME},
      series UInt64,
      time DateTime64(3),
      value Float64,
      trace_id String,
      labels Map(${NAME}, String)
    ) ENGINE = ReplacingMergeTree PARTITION BY toDate(time) ORDER BY (tenant_id, series, time, trace_id)
    SETTINGS ${EXACTLY_ONCE}`,

    `CREATE TABLE IF NOT EXISTS metric_metadata (
      tenant_id ${NAME},
      name ${NAME},
      type ${NAME},
      unit ${NAME},
      help String,
      last_seen DateTime64(3)
    ) ENGINE = ReplacingMergeTree(last_seen) ORDER BY (tenant_id, name, type, unit, help) SETTINGS ${EXACTLY_ONCE}`,

    // What Loki calls a stream: one set of index labels. A record points to it by id. Times are bounds as in series.
    `CREATE TABLE IF NOT EXISTS log_streams (
      tenant_id ${NAME},
      id UInt64,
      cluster SimpleAggregateFunction(any, ${NAME}),
      labels SimpleAggregateFunction(any, Map(String, String)) CODEC(ZSTD(1)),
      first_seen SimpleAggregateFunction(min, DateTime64(3)),
      last_seen SimpleAggregateFunction(max, DateTime64(3))
    ) ENGINE = AggregatingMergeTree ORDER BY (tenant_id, id) SETTINGS ${EXACTLY_ONCE}`,

    `CREATE TABLE IF NOT EXISTS logs (${IDENTITY},
      service_name ${NAME},
      stream UInt64,
      time DateTime64(9) CODEC(Delta, ZSTD(1)),
      observed_time DateTime64(9) CODEC(Delta, ZSTD(1)),
      hub_received_at DateTime64(3) CODEC(Delta, ZSTD(1)),
      severity_number UInt8,
      severity_text ${NAME},
      event_name ${NAME},
      body String CODEC(ZSTD(1)),
      trace_id FixedString(16) CODEC(ZSTD(1)),
      span_id FixedString(8) CODEC(ZSTD(1)),
      flags UInt32,
      scope_name ${NAME},
      scope_version ${NAME},
      scope_attributes ${ATTRIBUTES},
      resource_attributes ${ATTRIBUTES},
      attributes ${ATTRIBUTES},
      dropped_attributes UInt32,
      INDEX body_text body TYPE text(tokenizer = 'splitByNonAlpha'),
      INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1
    ) ENGINE = MergeTree PARTITION BY toDate(time) ORDER BY (tenant_id, cluster, service_name, time)
    SETTINGS ${EXACTLY_ONCE}`,

    `CREATE TABLE IF NOT EXISTS spans (${IDENTITY},
      service_name ${NAME},
      name ${NAME},
      kind UInt8,
      trace_id FixedString(16) CODEC(ZSTD(1)),
      span_id FixedString(8) CODEC(ZSTD(1)),
      parent_span_id FixedString(8) CODEC(ZSTD(1)),
      trace_state String,
      flags UInt32,
      time DateTime64(9) CODEC(Delta, ZSTD(1)),
      duration UInt64 CODEC(T64, ZSTD(1)),
      hub_received_at DateTime64(3) CODEC(Delta, ZSTD(1)),
      status_code UInt8,
      status_message String,
      scope_name ${NAME},
      scope_version ${NAME},
      scope_attributes ${ATTRIBUTES},
      resource_attributes ${ATTRIBUTES},
      attributes ${ATTRIBUTES},
      event_times Array(DateTime64(9)),
      event_names Array(${NAME}),
      event_attributes Array(Map(${NAME}, String)),
      link_trace_ids Array(FixedString(16)),
      link_span_ids Array(FixedString(8)),
      link_trace_states Array(String),
      link_attributes Array(Map(${NAME}, String)),
      dropped_attributes UInt32,
      dropped_events UInt32,
      dropped_links UInt32,
      INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
      INDEX duration_range duration TYPE minmax GRANULARITY 1
    ) ENGINE = MergeTree PARTITION BY toDate(time) ORDER BY (tenant_id, cluster, service_name, time)
    SETTINGS ${EXACTLY_ONCE}`,

    // Where in time to look for a trace, so that look-up by id touches a few granules only.
    `CREATE TABLE IF NOT EXISTS traces (
      tenant_id ${NAME},
      trace_id FixedString(16),
      start SimpleAggregateFunction(min, DateTime64(9)),
      end SimpleAggregateFunction(max, DateTime64(9))
    ) ENGINE = AggregatingMergeTree PARTITION BY toDate(start) ORDER BY (tenant_id, trace_id)
    SETTINGS ${EXACTLY_ONCE}`,

    // One row a flush, source and signal: what was stored, and how long after it was collected.
    `CREATE TABLE IF NOT EXISTS ledger (
      tenant_id ${NAME},
      cluster ${NAME},
      edge ${NAME},
      epoch String,
      signal ${NAME},
      time DateTime64(3),
      first_sequence UInt64,
      last_sequence UInt64,
      batches UInt64,
      items UInt64,
      rows UInt64,
      rejected Map(${NAME}, UInt64),
      lag_ms_max UInt64
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (tenant_id, cluster, signal, edge, time)
    SETTINGS ${EXACTLY_ONCE}`,
  ],
}
