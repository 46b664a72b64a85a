import { Agent } from 'node:http'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { AppError } from '../core/index.ts'
import { askSocket } from './socket-request.ts'
import type { Sql } from './sql.ts'
import { toStoreError } from './store-error.ts'

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
  /** The same, with the answer's bytes as they come: `take` has done with a piece when it returns. */
  read(sql: Sql, options: StoreQueryOptions, take: (piece: Uint8Array) => void): Promise<void>
  /** Runs a statement that has no answer (DDL). */
  command(sql: Sql, settings?: StoreSettings): Promise<void>
  /**
   * Inserts Native blocks. The same token never inserts twice, whatever happened in between; the caller repeats the
   * call with the same bytes until it resolves. Resolving means stored and synced.
   */
  insertNative(table: string, columns: readonly string[], block: Uint8Array, token: string): Promise<void>
  /** Makes the database that all other calls work in, if it is absent. */
  createDatabase(): Promise<void>
  ping(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** The embedded engine's socket, or a ClickHouse server. */
export type StoreConnection =
  | { readonly socketPath: string; readonly database?: string }
  | { readonly url: string; readonly username?: string; readonly password?: string; readonly database?: string }

const DEFAULT_DATABASE = 'fleetglass'

const MAX_CONNECTIONS = 16
/** Longer than any statement may run; what bounds a query are the engine's own limits and the caller's signal. */
const REQUEST_TIMEOUT_MS = 900_000
/** Errors are thrown; the client's own log would repeat them, with the statements. */
const LOG = { level: ClickHouseLogLevel.OFF }
const MANY_ROWS = 1_000_000_000_000

/**
 * One insert is one block, whatever its size: a token then stands for all of it, and a repeated insert is cut into
 * parts in the same way as the first. The number of days in it has no limit either; late data must not block the rest.
 */
const INSERT_SETTINGS: StoreSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  max_insert_block_size: MANY_ROWS,
  min_insert_block_size_rows: MANY_ROWS,
  min_insert_block_size_bytes: MANY_ROWS,
  max_partitions_per_insert_block: 0,
}

const QUERY_SETTINGS: StoreSettings = { cancel_http_readonly_queries_on_client_close: 1 }

export function createStoreClient(connection: StoreConnection): StoreClient {
  return new HttpStoreClient(connection)
}

class HttpStoreClient implements StoreClient {
  readonly #connection: StoreConnection
  readonly #client: ClickHouseClient
  /** Of reading statements, where the engine has a socket. */
  readonly #agent: Agent | undefined

  constructor(connection: StoreConnection) {
    this.#connection = connection
    this.#client = connect(connection, connection.database ?? DEFAULT_DATABASE)
    this.#agent = 'socketPath' in connection ? socketAgent(connection) : undefined
  }

  async query(statement: Sql, options: StoreQueryOptions): Promise<Uint8Array> {
    return this.#run('query', options.signal, async () => readAll(await this.#ask(statement, options), options.signal))
  }

  async read(statement: Sql, options: StoreQueryOptions, take: (piece: Uint8Array) => void): Promise<void> {
    await this.#run('query', options.signal, async () => {
      await readPieces(await this.#ask(statement, options), options.signal, take)
    })
  }

  async command(statement: Sql, settings: StoreSettings = {}): Promise<void> {
    await this.#run('command', undefined, () =>
      this.#exec({ query: statement.text, query_params: statement.params, clickhouse_settings: settings }),
    )
  }

  async insertNative(table: string, columns: readonly string[], block: Uint8Array, token: string): Promise<void> {
    await this.#run(`insert into ${table}`, undefined, () =>
      this.#exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT Native`,
        values: Readable.from([block]),
        clickhouse_settings: { ...INSERT_SETTINGS, insert_deduplication_token: token },
      }),
    )
  }

  async createDatabase(): Promise<void> {
    const name = this.#connection.database ?? DEFAULT_DATABASE
    const client = connect(this.#connection, 'default')
    try {
      await this.#run(`create database ${name}`, undefined, () =>
        client.command({ query: `CREATE DATABASE IF NOT EXISTS ${name}` }),
      )
    } finally {
      await client.close()
    }
  }

  async ping(signal: AbortSignal): Promise<void> {
    const result = await this.#client.ping({ select: false, abort_signal: signal })
    if (!result.success) throw toStoreError(result.error, 'ping', signal)
  }

  async close(): Promise<void> {
    this.#agent?.destroy()
    await this.#client.close()
  }

  async #run<T>(doing: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted()
      return await work()
    } catch (reason) {
      throw toStoreError(reason, doing, signal)
    }
  }

  /** The answer of a reading statement: from the embedded engine without the client's detours. */
  async #ask(statement: Sql, { format, settings, signal }: StoreQueryOptions): Promise<Readable> {
    const query = `${statement.text}\nFORMAT ${format}`
    const all = { ...QUERY_SETTINGS, ...settings }
    if (this.#agent !== undefined) {
      const database = this.#connection.database ?? DEFAULT_DATABASE
      const timeoutMs = REQUEST_TIMEOUT_MS
      return askSocket(this.#agent, { query, params: statement.params, settings: all, database, signal, timeoutMs })
    }
    const request: Exec = { query, query_params: statement.params, clickhouse_settings: all }
    const { stream } = await this.#client.exec(signal === undefined ? request : { ...request, abort_signal: signal })
    return stream
  }

  async #exec(request: Exec): Promise<Uint8Array> {
    const { stream } = await this.#client.exec(request)
    return readAll(stream, request.abort_signal)
  }
}

type Exec = Parameters<ClickHouseClient['exec']>[0]

function connect(connection: StoreConnection, database: string): ClickHouseClient {
  const common = { database, request_timeout: REQUEST_TIMEOUT_MS, max_open_connections: MAX_CONNECTIONS, log: LOG }
  if ('url' in connection) {
    const { url, username, password } = connection
    return createClient({
      ...common,
      url,
      compression: { response: true },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    })
  }
  return createClient({
    ...common,
    url: 'http://engine',
    http_agent: socketAgent(connection),
    set_basic_auth_header: false,
  })
}

function socketAgent({ socketPath }: Extract<StoreConnection, { socketPath: string }>): Agent {
  // The agent hands `socketPath` on to each connection; its types know only TCP.
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS, socketPath }
  return new Agent(options)
}

/** All bytes of an answer. */
async function readAll(stream: Readable, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  await readPieces(stream, signal, (chunk) => chunks.push(chunk))
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

/** Hands on what comes. The client lets go of the signal when the head is there, so it is watched here. */
async function readPieces(
  stream: Readable,
  signal: AbortSignal | undefined,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  const stop = (): void => {
    stream.destroy(new AppError('cancelled', 'the caller went away'))
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    // Not as an iteration: that keeps pieces longer, so that their memory is a matter of the large collector.
    stream.on('data', (piece: Uint8Array) => {
      try {
        take(piece)
      } catch (reason) {
        stream.destroy(AppError.from(reason))
      }
    })
    await finished(stream, { writable: false })
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
