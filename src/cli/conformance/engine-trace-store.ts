import { randomUUID } from 'node:crypto'
import { AppError, createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import type { Batch, Identity } from '../../model/index.ts'
import type { Span, TraceScriptStore, TraceSource } from '../../query/index.ts'
import { createTraceSource, type StoreClient, StoreWriter } from '../../storage/index.ts'
import { encodeTraces } from './otlp-traces.ts'

/**
 * Puts a script's spans into the engine as OTLP comes into it: transcoded and inserted by the writer of the hub, read
 * back by its data source. Each block of a script is a tenant of its own.
 */
export function createEngineTraceStore(client: StoreClient, signal: AbortSignal): TraceScriptStore {
  return new EngineTraceStore(client, signal)
}

class EngineTraceStore implements TraceScriptStore {
  readonly source: TraceSource
  readonly #signal: AbortSignal
  readonly #writer: StoreWriter
  #batch: Batch | undefined
  #block = 0
  #sequence = 0
  /** Of its own: two stores on one engine are two logs. */
  readonly #epoch = randomUUID()

  constructor(client: StoreClient, signal: AbortSignal) {
    this.#signal = signal
    this.source = createTraceSource(client)
    this.#writer = new StoreWriter({
      client,
      // The record is in memory: no log is between the script and the writer.
      decodeRecord: () => this.#current(),
      unstorable: {
        keep: ({ reason, message }) =>
          Promise.reject(new AppError('invalid', `cannot store it (${reason}): ${message}`)),
      },
      clock: systemClock,
      log: silentLogger(),
      metrics: createMetrics(),
    })
  }

  get scope(): TraceScriptStore['scope'] {
    return { tenants: [this.#identity().tenant] }
  }

  clear(): Promise<void> {
    this.#block += 1
    return Promise.resolve()
  }

  async load(spans: readonly Span[]): Promise<void> {
    const payload = encodeTraces(spans)
    this.#sequence += 1
    const now = systemClock.now()
    this.#batch = {
      envelope: {
        signal: 'traces',
        format: 'otlp',
        items: spans.length,
        identity: this.#identity(),
        collectedAtMs: now,
        receivedAtMs: now,
      },
      payload,
    }
    const flush = this.#writer.prepare([{ sequence: this.#sequence, bytes: payload }])
    const range = { epoch: this.#epoch, first: this.#sequence, last: this.#sequence }
    const stored = await this.#writer.store(
      flush,
      { range, refused: [], onRefused: () => Promise.resolve() },
      this.#signal,
    )
    for (const { rejected } of stored) {
      if (rejected.size > 0) throw new AppError('invalid', 'the store refused spans of the script')
    }
  }

  #current(): Batch {
    if (this.#batch === undefined) throw new AppError('internal', 'BUG: a record without a batch')
    return this.#batch
  }

  #identity(): Identity {
    const tenant = `script-block-${String(this.#block)}`
    return { tenant, cluster: 'conformance', environment: 'test', region: 'none', clusterType: 'none' }
  }
}
