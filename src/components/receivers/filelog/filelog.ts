import path from 'node:path'
import { rm } from 'node:fs/promises'
import { AppError, type Clock, type Component, type Logger } from '../../../core/index.ts'
import type { Checkpoint, Identity } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import type { CheckpointStep } from './checkpoint.ts'
import { CheckpointStore } from './checkpoint-store.ts'
import type { FilelogConfig } from './config.ts'
import { createErrorReporter, type FilelogContext } from './context.ts'
import { Delivery } from './delivery.ts'
import { FileReader } from './file-reader.ts'
import type { FilelogMeters } from './meters.ts'
import { FileWatcher } from './watcher.ts'

export interface FilelogOptions {
  /** Unique among the receivers of the program, and stable: the state file is named after it. */
  readonly name: string
  readonly config: FilelogConfig
  /** The directory of the state file. */
  readonly stateDir: string
  readonly identity: Identity
  readonly next: Consumer
  /**
   * The newest checkpoint of this receiver in the durable log, for exactly-once over `kill -9`. Without it, what was in
   * the one batch on its way is read a second time.
   */
  readonly newestCheckpoint?: () => Promise<Checkpoint | undefined>
  readonly clock: Clock
  readonly log: Logger
  readonly meters: FilelogMeters
}

/** Tails log files into OTLP logs. */
export function createFilelogReceiver(options: FilelogOptions): Component {
  return new FilelogReceiver(options)
}

interface Run {
  readonly abort: AbortController
  readonly ended: Promise<void>
}

class FilelogReceiver implements Component {
  readonly name: string
  readonly #options: FilelogOptions
  #run: Run | undefined

  constructor(options: FilelogOptions) {
    this.name = options.name
    this.#options = options
  }

  async start(): Promise<void> {
    if (this.#run !== undefined) throw new AppError('conflict', `${this.name}: started twice`)
    const { name, config, clock, log, meters, stateDir, next, identity } = this.#options
    const abort = new AbortController()
    const reportError = createErrorReporter(name, log, meters)
    const context: FilelogContext = { name, config, clock, log, meters, signal: abort.signal, reportError }
    const base = path.join(stateDir, name.replaceAll(/[^A-Za-z0-9._-]/g, '_'))
    const unpackDir = `${base}.unpacked`
    // What was unpacked in an earlier run is found and unpacked again.
    await rm(unpackDir, { recursive: true, force: true })
    const store = await CheckpointStore.open(`${base}.checkpoints`, {
      nowMs: clock.now(),
      log,
      travelled: await this.#travelled(),
    })
    const watcher = new FileWatcher(context, store, unpackDir)
    const delivery = new Delivery({ context, store, watcher, next, identity })
    const ended = this.#loop(context, watcher, delivery).finally(async () => {
      await watcher.close()
      await store.close()
    })
    // Awaited by shutdown; a failure to close files must not end the program before.
    ended.catch((reason: unknown) => {
      reportError('close', name, reason)
    })
    this.#run = { abort, ended }
  }

  /** Lets a batch on its way arrive, then closes the files. Lines read but not handed over are read again. */
  async shutdown(signal: AbortSignal): Promise<void> {
    const run = this.#run
    this.#run = undefined
    if (run === undefined) return
    run.abort.abort()
    await Promise.race([run.ended, this.#options.clock.sleep(2 ** 31 - 1, signal)])
  }

  async #loop(context: FilelogContext, watcher: FileWatcher, delivery: Delivery): Promise<void> {
    const reader = new FileReader(context, watcher, delivery)
    let begun = false
    while (!context.signal.aborted) {
      let more = false
      try {
        await watcher.pass()
        if (!begun) await delivery.begin()
        begun = true
        more = await reader.round()
      } catch (reason) {
        const error = AppError.from(reason)
        if (error.code === 'cancelled') return
        context.reportError('round', this.name, error)
      }
      if (!more) await context.clock.sleep(context.config.pollInterval, context.signal)
    }
  }

  async #travelled(): Promise<CheckpointStep | undefined> {
    const checkpoint = await this.#options.newestCheckpoint?.()
    if (checkpoint?.receiver !== this.name) return undefined
    // Written by us and checksummed by the log: its shape needs no second check.
    return JSON.parse(checkpoint.data) as CheckpointStep
  }
}
