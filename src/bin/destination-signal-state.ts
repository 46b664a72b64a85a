import type { DestinationSnapshot, DestinationState } from '../contract/index.ts'
import type { Signal } from '../model/index.ts'
import type { LaneCounts, LaneReport } from '../pipeline/destination/index.ts'

type Snapshot = DestinationSnapshot['signals'][number]

/** A destination that delivers, but this long after the hub received it, is behind. */
const BEHIND_MS = 30_000

const NOTHING: LaneCounts = {
  deliveredItems: 0,
  deliveredBytes: 0,
  filteredItems: 0,
  requests: {},
  undelivered: {},
  deadLetters: {},
}

/** What is known of one signal on its way to one destination. Its counts outlive the worker that counts. */
export class SignalState {
  readonly signal: Signal
  backfill: string | undefined
  #report: LaneReport | undefined
  /** Of workers that have ended. */
  #before: LaneCounts = NOTHING
  #failure: { readonly atMs: number; readonly message: string } | undefined

  constructor(signal: Signal) {
    this.signal = signal
  }

  get position(): number {
    return this.#report?.position ?? 0
  }

  get report(): LaneReport | undefined {
    return this.#report
  }

  /** Since the hub started. */
  get counts(): LaneCounts {
    return this.#report === undefined ? this.#before : addCounts(this.#before, this.#report.counts)
  }

  heard(report: LaneReport): void {
    this.#report = report
    this.#failure = undefined
  }

  workerFailed(message: string): void {
    this.#failure = { atMs: Date.now(), message }
  }

  workerEnded(): void {
    this.#before = this.counts
    if (this.#report !== undefined) this.#report = { ...this.#report, counts: NOTHING }
  }

  snapshot(backlog: Snapshot['backlog'], isRunning: boolean): Snapshot {
    const { deliveredItems, filteredItems, undelivered, deadLetters } = this.counts
    const report = this.#report
    const lastError = this.#failure ?? report?.trouble
    return {
      signal: this.signal,
      state: this.#state(isRunning),
      lagMs: report?.lagMs ?? 0,
      backlog: report === undefined ? { bytes: 0, records: 0 } : backlog,
      delivered: deliveredItems,
      filtered: filteredItems,
      undelivered,
      deadLetters,
      ...(lastError === undefined ? {} : { lastError }),
      ...(report?.lastSuccessMs === undefined ? {} : { lastSuccessMs: report.lastSuccessMs }),
      ...(this.backfill === undefined ? {} : { backfill: this.backfill }),
    }
  }

  #state(isRunning: boolean): DestinationState {
    if (this.#failure !== undefined) return 'misconfigured'
    if (!isRunning) return 'stopped'
    const { state = 'starting', lagMs = 0 } = this.#report ?? {}
    return state === 'up' && lagMs > BEHIND_MS ? 'behind' : state
  }
}

function addCounts(a: LaneCounts, b: LaneCounts): LaneCounts {
  return {
    deliveredItems: a.deliveredItems + b.deliveredItems,
    deliveredBytes: a.deliveredBytes + b.deliveredBytes,
    filteredItems: a.filteredItems + b.filteredItems,
    requests: addByKey(a.requests, b.requests),
    undelivered: addByKey(a.undelivered, b.undelivered),
    deadLetters: addByKey(a.deadLetters, b.deadLetters),
  }
}

function addByKey(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum = new Map(Object.entries(a))
  for (const [key, count] of Object.entries(b)) sum.set(key, (sum.get(key) ?? 0) + count)
  return Object.fromEntries(sum)
}
