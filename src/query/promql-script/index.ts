export { createMemoryScriptStore } from './memory-store.ts'
export { runScript, type ScriptCase, type ScriptStore } from './run.ts'
export { mergeSeries, type ScriptPoint, type ScriptSeries } from './script-series.ts'
