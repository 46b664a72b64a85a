const WINDOW_MS = 60_000

interface Second {
  readonly second: number
  items: number
  p50Ms: number
  p99Ms: number
}

/**
 * The lag of the last minute from what each flush says of itself. Flushes of one second are put together; over the
 * minute a second counts by its items, so that a small late flush does not speak for a large punctual one.
 */
export class LagWindow {
  #seconds: Second[] = []

  add(atMs: number, items: number, lag: { readonly p50Ms: number; readonly p99Ms: number }): void {
    if (items <= 0) return
    this.#forget(atMs)
    const second = Math.floor(atMs / 1_000)
    const last = this.#seconds.at(-1)
    if (last?.second !== second) {
      this.#seconds.push({ second, items, ...lag })
      return
    }
    last.p50Ms = (last.p50Ms * last.items + lag.p50Ms * items) / (last.items + items)
    last.p99Ms = Math.max(last.p99Ms, lag.p99Ms)
    last.items += items
  }

  /** Undefined when nothing was stored in the last minute. */
  read(nowMs: number): { readonly p50Ms: number; readonly p99Ms: number } | undefined {
    this.#forget(nowMs)
    if (this.#seconds.length === 0) return undefined
    return { p50Ms: this.#quantile(0.5, (s) => s.p50Ms), p99Ms: this.#quantile(0.99, (s) => s.p99Ms) }
  }

  #quantile(quantile: number, valueOf: (second: Second) => number): number {
    const sorted = [...this.#seconds].sort((a, b) => valueOf(a) - valueOf(b))
    let left = quantile * sorted.reduce((sum, { items }) => sum + items, 0)
    for (const second of sorted) {
      left -= second.items
      if (left <= 0) return valueOf(second)
    }
    return valueOf(sorted.at(-1) ?? { second: 0, items: 0, p50Ms: 0, p99Ms: 0 })
  }

  /** What is older than the window, or from a time that a clock set back has not reached again. */
  #forget(nowMs: number): void {
    const newest = Math.floor(nowMs / 1_000)
    this.#seconds = this.#seconds.filter(({ second }) => second > newest - WINDOW_MS / 1_000 && second <= newest)
  }
}
