import type { Span, TraceScriptStore, TraceSource } from '../../query/index.ts'
import { createTraceSource, type StoreClient } from '../../storage/index.ts'
import { encodeTraces } from './otlp-traces.ts'
import { ScriptWriter } from './script-writer.ts'

/**
 * Puts a script's spans into the engine as OTLP comes into it: transcoded and inserted by the writer of the hub, read
 * back by its data source. Each block of a script is a tenant of its own.
 */
export function createEngineTraceStore(client: StoreClient, signal: AbortSignal): TraceScriptStore {
  return new EngineTraceStore(client, signal)
}

class EngineTraceStore implements TraceScriptStore {
  readonly source: TraceSource
  readonly #writer: ScriptWriter

  constructor(client: StoreClient, signal: AbortSignal) {
    this.source = createTraceSource(client)
    this.#writer = new ScriptWriter(client, signal)
  }

  get scope(): TraceScriptStore['scope'] {
    return this.#writer.scope
  }

  async clear(): Promise<void> {
    await this.#writer.clear()
  }

  async load(spans: readonly Span[]): Promise<void> {
    await this.#writer.write({ signal: 'traces', format: 'otlp', items: spans.length, payload: encodeTraces(spans) })
  }
}
