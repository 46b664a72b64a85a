import { Buckets } from '../../core/index.ts'
import type { Batch } from '../../model/index.ts'

/** More clusters than one hub serves: what comes beyond is counted together. */
const MAX_CLUSTERS = 1_000
const OTHER = 'other clusters'
/** Over this, the rate of delivery is the mean. */
const RATE_SECONDS = 30

/** What became of the items of one cluster on their way to one destination, since the lane was started. */
export interface ClusterCounts {
  readonly delivered: number
  /** Left out by the conditions of the fleet file. */
  readonly filtered: number
  /** Never delivered, or put aside. */
  readonly lost: number
}

/** One cluster's part in what a lane does, as plain data. */
export interface ClusterReport extends ClusterCounts {
  readonly cluster: string
  /** Items delivered per second over the last 30 s. */
  readonly perSecond: number
  /** Items read from the log and not done with. */
  readonly waiting: number
  /** When the hub received the oldest of those. */
  readonly oldestAtMs?: number
}

class ClusterState {
  delivered = 0
  filtered = 0
  lost = 0
  waiting = 0
  /** When the records under way were received, by their sequence; in the order of the log. */
  readonly pending = new Map<number, number>()
  /** One more than is read: the present second is not over. */
  readonly lately = new Buckets(1_000, RATE_SECONDS + 1)
}

/**
 * Counts by the cluster that items come from. Requests hold items of several clusters; when a vendor leaves out some
 * of such a request, it isn't known whose they were, and each cluster gets its share by the number of its items.
 */
export class ClusterTotals {
  readonly #clusters = new Map<string, ClusterState>()

  /** A batch was read and is to be sent. */
  begin({ envelope }: Batch, sequence: number): void {
    const state = this.#of(envelope.identity.cluster)
    state.waiting += envelope.items
    state.pending.set(sequence, envelope.receivedAtMs)
  }

  filtered(cluster: string, items: number): void {
    this.#of(cluster).filtered += items
  }

  /** Items that are given up before they were under way. */
  lost(cluster: string, items: number): void {
    this.#of(cluster).lost += items
  }

  /** Batches are done with, each with its sequence; `delivered` of all their items arrived. */
  end(batches: readonly Batch[], sequences: readonly number[], delivered: number, nowMs: number): void {
    const all = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
    const share = all === 0 ? 0 : Math.min(1, delivered / all)
    let seen = 0
    batches.forEach(({ envelope: { identity, items } }, index) => {
      // Rounded as they add up, so that the shares have the sum that was delivered.
      const arrived = Math.round((seen + items) * share) - Math.round(seen * share)
      seen += items
      const state = this.#of(identity.cluster)
      state.delivered += arrived
      state.lost += items - arrived
      state.waiting -= items
      const sequence = sequences[index]
      if (sequence !== undefined) state.pending.delete(sequence)
      state.lately.add(nowMs, arrived)
    })
  }

  read(nowMs: number): readonly ClusterReport[] {
    return [...this.#clusters].map(([cluster, state]) => {
      const { delivered, filtered, lost, waiting, pending, lately } = state
      const last = lately.bucketOf(nowMs) - 1
      const perSecond = lately.sum(last - RATE_SECONDS + 1, last) / RATE_SECONDS
      const [oldestAtMs] = pending.values()
      return {
        cluster,
        delivered,
        filtered,
        lost,
        perSecond,
        waiting,
        ...(oldestAtMs === undefined ? {} : { oldestAtMs }),
      }
    })
  }

  #of(cluster: string): ClusterState {
    const name = this.#clusters.has(cluster) || this.#clusters.size < MAX_CLUSTERS ? cluster : OTHER
    const known = this.#clusters.get(name)
    if (known !== undefined) return known
    const state = new ClusterState()
    this.#clusters.set(name, state)
    return state
  }
}
