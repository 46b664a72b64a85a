import { createMemoryTraceStore, runTraceScript } from '../../query/index.ts'
import { createEngineTraceStore } from './engine-trace-store.ts'
import { runScriptFiles, type SuiteResult, withEngine } from './scripts.ts'

const { signal } = new AbortController()

/** Runs every `.test` script of a directory against traces in memory. */
export async function runTraceqlInMemory(directory: string): Promise<SuiteResult> {
  return await runScriptFiles(directory, (script) => runTraceScript(script, createMemoryTraceStore(), signal))
}

/** The same through the store. */
export async function runTraceql(directory: string): Promise<SuiteResult> {
  return await withEngine(async (client) => {
    const store = createEngineTraceStore(client, signal)
    return await runScriptFiles(directory, (script) => runTraceScript(script, store, signal))
  })
}
