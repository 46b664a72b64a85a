export { createMemoryTraceStore } from './memory-store.ts'
export { runTraceScript, type TraceScriptCase, type TraceScriptStore } from './run.ts'
