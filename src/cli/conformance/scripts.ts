import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError, createMetrics, messageOf, silentLogger, systemClock } from '../../core/index.ts'
import { createEngineSupervisor, createStoreClient, migrate, type StoreClient } from '../../storage/index.ts'

export interface SuiteResult {
  readonly cases: number
  readonly failures: readonly string[]
}

interface ScriptCase {
  readonly line: number
  readonly query: string
  /** '' when it holds. */
  readonly problem: string
}

const SHUTDOWN_MS = 10_000

/** Runs every `.test` script of a directory; one that cannot be run is a case that failed. */
export async function runScriptFiles(
  directory: string,
  run: (script: string) => Promise<readonly ScriptCase[]>,
): Promise<SuiteResult> {
  let count = 0
  const failures: string[] = []
  for (const file of await listScripts(directory)) {
    try {
      const cases = await run(await readFile(path.join(directory, file), 'utf8'))
      count += cases.length
      for (const { line, query, problem } of cases) {
        if (problem !== '') failures.push(`${file}:${String(line)}: ${query}: ${problem}`)
      }
    } catch (reason) {
      count += 1
      failures.push(`${file}: the script could not be run: ${messageOf(reason)}`)
    }
  }
  return { cases: count, failures }
}

async function listScripts(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.test')).sort()
  } catch (reason) {
    throw AppError.from(reason, 'invalid', `list the scripts in ${directory}`)
  }
}

/** An engine of its own in a temporary directory, gone when this is done. */
export async function withEngine<T>(use: (client: StoreClient) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), 'fleetglass-conformance-'))
  const log = silentLogger()
  const supervisor = createEngineSupervisor({ dir, log, metrics: createMetrics(), clock: systemClock })
  try {
    await supervisor.start(new AbortController().signal)
    const client = createStoreClient(supervisor.connection)
    try {
      await migrate(client, log)
      return await use(client)
    } finally {
      await client.close()
    }
  } finally {
    await supervisor.shutdown(AbortSignal.timeout(SHUTDOWN_MS))
    await rm(dir, { recursive: true, force: true })
  }
}
