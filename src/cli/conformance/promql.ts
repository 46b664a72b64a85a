import { createMemoryScriptStore, type QueryPlan, runScript, type ScriptStore } from '../../query/index.ts'
import { createEngineScriptStore, type EngineScriptOptions } from './engine-script-store.ts'
import { runScriptFiles, type SuiteResult, withEngine } from './scripts.ts'

const { signal } = new AbortController()

/** Runs every `.test` script of a directory against series in memory. */
export async function runPromqlInMemory(directory: string, plan: QueryPlan): Promise<SuiteResult> {
  const store = withPlan(createMemoryScriptStore(), plan)
  return await runScriptFiles(directory, (script) => runScript(script, store, signal))
}

/** The same through the store. */
export async function runPromql(
  directory: string,
  plan: QueryPlan,
  reading: EngineScriptOptions,
): Promise<SuiteResult> {
  return await withEngine(async (client) => {
    const store = withPlan(createEngineScriptStore(client, signal, reading), plan)
    return await runScriptFiles(directory, (script) => runScript(script, store, signal))
  })
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
