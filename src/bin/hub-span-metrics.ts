import { Worker } from 'node:worker_threads'
import { SPAN_METRICS } from '../components/connectors/span-metrics/index.ts'
import { AppError, Backoff, type Component, type Logger, messageOf, systemClock } from '../core/index.ts'
import type { Fleet } from '../fleet/index.ts'
import type { Batch, Envelope, Identity } from '../model/index.ts'
import type { Consumer } from '../pipeline/index.ts'
import type { IntakeBooks } from '../pipeline/ledger/index.ts'
import { type DurableLog, listCursors, openCursor, removeCursor } from '../queue/index.ts'
import {
  type FromSpanMetricsWorker,
  SPAN_METRICS_CURSOR,
  type SpanMetricsWorkerData,
  type ToSpanMetricsWorker,
} from './span-metrics-messages.ts'
import { WorkerMetrics } from './worker-metrics.ts'

export interface HubSpanMetricsParts {
  readonly fleet: Fleet
  readonly durableLog: DurableLog
  /** Into the same log. */
  readonly sink: Consumer
  readonly books: IntakeBooks
  /** Keeps the log for a reader; the result is told of its positions. */
  readonly keepLogFor: (name: string, onDrop: (below: number) => void) => (position: number) => void
  readonly log: Logger
}

export interface HubSpanMetrics extends Component {
  /** The worker's metrics, as exposition text. */
  renderMetrics(): Promise<string>
}

const RESTART = { initialMs: 500, maxMs: 30_000 }
const OVERFLOW_REASON = 'series_limit'

/** What came from the hub itself and is no sign of life of the cluster that it tells about. */
export function isDerived({ source }: Pick<Envelope, 'source'>): boolean {
  return source === SPAN_METRICS
}

/** The worker that derives metrics from spans; undefined if the fleet file does not want it. */
export async function createHubSpanMetrics(parts: HubSpanMetricsParts): Promise<HubSpanMetrics | undefined> {
  const { fleet, durableLog } = parts
  if (fleet.hub.spanMetrics.enabled) {
    await beginHere(durableLog, parts.log)
    return new SpanMetricsHost(parts)
  }
  // If it is switched on again it begins with what comes then.
  await removeCursor(durableLog.dir, SPAN_METRICS_CURSOR)
  return undefined
}

/**
 * What is in the log before this is switched on is stored already: its time has passed. What comes from now on counts,
 * though the worker is not there yet.
 */
async function beginHere(durableLog: DurableLog, log: Logger): Promise<void> {
  const { dir, durableEnd } = durableLog
  const known = await listCursors(dir)
  if (known.includes(SPAN_METRICS_CURSOR)) return
  const cursor = await openCursor({ dir, name: SPAN_METRICS_CURSOR, initial: durableEnd, log })
  await cursor.commit(durableEnd)
}

class SpanMetricsHost implements HubSpanMetrics {
  readonly name = 'span metrics'
  readonly #parts: HubSpanMetricsParts
  readonly #stop = new AbortController()
  readonly #backoff = new Backoff(systemClock, RESTART)
  readonly #metrics = new WorkerMetrics()
  readonly #tellPosition: (position: number) => void
  #worker: Worker | undefined
  /** What is being appended: a worker that begins has to find it in the log. */
  #appending: Promise<void> = Promise.resolve()

  constructor(parts: HubSpanMetricsParts) {
    this.#parts = parts
    this.#tellPosition = parts.keepLogFor(SPAN_METRICS, (below) => this.#drop(below))
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
    this.#tell(worker, { type: 'stop' })
    await Promise.race([ended, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
    await worker.terminate()
  }

  renderMetrics(): Promise<string> {
    return this.#metrics.ask(this.#worker)
  }

  #drop(below: number): void {
    this.#parts.log.warn({ below }, 'span metrics have to give up the oldest of their backlog')
    if (this.#worker !== undefined) this.#tell(this.#worker, { type: 'drop', below })
  }

  #startWorker(): void {
    const { fleet, durableLog, log } = this.#parts
    const data: SpanMetricsWorkerData = {
      settings: fleet.hub.spanMetrics,
      logDir: durableLog.dir,
      durable: durableLog.durable,
    }
    const worker = new Worker(new URL('./span-metrics-worker.js', import.meta.url), { workerData: data })
    this.#worker = worker
    worker.on('message', (message: FromSpanMetricsWorker) => this.#hear(worker, message))
    worker.on('error', (reason) => log.error({ error: messageOf(reason) }, 'the worker of span metrics failed'))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      if (!this.#stop.signal.aborted) void this.#restart()
    })
  }

  async #restart(): Promise<void> {
    await this.#appending
    await this.#backoff.wait(this.#stop.signal)
    if (!this.#stop.signal.aborted) this.#startWorker()
  }

  #hear(worker: Worker, message: FromSpanMetricsWorker): void {
    switch (message.type) {
      case 'deliver':
        this.#appending = this.#deliver(worker, message.id, message.batches)
        return
      case 'overflow':
        this.#countOverflow(message.identity, message.observations)
        return
      case 'position':
        this.#backoff.reset()
        this.#tellPosition(message.position)
        return
      case 'metrics':
        this.#metrics.answer(message)
    }
  }

  /** One after the other: none of them is urgent, and each holds memory until it is on disk. */
  async #deliver(worker: Worker, id: number, batches: readonly Batch[]): Promise<void> {
    let error: string | undefined
    for (const batch of batches) {
      try {
        await this.#parts.sink(batch)
      } catch (reason) {
        error = AppError.from(reason).message
      }
    }
    this.#tell(worker, { type: 'delivered', id, ...(error === undefined ? {} : { error }) })
  }

  #countOverflow({ tenant, cluster }: Identity, observations: number): void {
    const source = { tenant, cluster, source: SPAN_METRICS, signal: 'metrics' } as const
    this.#parts.books.rejected(source, OVERFLOW_REASON, observations, systemClock.now())
  }

  #tell(worker: Worker, message: ToSpanMetricsWorker): void {
    worker.postMessage(message)
  }
}
