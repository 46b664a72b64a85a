import type { EdgeReport } from '../../model/index.ts'
import { clip } from './words.ts'

const MAX_EDGES = 64
/** An edge that was not heard for this long, while others of its cluster were, is gone for good. */
const FORGET_AFTER_MS = 10 * 60_000

export interface HeardEdge {
  readonly report: EdgeReport
  readonly heardAtMs: number
  /** Items that it collected per second between its last two reports; unknown after its first. */
  readonly perSecond?: number
}

/** What the edges of one cluster last said of themselves. */
export class Edges {
  readonly #edges = new Map<string, HeardEdge>()

  /** Returns how many items the edge has dropped since its report before. */
  add(report: EdgeReport, nowMs: number): number {
    const previous = this.#edges.get(report.edge)
    this.#edges.delete(report.edge)
    const perSecond = collectedPerSecond(previous?.report, report)
    this.#edges.set(report.edge, { report, heardAtMs: nowMs, ...(perSecond === undefined ? {} : { perSecond }) })
    // The map keeps the order of hearing: the first was heard longest ago.
    for (const [edge, { heardAtMs }] of this.#edges) {
      if (nowMs - heardAtMs < FORGET_AFTER_MS && this.#edges.size <= MAX_EDGES) break
      this.#edges.delete(edge)
    }
    const dropped = sumOf(report.dropped)
    const before = previous?.report.startedAtMs === report.startedAtMs ? sumOf(previous.report.dropped) : 0
    return previous === undefined ? 0 : Math.max(0, dropped - before)
  }

  list(): readonly HeardEdge[] {
    return [...this.#edges.values()].sort((a, b) => a.report.edge.localeCompare(b.report.edge))
  }

  queue(): { readonly bytes: number; readonly limitBytes: number; readonly records: number } | undefined {
    if (this.#edges.size === 0) return undefined
    const sum = { bytes: 0, limitBytes: 0, records: 0 }
    for (const { report } of this.#edges.values()) {
      sum.bytes += report.queue.bytes
      sum.limitBytes += report.queue.limitBytes
      sum.records += report.queue.records
    }
    return sum
  }

  /** Letters on the edges' disks, as they last said. */
  deadLetters(): number {
    return this.list().reduce((sum, { report }) => sum + (report.deadLetters ?? 0), 0)
  }

  /** The queue that is nearest to its own limit. */
  fullestQueue(): EdgeReport['queue'] | undefined {
    const share = ({ bytes, limitBytes }: EdgeReport['queue']): number => (limitBytes > 0 ? bytes / limitBytes : 0)
    return this.list()
      .map(({ report }) => report.queue)
      .sort((a, b) => share(b) - share(a))[0]
  }

  /** The newest error, in the hub's time: an edge's clock may differ. */
  lastError(): { readonly atMs: number; readonly message: string } | undefined {
    return this.list()
      .flatMap(({ report, heardAtMs }) =>
        report.lastError === undefined
          ? []
          : [{ atMs: heardAtMs - (report.sentAtMs - report.lastError.atMs), message: clip(report.lastError.message) }],
      )
      .sort((a, b) => b.atMs - a.atMs)[0]
  }
}

function collectedPerSecond(before: EdgeReport | undefined, report: EdgeReport): number | undefined {
  if (before?.books === undefined || report.books === undefined) return undefined
  const seconds = (report.sentAtMs - before.sentAtMs) / 1_000
  if (before.startedAtMs !== report.startedAtMs || seconds <= 0) return undefined
  const collected = ({ metrics, logs, traces }: NonNullable<EdgeReport['books']>): number =>
    metrics.collected + logs.collected + traces.collected
  return Math.max(0, collected(report.books) - collected(before.books)) / seconds
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
