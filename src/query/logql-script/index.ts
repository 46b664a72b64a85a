export { createMemoryLogScriptStore } from './memory-store.ts'
export { type LogScriptStore, runLogqlScript } from './run.ts'
export type { ScriptStream } from './script.ts'
