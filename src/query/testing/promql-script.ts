import { createMemoryScriptStore, runScript as runWith, type ScriptCase } from '../promql-script/index.ts'

/** Runs a script over series in memory. */
export async function runScript(text: string): Promise<ScriptCase[]> {
  return await runWith(text, createMemoryScriptStore(), new AbortController().signal)
}

/** Those that went wrong, to be compared with none. */
export function problemsOf(cases: readonly ScriptCase[]): ScriptCase[] {
  return cases.filter(({ problem }) => problem !== '')
}
