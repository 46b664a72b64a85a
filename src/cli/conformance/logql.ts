import { createMemoryLogScriptStore, runLogqlScript } from '../../query/index.ts'
import { createEngineLogStore } from './engine-log-store.ts'
import { runScriptFiles, type SuiteResult, withEngine } from './scripts.ts'

const { signal } = new AbortController()

/** Runs every `.test` script of a directory against lines in memory. */
export async function runLogqlInMemory(directory: string): Promise<SuiteResult> {
  return await runScriptFiles(directory, (script) => runLogqlScript(script, createMemoryLogScriptStore(), signal))
}

/** The same through the store. */
export async function runLogql(directory: string): Promise<SuiteResult> {
  return await withEngine(async (client) => {
    const store = createEngineLogStore(client, signal)
    return await runScriptFiles(directory, (script) => runLogqlScript(script, store, signal))
  })
}
