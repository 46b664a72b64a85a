import { AppError } from '../../core/index.ts'

/** What we use of chDB's sessions. */
export interface ChdbSession {
  queryAsync(text: string, options: { readonly format: string }): Promise<ChdbResult>
  close(): void
}

export interface ChdbResult {
  readonly elapsed: number
  readonly rowsRead: number
  readonly bytesRead: number
  bytes(): Uint8Array
}

/** Opens one more session on the directory; sessions of one directory run their queries side by side. */
export type OpenSession = () => ChdbSession

/**
 * Loads chDB, which is an optional dependency with binaries for a few platforms only, and binds this process to the
 * data directory. `configFile` is a server configuration in ClickHouse's XML.
 */
export async function loadChdb(dataDir: string, configFile: string): Promise<OpenSession> {
  const { Session } = await importChdb()
  return () => {
    try {
      return new Session(dataDir, { connectionArgs: [`--config-file=${configFile}`] })
    } catch (reason) {
      throw AppError.from(reason, 'unavailable', `open the engine's data directory ${dataDir}`)
    }
  }
}

interface ChdbModule {
  readonly Session: new (dataDir: string, options: { readonly connectionArgs: readonly string[] }) => ChdbSession
}

async function importChdb(): Promise<ChdbModule> {
  try {
    return await import('chdb')
  } catch (reason) {
    throw new AppError(
      'unavailable',
      `The embedded engine (chDB) cannot be loaded on ${process.platform}-${process.arch}. It has binaries for Linux ` +
        '(glibc) and macOS on x64 and arm64; "npm ci" installs them unless optional dependencies are left out. ' +
        'Elsewhere use a ClickHouse server: engine: { kind: clickhouse, url: http://… } in the fleet file.',
      { cause: reason, retryable: false },
    )
  }
}
