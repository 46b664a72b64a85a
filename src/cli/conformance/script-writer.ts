import { randomUUID } from 'node:crypto'
import { AppError, createMetrics, silentLogger, systemClock } from '../../core/index.ts'
import type { Batch, Envelope, Identity, Scope } from '../../model/index.ts'
import { type StoreClient, StoreWriter } from '../../storage/index.ts'

/**
 * Puts what a script loads into the engine with the hub's own writer, as if it had come out of its log. Each block of a
 * script, from one `clear` to the next, is a tenant of its own.
 */
export class ScriptWriter {
  readonly #signal: AbortSignal
  readonly #writer: StoreWriter
  #batch: Batch | undefined
  #block = 0
  #sequence = 0
  /** Of its own: two stores on one engine are two logs, and two sets of tenants. */
  readonly #epoch = randomUUID()

  constructor(client: StoreClient, signal: AbortSignal) {
    this.#signal = signal
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

  /** Of the block that is written now. */
  get scope(): Scope {
    return { tenants: [this.#identity().tenant] }
  }

  clear(): Promise<void> {
    this.#block += 1
    return Promise.resolve()
  }

  /** Throws AppError `invalid` if the store refuses any of it. */
  async write({
    payload,
    ...what
  }: Pick<Envelope, 'signal' | 'format' | 'items'> & Pick<Batch, 'payload'>): Promise<void> {
    this.#sequence += 1
    const now = systemClock.now()
    const envelope = { ...what, identity: this.#identity(), collectedAtMs: now, receivedAtMs: now }
    this.#batch = { envelope, payload }
    const flush = this.#writer.prepare([{ sequence: this.#sequence, bytes: payload }])
    const range = { epoch: this.#epoch, first: this.#sequence, last: this.#sequence }
    const plan = { range, refused: [], onRefused: () => Promise.resolve() }
    for (const { rejected } of await this.#writer.store(flush, plan, this.#signal)) {
      if (rejected.size === 0) continue
      const reasons = [...rejected].map(([reason, count]) => `${reason} ${String(count)}`).join(', ')
      throw new AppError('invalid', `the store refused some of the script's ${what.signal}: ${reasons}`)
    }
  }

  #current(): Batch {
    if (this.#batch === undefined) throw new AppError('internal', 'BUG: a record without a batch')
    return this.#batch
  }

  #identity(): Identity {
    const tenant = `script-${this.#epoch.slice(0, 8)}-${String(this.#block)}`
    return { tenant, cluster: 'conformance', environment: 'test', region: 'none', clusterType: 'none' }
  }
}
