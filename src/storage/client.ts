import type { Sql } from './sql.ts'

/** Settings of ClickHouse for one statement. */
export type StoreSettings = Readonly<Record<string, string | number>>

export interface StoreQueryOptions {
  /** An output format of ClickHouse: `Native`, `JSONCompactEachRow`, … */
  readonly format: string
  readonly settings?: StoreSettings
  /** Aborting stops the query in the engine too. */
  readonly signal?: AbortSignal
}

/**
 * ClickHouse as the rest of `storage/` sees it, embedded or server: one implementation over `@clickhouse/client`.
 * Errors are AppErrors: `invalid` for a query the engine refuses, `exhausted` past a limit, `timeout`, `cancelled`,
 * `unavailable` (retryable) when the engine does not answer.
 */
export interface StoreClient {
  /** Runs a statement and returns the whole answer in the format's bytes. */
  query(sql: Sql, options: StoreQueryOptions): Promise<Uint8Array>
  /** Runs a statement that has no answer (DDL). */
  command(sql: Sql, settings?: StoreSettings): Promise<void>
  /**
   * Inserts Native blocks. The same token never inserts twice, whatever happened in between; the caller repeats the
   * call with the same bytes until it resolves. Resolving means stored and synced.
   */
  insertNative(table: string, columns: readonly string[], block: Uint8Array, token: string): Promise<void>
  ping(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
