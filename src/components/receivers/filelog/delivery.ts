import { AppError, Backoff } from '../../../core/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import type { CheckpointStep } from './checkpoint.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import type { FilelogContext } from './context.ts'
import { type FileRecord, LogBatch } from './log-batch.ts'
import type { TailedFile } from './tailed-file.ts'
import type { FileWatcher } from './watcher.ts'

export interface DeliveryOptions {
  readonly context: FilelogContext
  readonly store: CheckpointStore
  readonly watcher: FileWatcher
  readonly next: Consumer
  readonly identity: Identity
}

const BACKOFF = { initialMs: 100, maxMs: 5_000 }

/**
 * Hands batches to the pipeline, one after the other, and saves the checkpoint of each before the next is made. The
 * checkpoint also travels in the batch's envelope, so that the durable log holds both or neither.
 */
export class Delivery {
  readonly #context: FilelogContext
  readonly #store: CheckpointStore
  readonly #watcher: FileWatcher
  readonly #next: Consumer
  readonly #identity: Identity
  readonly #batch = new LogBatch()
  #openedAtMs = 0

  constructor({ context, store, watcher, next, identity }: DeliveryOptions) {
    this.#context = context
    this.#store = store
    this.#watcher = watcher
    this.#next = next
    this.#identity = identity
  }

  get isFull(): boolean {
    const { batchRecords, batchSize } = this.#context.config
    return this.#batch.records >= batchRecords || this.#batch.bytes >= batchSize
  }

  /** Whether the first record of the batch has waited long enough. */
  isDue(nowMs: number): boolean {
    return this.#batch.records > 0 && nowMs - this.#openedAtMs >= this.#context.config.batchDelay
  }

  add(tail: TailedFile, record: FileRecord): void {
    if (this.#batch.records === 0) this.#openedAtMs = this.#context.clock.now()
    this.#batch.add(tail, record)
  }

  /**
   * Saves which files are there, before any of them is read: whatever appears beside them later, while nobody looks,
   * is then known to be new.
   */
  async begin(): Promise<void> {
    const { step } = this.#nextStep()
    await this.#untilDone(() => this.#store.commit(step))
  }

  /**
   * Delivers what there is and saves how far the files were read. Resolves when both are safe; never gives up while the
   * pipeline may recover, since the files keep what is not read. Rejects with `cancelled` when stopped meanwhile: then
   * nothing was saved, and the same lines are read again.
   */
  async handOver(): Promise<void> {
    const records = this.#batch.records
    const { step, isEmpty } = this.#nextStep()
    if (records > 0) await this.#deliver(records, step)
    else if (isEmpty) return
    await this.#untilDone(() => this.#store.commit(step))
  }

  #nextStep(): { readonly step: CheckpointStep; readonly isEmpty: boolean } {
    const now = this.#context.clock.now()
    const { files, forgotten } = this.#watcher.takeSettled()
    const changed = [...files]
    for (const tail of this.#watcher.tails.values()) {
      if (!tail.unsaved) continue
      tail.unsaved = false
      changed.push(tail.toCheckpoint(now))
    }
    const step = this.#store.nextStep(now, changed, forgotten)
    return { step, isEmpty: changed.length + forgotten.length === 0 }
  }

  async #deliver(records: number, step: CheckpointStep): Promise<void> {
    const { name, meters, log } = this.#context
    const batch: Batch = {
      envelope: {
        signal: 'logs',
        format: 'otlp',
        items: records,
        identity: this.#identity,
        collectedAtMs: step.atMs,
        receivedAtMs: step.atMs,
        checkpoint: { receiver: name, data: JSON.stringify(step) },
      },
      payload: this.#batch.take(),
    }
    try {
      await this.#untilDone(() => this.#next(batch))
      meters.records.inc({ receiver: name }, records)
    } catch (reason) {
      const error = AppError.from(reason)
      if (error.code === 'cancelled') throw error
      // The same bytes would be refused for ever, and every file behind them would stand still.
      meters.droppedRecords.inc({ receiver: name, code: error.code }, records)
      log.error({ receiver: name, records, code: error.code, error: error.message }, 'log records refused for good')
    }
  }

  /** Tries until it works; meanwhile the files go on being watched. Only what can never work is thrown. */
  async #untilDone(act: () => Promise<void>): Promise<void> {
    const { clock, config, meters, name, signal, log } = this.#context
    const backoff = new Backoff(clock, BACKOFF)
    for (;;) {
      try {
        await this.#whileWatching(act())
        return
      } catch (reason) {
        const error = AppError.from(reason)
        if (error.code === 'invalid' || error.code === 'too_large') throw error
        meters.refusals.inc({ receiver: name, code: error.code })
        if (backoff.failures === 0) log.warn({ receiver: name, code: error.code, error: error.message }, 'logs wait')
        await this.#whileWatching(backoff.wait(signal, Math.min(error.retryAfterMs ?? 0, 60_000)), config.pollInterval)
        if (signal.aborted) throw new AppError('cancelled', 'stopped while log records waited')
      }
    }
  }

  async #whileWatching(work: Promise<void>, everyMs = this.#context.config.pollInterval): Promise<void> {
    const { clock, signal } = this.#context
    let settled = false
    const done = work.finally(() => {
      settled = true
    })
    // A rejection is handled by the await below, however long that takes.
    done.catch(() => undefined)
    for (;;) {
      const timer = new AbortController()
      await Promise.race([done.catch(() => undefined), clock.sleep(everyMs, timer.signal)])
      timer.abort()
      if (settled as boolean) break
      if (!signal.aborted) await this.#watcher.pass()
    }
    await done
  }
}
