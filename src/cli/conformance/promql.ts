import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError, createMetrics, messageOf, silentLogger, systemClock } from '../../core/index.ts'
import { createMemoryScriptStore, type QueryPlan, runScript, type ScriptStore } from '../../query/index.ts'
import { createEngineSupervisor, createStoreClient, migrate } from '../../storage/index.ts'
import { createEngineScriptStore } from './engine-script-store.ts'

const SHUTDOWN_MS = 10_000

/** Runs every `.test` script of a directory against series in memory. */
export async function runPromqlInMemory(
  directory: string,
  plan: QueryPlan,
): Promise<{ cases: number; failures: string[] }> {
  return await runScripts(directory, withPlan(createMemoryScriptStore(), plan), new AbortController().signal)
}

/** The same through the store: an engine of its own in a temporary directory, gone when this is done. */
export async function runPromql(directory: string, plan: QueryPlan): Promise<{ cases: number; failures: string[] }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'fleetglass-conformance-'))
  const log = silentLogger()
  const supervisor = createEngineSupervisor({ dir, log, metrics: createMetrics(), clock: systemClock })
  const { signal } = new AbortController()
  try {
    await supervisor.start(signal)
    const client = createStoreClient(supervisor.connection)
    try {
      await migrate(client, log)
      return await runScripts(directory, withPlan(createEngineScriptStore(client, signal), plan), signal)
    } finally {
      await client.close()
    }
  } finally {
    await supervisor.shutdown(AbortSignal.timeout(SHUTDOWN_MS))
    await rm(dir, { recursive: true, force: true })
  }
}

function withPlan(store: ScriptStore, plan: QueryPlan): ScriptStore {
  return {
    plan,
    load: (series) => store.load(series),
    clear: () => store.clear(),
    get source() {
      return store.source
    },
    get scope() {
      return store.scope
    },
  }
}

async function runScripts(
  directory: string,
  store: ScriptStore,
  signal: AbortSignal,
): Promise<{ cases: number; failures: string[] }> {
  let count = 0
  const failures: string[] = []
  for (const file of await listScripts(directory)) {
    try {
      const cases = await runScript(await readFile(path.join(directory, file), 'utf8'), store, signal)
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
