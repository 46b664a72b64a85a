import { Worker } from 'node:worker_threads'
import { AppError, type Logger, type Metrics } from '../core/index.ts'
import type { Scope } from '../model/index.ts'
import type { CacheCounts } from '../query/index.ts'
import { type CacheMeters, createCacheMeters, NO_CACHE } from './cache-meters.ts'
import type { ApiRequest, ApiResponse } from './messages.ts'
import type { QueryRunner } from './runner.ts'
import type { FromWorker, ToWorker } from './runner-protocol.ts'

export interface QueryRunnerOptions {
  /** Threads at most. Each is started when it is needed and then stays. */
  readonly workers?: number
  /** The program of a worker; it calls `serveQueries` on its parent port. */
  readonly workerUrl: URL
  readonly workerData: unknown
  /** Requests that one worker has at once; they take turns while the store works. */
  readonly perWorker?: number
  /** Requests of one tenant, or of one set of tenants, that run at once; others of it wait and let the rest pass. */
  readonly perTenant?: number
  /** Requests that may wait for a worker; more are refused with `exhausted`. */
  readonly maxQueue?: number
  /** From arrival to answer, in milliseconds. */
  readonly timeoutMs?: number
  readonly log: Logger
  readonly metrics: Metrics
}

const DEFAULTS = { workers: 1, perWorker: 20, perTenant: 4, maxQueue: 100, timeoutMs: 60_000 } as const

/** A worker that has not answered a cancelled request after this time is stuck, and is ended. */
const STUCK_AFTER_MS = 5_000
const STOP_TIMEOUT_MS = 500
const MAX_HEAP_MB = 1_024

interface Job {
  readonly id: number
  readonly request: ApiRequest
  readonly scope: Scope
  readonly tenant: string
  readonly settle: (outcome: ApiResponse | AppError) => void
  /** The caller has its answer already (timeout, cancelled); only the slot in the worker is still taken. */
  abandoned: boolean
}

/** One thread of the pool; `undefined` stands for a slot whose thread is not running. */
interface RunningWorker {
  readonly thread: Worker
  readonly jobs: Map<number, Job>
  cache: CacheCounts
}

/**
 * Runs requests in worker threads, so that no query holds the thread that accepts telemetry. A worker that dies takes
 * its requests with it, as `unavailable`; the next request starts a new one.
 */
export function createQueryRunner(options: QueryRunnerOptions): QueryRunner {
  return new QueryWorkerPool(options)
}

/** Who has to share: callers with the same tenants. */
function tenantOf({ tenants }: Scope): string {
  return tenants === 'all' ? '*' : [...tenants].sort().join('|')
}

class QueryWorkerPool implements QueryRunner {
  readonly #options: Required<QueryRunnerOptions>
  readonly #workers: RunningWorker[] = []
  readonly #waiting: Job[] = []
  readonly #refused: { inc(): void }
  readonly #deaths: { inc(): void }
  readonly #cacheMeters: CacheMeters
  #nextId = 1
  #closed = false

