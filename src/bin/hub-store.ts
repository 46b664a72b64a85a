import { Worker } from 'node:worker_threads'
import { storeExporterConfigSchema, type StoreProgress } from '../components/exporters/store/index.ts'
import { AppError, Backoff, type Component, type Logger, messageOf, type Metrics, systemClock } from '../core/index.ts'
import type { Fleet, FleetStatus } from '../fleet/index.ts'
import type { DurableWindows } from '../pipeline/index.ts'
import type { HubLedger } from '../pipeline/ledger/index.ts'
import type { DurableLog } from '../queue/index.ts'
import {
  applyRetention,
  createStoreClient,
  type DailyTotal,
  type LedgerTotal,
  migrate,
  readDailyTotals,
  type RetentionPlan,
  StoreChanges,
  type StoreClient,
  type StoreConnection,
} from '../storage/index.ts'
import { startEngine } from './hub-engine.ts'
import { isDerived } from './hub-span-metrics.ts'
import type { QueryWorkerData } from './query-worker.ts'
import type { FromStoreWorker, StoreWorkerData, ToStoreWorker } from './store-worker.ts'
import { WorkerMetrics } from './worker-metrics.ts'

export interface HubStoreParts {
  readonly fleet: Fleet
  readonly stateDir: string
  readonly durableLog: DurableLog
  readonly windows: DurableWindows
  /** Told of how far the log is stored. */
  readonly storePosition: (position: number) => void
  readonly ledger: HubLedger
  readonly status: FleetStatus
  readonly deadLetterDir: string
  readonly log: Logger
  readonly metrics: Metrics
}

export interface HubStore {
  /** In the order in which they are started. */
  readonly components: readonly Component[]
  readonly queryWorkerData: QueryWorkerData
  readonly notReady: () => readonly string[]
  /** The metrics of the store worker, as exposition text. */
  readonly renderMetrics: () => Promise<string>
  /** What was stored, by day. Rejects while the engine is away. */
  readonly dailyTotals: () => Promise<readonly DailyTotal[]>
}

/** For how long a start waits for a ClickHouse server that is away, before it goes on without. */
const PREPARE_MS = 10_000
const DAILY_MS = 2_000

/** The engine, its schema, and the worker that writes the durable log into it. */
export async function createStore(parts: HubStoreParts): Promise<HubStore> {
  const engine = await startEngine(parts.fleet, parts)
  const client = createStoreClient(engine.connection)
  // Other hubs may write into a server, and do not tell.
  const changes = 'socketPath' in engine.connection ? new StoreChanges() : undefined
  const worker = new StoreWorkerHost(parts, engine.connection, client, changes)
  return {
    components: [...engine.components, worker],
    queryWorkerData: {
      store: engine.connection,
      changes: changes?.memory,
      features: parts.fleet.hub.query.features,
      cacheBytes: parts.fleet.hub.query.cache,
      rollups: parts.fleet.hub.rollups.enabled,
    },
    notReady: () => (worker.isReady ? [] : ['the store: the engine does not answer yet']),
    renderMetrics: () => worker.renderMetrics(),
    dailyTotals: () => readDailyTotals(client, parts.windows.books.epochs, AbortSignal.timeout(DAILY_MS)),
  }
}

/**
 * Brings the schema up to date and runs the store worker. An engine that is away does not keep the hub from taking
 * telemetry in: it is tried again until it is there, and the durable log holds what comes meanwhile.
 */
class StoreWorkerHost implements Component {
  readonly name = 'store'
  readonly #parts: HubStoreParts
  readonly #connection: StoreConnection
  readonly #client: StoreClient
  readonly #changes: StoreChanges | undefined
  readonly #stop = new AbortController()
  readonly #metrics = new WorkerMetrics()
  #preparing: Promise<void> = Promise.resolve()
  #worker: Worker | undefined
  isReady = false

