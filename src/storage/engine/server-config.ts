const MIB = 1024 * 1024

/**
 * The server configuration of the embedded engine. ClickHouse's defaults are those of a large server: its caches
 * alone may grow to several GiB. These make an engine that rests in little memory and answers dashboards from cache.
 */
const SETTINGS: Readonly<Record<string, number>> = {
  mark_cache_size: 128 * MIB,
  index_mark_cache_size: 64 * MIB,
  primary_index_cache_size: 128 * MIB,
  index_uncompressed_cache_size: 0,
  uncompressed_cache_size: 0,
  query_condition_cache_size: 16 * MIB,
  compiled_expression_cache_size: 32 * MIB,
  text_index_tokens_cache_size: 64 * MIB,
  text_index_header_cache_size: 64 * MIB,
  text_index_postings_cache_size: 64 * MIB,
  vector_similarity_index_cache_size: 0,
  unique_key_index_cache_size_bytes: 0,
  parquet_metadata_cache_size: 0,
  iceberg_metadata_files_cache_size: 0,
  max_thread_pool_free_size: 16,
  background_pool_size: 2,
}

/** Inserts and merges do not begin with less space than this: those under way are to come to their end. */
const KEEP_FREE_BYTES = 64 * MIB

export interface ServerLimits {
  /** For all queries and merges together. */
  readonly maxServerMemoryBytes: number
}

/** The configuration as ClickHouse's XML. */
export function renderServerConfig(limits: ServerLimits): string {
  const entries = Object.entries({ ...SETTINGS, max_server_memory_usage: limits.maxServerMemoryBytes })
  const settings = entries.map(([name, value]) => `  <${name}>${String(value)}</${name}>\n`).join('')
  const disk = `<default><keep_free_space_bytes>${String(KEEP_FREE_BYTES)}</keep_free_space_bytes></default>`
  const storage = `  <storage_configuration><disks>${disk}</disks></storage_configuration>\n`
  return `<clickhouse>\n${settings}${storage}</clickhouse>\n`
}
