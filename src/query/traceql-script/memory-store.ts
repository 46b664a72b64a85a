import type { Span } from '../trace-source.ts'
import { createMemoryTraces } from './memory-traces.ts'
import type { TraceScriptStore } from './run.ts'

/** A script's spans in memory, without any store around them. */
export function createMemoryTraceStore(): TraceScriptStore {
  let loaded: Span[] = []
  let source = createMemoryTraces([])
  const read = (): void => {
    source = createMemoryTraces(loaded.map((span) => ({ tenant: 'script', cluster: 'script', span })))
  }
  return {
    load: (spans) => {
      loaded = [...loaded, ...spans]
      read()
      return Promise.resolve()
    },
    clear: () => {
      loaded = []
      read()
      return Promise.resolve()
    },
    get source() {
      return source
    },
    scope: { tenants: 'all' },
  }
}
