import { Worker } from 'node:worker_threads'
import type { ClusterSend, DestinationSnapshot } from '../contract/index.ts'
import { Backoff, type Component, type Logger, messageOf, systemClock } from '../core/index.ts'
import type { DestinationSettings } from '../fleet/index.ts'
import type { Signal } from '../model/index.ts'
import type { Backfill, DropReason } from '../pipeline/destination/index.ts'
import type { DestinationWorkerData, FromDestinationWorker, ToDestinationWorker } from './destination-messages.ts'
import { SignalState } from './destination-signal-state.ts'

export interface DestinationHostOptions {
  readonly name: string
  readonly settings: DestinationSettings
  /** Made anew for each start of the worker. */
  readonly workerData: () => DestinationWorkerData
  /** Called with each position that a cursor has been saved at. */
  readonly onPosition: (signal: Signal, position: number) => void
  readonly bytesBehind: (position: number) => number
  readonly recordsBehind: (position: number) => number
  readonly log: Logger
}

const RESTART = { initialMs: 500, maxMs: 30_000 }
/** A worker that lived so long was no failed start. */
const STEADY_MS = 60_000

const ORDER = ['starting', 'up', 'behind', 'stopped', 'retrying', 'misconfigured'] as const

/**
 * The worker thread of one destination, and what is known of it. A worker that ends is started again: it holds nothing
 * that is not on disk, and goes on from its cursors.
 */
export class DestinationHost implements Component {
  readonly name: string
  readonly #options: DestinationHostOptions
  readonly #signals: ReadonlyMap<Signal, SignalState>
  readonly #stop = new AbortController()
  readonly #backoff = new Backoff(systemClock, RESTART)
  #worker: Worker | undefined

  constructor(options: DestinationHostOptions) {
    this.#options = options
    this.name = `destination ${options.name}`
    this.#signals = new Map(options.settings.signals.map((signal) => [signal, new SignalState(signal)]))
  }

  get signals(): Iterable<SignalState> {
    return this.#signals.values()
  }

  start(): Promise<void> {
    this.#startWorker()
    return Promise.resolve()
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stop.abort()
    const worker = this.#worker
    this.#worker = undefined
    if (worker === undefined) return
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ type: 'stop' } satisfies ToDestinationWorker)
    await Promise.race([ended, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
    await worker.terminate()
  }

  drop(signal: Signal, below: number, reason: DropReason): void {
    const { log, name } = this.#options
    log.warn({ destination: name, signal, below, reason }, 'a destination has to give up the oldest of its backlog')
    this.#worker?.postMessage({ type: 'drop', signal, below, reason } satisfies ToDestinationWorker)
  }

  snapshot(): DestinationSnapshot {
    const { name, settings, bytesBehind, recordsBehind } = this.#options
    const signals = [...this.#signals.values()].map((state) => {
      const backlog = { bytes: bytesBehind(state.position), records: recordsBehind(state.position) }
      return state.snapshot(backlog, this.#worker !== undefined)
    })
    const worst = Math.max(0, ...signals.map(({ state }) => ORDER.indexOf(state)))
    return { name, type: settings.type, state: ORDER[worst] ?? 'starting', signals }
  }

  /** What of one cluster goes there. */
  send(cluster: string): ClusterSend {
    const { name, settings } = this.#options
    const isRunning = this.#worker !== undefined
    const signals = [...this.#signals.values()].map((state) => state.send(cluster, isRunning))
    return { destination: name, type: settings.type, signals }
  }

  #startWorker(): void {
    const { log, name, workerData } = this.#options
    const startedAtMs = systemClock.now()
    const worker = new Worker(new URL('./destination-worker.js', import.meta.url), { workerData: workerData() })
    this.#worker = worker
    worker.on('message', (message: FromDestinationWorker) => this.#hear(message))
    worker.on('error', (reason) => {
      log.error({ destination: name, error: messageOf(reason) }, 'the worker of a destination failed')
      for (const state of this.#signals.values()) state.workerFailed(messageOf(reason))
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      for (const state of this.#signals.values()) state.workerEnded()
      if (!this.#stop.signal.aborted) void this.#restart(startedAtMs)
    })
  }

  async #restart(startedAtMs: number): Promise<void> {
    if (systemClock.now() - startedAtMs > STEADY_MS) this.#backoff.reset()
    await this.#backoff.wait(this.#stop.signal)
    if (!this.#stop.signal.aborted) this.#startWorker()
  }

  #hear(message: FromDestinationWorker): void {
    if (message.type === 'started') {
      for (const state of this.#signals.values()) this.#tellBackfill(state, message.backfills[state.signal])
      return
    }
    for (const report of message.lanes) {
      this.#signals.get(report.signal)?.heard(report)
      this.#options.onPosition(report.signal, report.position)
    }
  }

  #tellBackfill(state: SignalState, backfill: Backfill | undefined): void {
    if (backfill === undefined) return
    state.backfill = describeBackfill(backfill)
    this.#options.log.info({ destination: this.#options.name, signal: state.signal, ...backfill }, state.backfill)
  }
}

/** What is missing is said: the log holds no more than its readers need, and a little. */
function describeBackfill({ askedFromMs, fromMs }: Backfill): string {
  const asked = new Date(askedFromMs).toISOString()
  if (fromMs === undefined) return `asked for everything since ${asked}: the log holds nothing of that any more`
  const from = new Date(fromMs).toISOString()
  const isWhole = fromMs - askedFromMs < 60_000
  return isWhole ? `sent from ${from} on` : `asked for everything since ${asked}: the log goes back to ${from}`
}
