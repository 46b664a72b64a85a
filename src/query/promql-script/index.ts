export { createMemoryScriptStore } from './memory-store.ts'
export { runScript, type ScriptCase, type ScriptStore } from './run.ts'
export type { ScriptPoint, ScriptSeries } from './script-series.ts'
