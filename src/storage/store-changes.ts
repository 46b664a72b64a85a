import { Hash64 } from './write/hash64.ts'

/** Metrics share counters by a hash of their names. */
const METRIC_COUNTERS = 4_096
const ANY_SERIES = METRIC_COUNTERS
const OTHERS = { histograms: METRIC_COUNTERS + 1, slots: METRIC_COUNTERS + 2 } as const

/** `slots`: which slots of samples are packed, and of which samples came late since. */
export type Changeable = keyof typeof OTHERS

/**
 * Counts what is written into the store, in memory that the hub's threads share: who remembers what was read can tell
 * without asking the store whether it still holds. Writers count after what they wrote can be read; readers look before
 * they read. Only where one hub alone writes into the store.
 */
export class StoreChanges {
  readonly memory: SharedArrayBuffer
  readonly #counters: Int32Array
  readonly #hash = new Hash64()

  constructor(memory = new SharedArrayBuffer(4 * (METRIC_COUNTERS + 3))) {
    this.memory = memory
    this.#counters = new Int32Array(memory)
  }

  /** Rows of table `series` of these metrics. */
  wroteSeries(metrics: Iterable<string>): void {
    let any = false
    for (const metric of metrics) {
      Atomics.add(this.#counters, this.#counterOf(metric), 1)
      any = true
    }
    if (any) Atomics.add(this.#counters, ANY_SERIES, 1)
  }

  wrote(what: Changeable): void {
    Atomics.add(this.#counters, OTHERS[what], 1)
  }

  /** Another number when series of the metric, or of any metric, may have been written. */
  seriesOf(metric: string | undefined): number {
    return Atomics.load(this.#counters, metric === undefined ? ANY_SERIES : this.#counterOf(metric))
  }

  of(what: Changeable): number {
    return Atomics.load(this.#counters, OTHERS[what])
  }

  #counterOf(metric: string): number {
    this.#hash.start()
    this.#hash.text(metric)
    this.#hash.finish()
    return (this.#hash.low >>> 0) % METRIC_COUNTERS
  }
}
