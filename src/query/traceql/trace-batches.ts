const MOST_TRACES = 3_200
const SPANS = 50_000

/**
 * How many traces to load at once: twice as many each time, because a source looks for a thousand nearly as fast as for a
 * hundred, but not many more than 50,000 spans, going by those that have been seen.
 */
export class TraceBatches {
  /** Of the next batch. */
  size: number
  #traces = 0
  #spans = 0

  constructor(first: number) {
    this.size = first
  }

  /** Tells what the batch held. */
  loaded(traces: Iterable<readonly unknown[]>): void {
    for (const { length } of traces) {
      this.#traces += 1
      this.#spans += length
    }
    const fitting = this.#spans === 0 ? MOST_TRACES : Math.ceil((SPANS * this.#traces) / this.#spans)
    this.size = Math.min(2 * this.size, fitting, MOST_TRACES)
  }
}