  constructor(
    parts: HubStoreParts,
    connection: StoreConnection,
    client: StoreClient,
    changes: StoreChanges | undefined,
  ) {
    this.#changes = changes
    this.#parts = parts
    this.#connection = connection
    this.#client = client
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#preparing = this.#prepare()
    await Promise.race([this.#preparing, systemClock.sleep(PREPARE_MS, signal)])
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stop.abort()
    await this.#preparing
    const worker = this.#worker
    this.#worker = undefined
    if (worker !== undefined) {
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      worker.postMessage({ type: 'stop' } satisfies ToStoreWorker)
      await Promise.race([ended, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
    }
    await this.#client.close()
  }

  renderMetrics(): Promise<string> {
    return this.#metrics.ask(this.#worker)
  }

  async #prepare(): Promise<void> {
    const { log } = this.#parts
    const backoff = new Backoff(systemClock, { initialMs: 200, maxMs: 5_000 })
    while (!this.#stop.signal.aborted) {
      try {
        await migrate(this.#client, log)
        await applyRetention(this.#client, this.#retention())
        this.#startWorker()
        this.isReady = true
        return
      } catch (reason) {
        const error = AppError.from(reason)
        if (!error.retryable) throw error
        log.warn({ error: error.message }, 'the engine is not ready; trying again')
        await backoff.wait(this.#stop.signal)
      }
    }
  }

  #retention(): RetentionPlan {
    const { fleet } = this.#parts
    const tenants = Object.fromEntries(fleet.tenants.map((tenant) => [tenant, fleet.retention(tenant)]))
    return { others: fleet.retention(''), tenants, rollups: fleet.hub.rollups.retention }
  }

  #startWorker(): void {
    const { durableLog, windows, ledger, deadLetterDir, log } = this.#parts
    const data: StoreWorkerData = {
      connection: this.#connection,
      changes: this.#changes?.memory,
      config: storeExporterConfigSchema.parse({}),
      logDir: durableLog.dir,
      durable: durableLog.durable,
      deadLetterDir,
      logEpochs: windows.books.epochs,
    }
    const worker = new Worker(new URL('./store-worker.js', import.meta.url), { workerData: data })
    this.#worker = worker
    worker.on('message', (message: FromStoreWorker) => this.#hear(message))
    worker.on('error', (reason) => log.error({ error: messageOf(reason) }, 'the store worker failed'))
    worker.on('exit', () => {
      ledger.pause()
      if (this.#stop.signal.aborted) return
      // It holds nothing that is not on disk: a new one begins where this one was.
      setTimeout(() => {
        if (!this.#stop.signal.aborted) this.#startWorker()
      }, 1_000)
    })
  }

  #hear(message: FromStoreWorker): void {
    switch (message.type) {
      case 'stored':
        this.#tellStored(message.progress)
        return
      case 'metrics':
        this.#metrics.answer(message)
        return
      case 'ready':
        this.#begin(message.position, message.totals)
        return
    }
  }

  #begin(position: number, totals: readonly LedgerTotal[]): void {
    const { ledger, log } = this.#parts
    ledger.begin(position, totals)
    log.info({ position, balanced: ledger.differences().length === 0 }, 'the store worker is ready')
  }

  #tellStored({ position, stored }: StoreProgress): void {
    const { status, ledger } = this.#parts
    ledger.settle(position, stored)
    for (const { source, items, rejected, lagMs } of stored) {
      const { cluster, signal } = source
      let rejectedItems = 0
      for (const [reason, count] of Object.entries(rejected)) {
        rejectedItems += count
        status.discarded(cluster, reason, count, { signal, source: 'store', ...detailOf(source.edge) })
      }
      // How long a cluster's telemetry takes says nothing that the hub makes itself.
      if (isDerived(source)) continue
      status.stored(cluster, signal, items - rejectedItems, { p50Ms: lagMs.p50, p99Ms: lagMs.p99 })
    }
    this.#parts.storePosition(position)
  }
}

function detailOf(edge: string): { readonly detail?: string } {
  return edge === '' ? {} : { detail: `from ${edge}` }
}