  constructor(options: QueryRunnerOptions) {
    this.#options = { ...DEFAULTS, ...options }
    const { metrics } = options
    this.#refused = metrics.counter('fleetglass_query_refused_total', 'Queries refused because too many were waiting.')
    this.#deaths = metrics.counter('fleetglass_query_worker_deaths_total', 'Query workers that ended unasked.')
    const waiting = metrics.gauge('fleetglass_query_waiting', 'Queries that wait for a worker.', [], () => {
      waiting.set(this.#waiting.length)
    })
    this.#cacheMeters = createCacheMeters(metrics, () => this.#workers.map(({ cache }) => cache))
    const running = metrics.gauge('fleetglass_query_running', 'Queries that a worker has.', [], () => {
      running.set(this.#workers.reduce((sum, worker) => sum + worker.jobs.size, 0))
    })
  }

  async run(request: ApiRequest, scope: Scope, signal: AbortSignal): Promise<ApiResponse> {
    if (this.#closed) throw new AppError('unavailable', 'the server is stopping')
    if (signal.aborted) throw new AppError('cancelled', 'the query was cancelled')
    const tenant = tenantOf(scope)
    const slot = this.#mayRun(tenant) ? this.#freeWorker() : undefined
    if (slot === undefined && this.#waiting.length >= this.#options.maxQueue) {
      this.#refused.inc()
      throw new AppError('exhausted', 'too many queries are waiting', { retryAfterMs: 1_000 })
    }
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#abandon(job, new AppError('timeout', 'query timed out in expression evaluation'))
      }, this.#options.timeoutMs)
      const onAbort = (): void => {
        this.#abandon(job, new AppError('cancelled', 'the query was cancelled'))
      }
      const settle = (outcome: ApiResponse | AppError): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        if (outcome instanceof AppError) reject(outcome)
        else resolve(outcome)
      }
      const job: Job = { id: this.#nextId++, request, scope, tenant, settle, abandoned: false }
      signal.addEventListener('abort', onAbort)
      if (slot === undefined) this.#waiting.push(job)
      else this.#send(slot, job)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const stopping = new AppError('unavailable', 'the server is stopping')
    for (const job of this.#waiting.splice(0)) job.settle(stopping)
    await Promise.all(this.#workers.map((worker) => this.#stop(worker, stopping)))
  }

  async #stop(worker: RunningWorker, reason: AppError): Promise<void> {
    for (const job of worker.jobs.values()) if (!job.abandoned) job.settle(reason)
    worker.jobs.clear()
    const ended = new Promise((resolve) => worker.thread.once('exit', resolve))
    const stop: ToWorker = { type: 'stop' }
    worker.thread.postMessage(stop)
    const timer = setTimeout(() => void worker.thread.terminate(), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
  }

  /** Whether the tenant has fewer requests at the workers than it may have; abandoned ones count until they end. */
  #mayRun(tenant: string): boolean {
    let running = 0
    for (const { jobs } of this.#workers) for (const job of jobs.values()) if (job.tenant === tenant) running += 1
    return running < this.#options.perTenant
  }

  /** A worker with room; a new one when all are full and one more is allowed. */
  #freeWorker(): RunningWorker | undefined {
    const [least] = [...this.#workers].sort((a, b) => a.jobs.size - b.jobs.size)
    if (least !== undefined && least.jobs.size === 0) return least
    if (this.#workers.length < this.#options.workers) return this.#start()
    return least !== undefined && least.jobs.size < this.#options.perWorker ? least : undefined
  }

  #start(): RunningWorker {
    const { workerUrl, workerData, log } = this.#options
    const thread = new Worker(workerUrl, { workerData, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } })
    const worker: RunningWorker = { thread, jobs: new Map(), cache: NO_CACHE }
    this.#workers.push(worker)
    thread.on('message', (message: FromWorker) => {
      this.#finish(worker, message)
    })
    thread.on('error', (reason) => {
      log.error({ err: reason }, 'query worker failed')
    })
    thread.on('exit', (code) => {
      this.#remove(worker, code)
    })
    return worker
  }

  #send(worker: RunningWorker, job: Job): void {
    worker.jobs.set(job.id, job)
    const message: ToWorker = { type: 'request', id: job.id, request: job.request, scope: job.scope }
    worker.thread.postMessage(message)
  }

  #finish(worker: RunningWorker, { id, response, cache }: FromWorker): void {
    if (cache !== undefined) {
      this.#cacheMeters.count(worker.cache, cache)
      worker.cache = cache
    }
    const job = worker.jobs.get(id)
    if (job === undefined) return
    worker.jobs.delete(id)
    if (!job.abandoned) job.settle(response)
    this.#sendWaiting()
  }

  #sendWaiting(): void {
    for (;;) {
      const at = this.#waiting.findIndex((job) => this.#mayRun(job.tenant))
      if (at === -1) return
      const worker = this.#freeWorker()
      if (worker === undefined) return
      for (const job of this.#waiting.splice(at, 1)) this.#send(worker, job)
    }
  }

  /** Answers the caller now and tells the worker to give up; a worker that cannot hear it is ended. */
  #abandon(job: Job, reason: AppError): void {
    job.settle(reason)
    const queued = this.#waiting.indexOf(job)
    if (queued !== -1) {
      this.#waiting.splice(queued, 1)
      return
    }
    job.abandoned = true
    const worker = this.#workers.find(({ jobs }) => jobs.has(job.id))
    if (worker === undefined) return
    const cancel: ToWorker = { type: 'cancel', id: job.id }
    worker.thread.postMessage(cancel)
    const timer = setTimeout(() => {
      if (!worker.jobs.has(job.id)) return
      this.#options.log.error({ route: job.request.route }, 'query worker is stuck and is ended')
      void worker.thread.terminate()
    }, STUCK_AFTER_MS)
    timer.unref()
  }

  #remove(worker: RunningWorker, code: number): void {
    const at = this.#workers.indexOf(worker)
    if (at !== -1) this.#workers.splice(at, 1)
    if (this.#closed) return
    this.#deaths.inc()
    this.#options.log.error({ code, requests: worker.jobs.size }, 'query worker ended')
    for (const job of worker.jobs.values()) {
      if (!job.abandoned) job.settle(new AppError('unavailable', 'the query worker ended while it had the query'))
    }
    this.#sendWaiting()
  }
}
