import { Worker } from 'node:worker_threads'
import { Backoff, type Component, type Logger, messageOf, systemClock } from '../core/index.ts'
import type { Fleet } from '../fleet/index.ts'
import type { HubStore } from './hub-store.ts'
import type { FromUpkeepWorker, ToUpkeepWorker, UpkeepWorkerData } from './upkeep-messages.ts'
import { WorkerMetrics } from './worker-metrics.ts'

export interface HubUpkeep extends Component {
  /** The worker's metrics, as exposition text. */
  renderMetrics(): Promise<string>
}

const RESTART = { initialMs: 1_000, maxMs: 60_000 }
/** How often it looks whether the store is ready. */
const READY_MS = 500

/** The worker that packs samples, and rolls them up if the fleet file wants it. */
export function createHubUpkeep(fleet: Fleet, store: HubStore, log: Logger): HubUpkeep {
  return new UpkeepHost(fleet.hub.rollups.enabled, store, log)
}

/** The worker holds nothing that is not in the store, so one that ends is followed by another. */
class UpkeepHost implements HubUpkeep {
  readonly name = 'upkeep'
  readonly #rollups: boolean
  readonly #store: HubStore
  readonly #log: Logger
  readonly #stop = new AbortController()
  readonly #backoff = new Backoff(systemClock, RESTART)
  readonly #metrics = new WorkerMetrics()
  #worker: Worker | undefined
  #starting: Promise<void> = Promise.resolve()

  constructor(rollups: boolean, store: HubStore, log: Logger) {
    this.#rollups = rollups
    this.#store = store
    this.#log = log
  }

  start(): Promise<void> {
    this.#starting = this.#startWhenReady()
    return Promise.resolve()
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stop.abort()
    await this.#starting
    const worker = this.#worker
    this.#worker = undefined
    if (worker === undefined) return
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ type: 'stop' } satisfies ToUpkeepWorker)
    await Promise.race([ended, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
    await worker.terminate()
  }

  renderMetrics(): Promise<string> {
    return this.#metrics.ask(this.#worker)
  }

  /** Before, the tables may be missing. */
  async #startWhenReady(): Promise<void> {
    const { signal } = this.#stop
    while (this.#store.notReady().length > 0 && !signal.aborted) await systemClock.sleep(READY_MS, signal)
    if (signal.aborted) return
    const { store, changes } = this.#store.queryWorkerData
    const data: UpkeepWorkerData = { store, changes, rollups: this.#rollups }
    const worker = new Worker(new URL('./upkeep-worker.js', import.meta.url), { workerData: data })
    this.#worker = worker
    worker.on('message', (answer: FromUpkeepWorker) => this.#metrics.answer(answer))
    worker.on('error', (reason) =>
      this.#log.error({ error: messageOf(reason) }, 'the worker that packs samples and rolls them up failed'),
    )
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      if (!signal.aborted) this.#starting = this.#restart()
    })
  }

  async #restart(): Promise<void> {
    await this.#backoff.wait(this.#stop.signal)
    await this.#startWhenReady()
  }
}
