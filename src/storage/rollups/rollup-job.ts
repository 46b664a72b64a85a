import {
  AppError,
  Backoff,
  type Clock,
  type Component,
  type Counter,
  type Gauge,
  type Logger,
  type Metrics,
} from '../../core/index.ts'
import type { StoreClient } from '../client.ts'
import { RollupFiller, type TurnResult } from './rollup-filler.ts'

export interface RollupJobParts {
  readonly client: StoreClient
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** How long it waits when there is nothing to do. */
const IDLE_MS = 30_000
/** It works half of the time at most, so that queries wait little for it. */
const MAX_REST_MS = 1_000
const RETRY = { initialMs: 1_000, maxMs: 60_000 }

/** Rolls up what there is to be rolled up, in the background, until it is shut down. */
export class RollupJob implements Component {
  readonly name = 'rollups'
  readonly #parts: RollupJobParts
  readonly #stop = new AbortController()
  readonly #filler: RollupFiller
  #running: Promise<void> = Promise.resolve()
  #workedSinceMs = 0

  constructor(parts: RollupJobParts) {
    this.#parts = parts
    this.#filler = new RollupFiller(parts.client, { rest: (signal) => this.#rest(signal) })
  }

  start(): Promise<void> {
    this.#running = this.#run()
    return Promise.resolve()
  }

  async shutdown(): Promise<void> {
    this.#stop.abort(new AppError('cancelled', 'rollups are shut down'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, log, metrics } = this.#parts
    const { hours, rows, failures } = createRollupMetrics(metrics, this.#filler)
    const { signal } = this.#stop
    const isStopped = (): boolean => signal.aborted
    const backoff = new Backoff(clock, RETRY)
    while (!isStopped()) {
      this.#workedSinceMs = clock.now()
      try {
        const result: TurnResult = await this.#filler.turn(signal)
        backoff.reset()
        if (result.did === 'idle') {
          await clock.sleep(IDLE_MS, signal)
          continue
        }
        hours.inc({ reason: result.did }, result.hours)
        rows.inc(result.rows)
        await this.#rest(signal)
      } catch (reason) {
        if (isStopped()) return
        failures.inc()
        log.warn({ error: AppError.from(reason).message }, 'rolling samples up failed; trying again')
        await backoff.wait(signal)
      }
    }
  }

  /** As long as it has worked since it rested last. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    const workedMs = clock.now() - this.#workedSinceMs
    await clock.sleep(Math.max(0, Math.min(MAX_REST_MS, workedMs)), signal)
    signal.throwIfAborted()
    this.#workedSinceMs = clock.now()
  }
}

interface RollupCounters {
  readonly hours: Counter<'reason'>
  readonly rows: Counter
  readonly failures: Counter
}

function createRollupMetrics(metrics: Metrics, filler: RollupFiller): RollupCounters {
  const lag: Gauge = metrics.gauge(
    'fleetglass_rollup_lag_seconds',
    'For how long the newest hour that is rolled up has been over. Up to 4200 is usual.',
    [],
    () => lag.set(filler.backlog.lagMs / 1000),
  )
  const waiting: Gauge<'reason'> = metrics.gauge(
    'fleetglass_rollup_waiting_hours',
    'Hours to be rolled up, and rolled up again because samples came late.',
    ['reason'],
    () => {
      waiting.set({ reason: 'new' }, filler.backlog.newHours)
      waiting.set({ reason: 'late' }, filler.backlog.lateHours)
    },
  )
  return {
    hours: metrics.counter('fleetglass_rollup_hours_total', 'Hours that were rolled up.', ['reason']),
    rows: metrics.counter('fleetglass_rollup_rows_total', 'Rows written to the tables of rollups.'),
    failures: metrics.counter('fleetglass_rollup_failures_total', 'Turns that failed and are tried again.'),
  }
}
