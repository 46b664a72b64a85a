import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from 'chdb'
import { AppError } from '../../../core/index.ts'
import type { StoreClient } from '../../client.ts'
import { MIGRATIONS } from '../../schema/migrate.ts'

/** ClickHouse inside the test's own process, with the schema in it. One a process: chDB holds one directory. */
export interface ChdbStore {
  readonly client: Pick<StoreClient, 'insertNative'>
  /** The rows of a SELECT. 64-bit integers and times come as text. */
  select(sql: string): readonly Record<string, unknown>[]
  run(sql: string): void
  close(): Promise<void>
}

export async function openChdbStore(): Promise<ChdbStore> {
  const directory = await mkdtemp(join(tmpdir(), 'fleetglass-chdb-'))
  const session = new Session(join(directory, 'db'))
  let files = 0
  const run = (sql: string): void => {
    session.query(sql)
  }
  run("CREATE DATABASE fleetglass; USE fleetglass; SET session_timezone = 'UTC'")
  for (const { statements } of MIGRATIONS) for (const statement of statements) run(`USE fleetglass; ${statement}`)

  const insertNative = async (
    table: string,
    columns: readonly string[],
    block: Uint8Array,
    token: string,
  ): Promise<void> => {
    const path = join(directory, `block-${String(files++)}`)
    await writeFile(path, block)
    const names = columns.join(', ')
    try {
      run(`USE fleetglass; INSERT INTO ${table} (${names}) SELECT ${names} FROM file('${path}', 'Native')
           SETTINGS insert_deduplication_token = '${token}', insert_deduplicate = 1, async_insert = 0`)
    } catch (reason) {
      throw AppError.from(reason, 'invalid', `insert into ${table}`)
    } finally {
      await rm(path)
    }
  }
  const select = (sql: string): readonly Record<string, unknown>[] => {
    const text = session.query(
      `USE fleetglass; ${sql} SETTINGS output_format_json_quote_64bit_integers = 1, session_timezone = 'UTC'`,
      'JSONEachRow',
    )
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return {
    client: { insertNative },
    select,
    run,
    close: async () => {
      session.cleanup()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
