/** One point of a cumulative series: one value, or several that begin anew together (count and sum). */
export interface CumulativePoint {
  readonly timeMs: number
  /** When the series began, 0 if that is not known. */
  readonly startMs: number
  /** By part of the point. */
  readonly values: ReadonlyMap<string, number>
  /** Parts that never fall unless the series begins anew. */
  readonly growing: ReadonlySet<string>
}

export type Increase =
  /** What was added since the point before. */
  | { readonly t: 'increase'; readonly values: ReadonlyMap<string, number>; readonly sinceMs: number }
  /** The first point that is seen of a series which is older than that: what was added is not known. */
  | { readonly t: 'baseline' }
  /** Not later than the point before. */
  | { readonly t: 'out_of_order' }

/** Clocks of senders may be ahead of ours by this much. */
const CLOCK_SKEW_MS = 60_000

/**
 * Makes increases of cumulative values. The last point of each series is kept in memory, of so many series at most; those
 * that were silent for longest go first.
 *
 * After a restart nothing is known: the first point of a series is then a baseline, and what was added between it and the
 * last point before the restart is not sent, so a total is never counted twice. A series that began after the first
 * batch which was seen has no past, and its first value is an increase.
 */
export class CumulativeState {
  readonly #maxSeries: number
  readonly #last = new Map<string, CumulativePoint>()
  #seenSinceMs: number | undefined

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries
  }

  get size(): number {
    return this.#last.size
  }

  /** To be told of each batch before its points: when it was received. */
  seeBatch(receivedAtMs: number): void {
    this.#seenSinceMs ??= receivedAtMs
  }

  add(series: string, point: CumulativePoint): Increase {
    const last = this.#last.get(series)
    if (last !== undefined && point.timeMs <= last.timeMs) return { t: 'out_of_order' }
    this.#last.delete(series)
    this.#last.set(series, point)
    this.#evict()
    if (last === undefined) {
      if (!this.#hasNoPast(point)) return { t: 'baseline' }
      return { t: 'increase', values: point.values, sinceMs: point.startMs }
    }
    if (isNew(point, last)) {
      const sinceMs = point.startMs > last.timeMs ? point.startMs : last.timeMs
      return { t: 'increase', values: point.values, sinceMs }
    }
    const values = new Map([...point.values].map(([part, value]) => [part, value - (last.values.get(part) ?? 0)]))
    return { t: 'increase', values, sinceMs: last.timeMs }
  }

  #hasNoPast({ startMs, timeMs }: CumulativePoint): boolean {
    const since = this.#seenSinceMs
    return since !== undefined && startMs > since + CLOCK_SKEW_MS && startMs < timeMs
  }

  #evict(): void {
    if (this.#last.size <= this.#maxSeries) return
    for (const [series, { timeMs }] of this.#last) {
      this.#last.delete(series)
      // When it comes back it must not look as if it had no past.
      this.#seenSinceMs = Math.max(this.#seenSinceMs ?? 0, timeMs)
      return
    }
  }
}

/** Whether the series has begun anew: it says so, or a value that only grows has fallen. */
function isNew(point: CumulativePoint, last: CumulativePoint): boolean {
  if (point.startMs > last.startMs && point.startMs >= last.timeMs) return true
  for (const part of point.growing) if ((point.values.get(part) ?? 0) < (last.values.get(part) ?? 0)) return true
  return false
}
