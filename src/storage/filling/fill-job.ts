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
import type { Filler } from './filler.ts'

export interface FillJobParts {
  /** What it does, as `<what>_lag_seconds` and its like are called in metrics: `rollup`, `packing`. */
  readonly what: 'rollup' | 'packing'
  /** Makes the filler; `rest` is to be called between pieces of work. */
  readonly filler: (rest: (signal: AbortSignal) => Promise<void>) => Filler
  /** Called when a turn has done something. */
  readonly done?: () => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** How long it waits when there is nothing to do. */
const IDLE_MS = 10_000
/** It works half of the time at most, so that queries wait little for it. */
const MAX_REST_MS = 1_000
const RETRY = { initialMs: 1_000, maxMs: 60_000 }

/** Does what a filler has to do, in the background, until it is shut down. */
export class FillJob implements Component {
  readonly name: string
  readonly #parts: FillJobParts
  readonly #stop = new AbortController()
  readonly #filler: Filler
  #running: Promise<void> = Promise.resolve()
  #workedSinceMs = 0

  constructor(parts: FillJobParts) {
    this.name = parts.what
    this.#parts = parts
    this.#filler = parts.filler((signal) => this.#rest(signal))
  }

  start(): Promise<void> {
    this.#running = this.#run()
    return Promise.resolve()
  }

  async shutdown(): Promise<void> {
    this.#stop.abort(new AppError('cancelled', `${this.name} is shut down`))
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, log, what } = this.#parts
    const { units, rows, failures } = createFillMetrics(this.#parts, this.#filler)
    const { signal } = this.#stop
    const isStopped = (): boolean => signal.aborted
    const backoff = new Backoff(clock, RETRY)
    while (!isStopped()) {
      this.#workedSinceMs = clock.now()
      try {
        const result = await this.#filler.turn(signal)
        backoff.reset()
        if (result.did === 'idle') {
          await clock.sleep(IDLE_MS, signal)
          continue
        }
        this.#parts.done?.()
        units.inc({ reason: result.did }, result.units)
        rows.inc(result.rows)
        await this.#rest(signal)
      } catch (reason) {
        if (isStopped()) return
        failures.inc()
        log.warn({ what, error: AppError.from(reason).message }, 'work on stored samples failed; trying again')
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

interface FillCounters {
  readonly units: Counter<'reason'>
  readonly rows: Counter
  readonly failures: Counter
}

function createFillMetrics({ what, metrics }: FillJobParts, filler: Filler): FillCounters {
  const { unit, unitMs, closedAfterMs } = filler.kind
  const usualS = (unitMs + closedAfterMs) / 1000
  const lag: Gauge = metrics.gauge(
    `fleetglass_${what}_lag_seconds`,
    `For how long the newest ${unit} that is done has been over. Up to ${String(usualS)} is usual.`,
    [],
    () => lag.set(filler.backlog.lagMs / 1000),
  )
  const waiting: Gauge<'reason'> = metrics.gauge(
    `fleetglass_${what}_waiting_${unit}s`,
    `Stored ${unit}s of samples to be worked on (new), and again because samples came late.`,
    ['reason'],
    () => {
      waiting.set({ reason: 'new' }, filler.backlog.newUnits)
      waiting.set({ reason: 'late' }, filler.backlog.lateUnits)
    },
  )
  const counter = (name: string, help: string): Counter => metrics.counter(`fleetglass_${what}_${name}`, help)
  return {
    units: metrics.counter(`fleetglass_${what}_${unit}s_total`, `Stored ${unit}s of samples that were worked on.`, [
      'reason',
    ]),
    rows: counter('rows_total', 'Rows that were written.'),
    failures: counter('failures_total', 'Turns that failed and are tried again.'),
  }
}
