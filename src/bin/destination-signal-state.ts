import type { ClusterSend, DestinationSnapshot, DestinationState } from '../contract/index.ts'
import type { Signal } from '../model/index.ts'
import type { ClusterCounts, LaneCounts, LaneReport } from '../pipeline/destination/index.ts'

type Snapshot = DestinationSnapshot['signals'][number]
type Send = ClusterSend['signals'][number]

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

const NO_ITEMS: ClusterCounts = { delivered: 0, filtered: 0, lost: 0 }

/** What is known of one signal on its way to one destination. Its counts outlive the worker that counts. */
export class SignalState {
  readonly signal: Signal
  backfill: string | undefined
  #report: LaneReport | undefined
  /** Of workers that have ended. */
  #before: LaneCounts = NOTHING
  /** The same by cluster; the lanes bound how many there are. */
  readonly #clustersBefore = new Map<string, ClusterCounts>()
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
    if (this.#report === undefined) return
    for (const one of this.#report.clusters) {
      this.#clustersBefore.set(one.cluster, addClusterCounts(this.#clustersBefore.get(one.cluster) ?? NO_ITEMS, one))
    }
    this.#report = { ...this.#report, counts: NOTHING, clusters: [] }
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

  /** What of one cluster has gone there. */
  send(cluster: string, isRunning: boolean): Send {
    const report = this.#report?.clusters.find((one) => one.cluster === cluster)
    const before = this.#clustersBefore.get(cluster) ?? NO_ITEMS
    return {
      signal: this.signal,
      state: this.#state(isRunning),
      perSecond: report?.perSecond ?? 0,
      ...(report === undefined ? before : addClusterCounts(before, report)),
      waiting: report?.waiting ?? 0,
      lagMs: report?.oldestAtMs === undefined ? 0 : Math.max(0, Date.now() - report.oldestAtMs),
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

function addClusterCounts(a: ClusterCounts, b: ClusterCounts): ClusterCounts {
  return { delivered: a.delivered + b.delivered, filtered: a.filtered + b.filtered, lost: a.lost + b.lost }
}

function addByKey(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum = new Map(Object.entries(a))
  for (const [key, count] of Object.entries(b)) sum.set(key, (sum.get(key) ?? 0) + count)
  return Object.fromEntries(sum)
}
