import type { Identity } from '../../../model/index.ts'
import { KeyTable } from '../../../storage/write/index.ts'
import type { Shape } from './families.ts'
import { LatencyHistogram } from './latency-histogram.ts'

/** All series of one set of labels. */
export class Entry {
  readonly low: number
  readonly high: number
  readonly shape: Shape
  /** Name, value, …, sorted by name; without the metric's name. */
  readonly labels: readonly string[]
  /** The series are zero here, and count from here on. */
  readonly startMs: number
  readonly counters: Float64Array
  readonly histograms: readonly LatencyHistogram[]
  /** Whether something was counted since it was rendered last. */
  isTouched = true
  idleSinceMs = 0
  /** Whether it has been rendered, and whether what was rendered, with its zero, is safe. */
  isRendered = false
  isWritten = false
  /** Whether its end is being written. */
  isEnding = false

  constructor(
    key: { readonly low: number; readonly high: number },
    shape: Shape,
    labels: readonly string[],
    { startMs, bounds }: { readonly startMs: number; readonly bounds: readonly number[] },
  ) {
    this.low = key.low
    this.high = key.high
    this.shape = shape
    this.labels = labels
    this.startMs = startMs
    this.counters = new Float64Array(shape.counters.length)
    this.histograms = shape.histograms.map(() => new LatencyHistogram(bounds))
  }

  add(counter: number, value: number): void {
    this.isTouched = true
    this.counters[counter] = (this.counters[counter] ?? 0) + value
  }
}

export interface BookOptions {
  readonly identity: Identity
  readonly bounds: readonly number[]
  readonly maxSeries: number
  /** What lies below this sequence of the log is in the series that were written before. */
  readonly countedBelow: number
}

/** The series of one cluster in one tenant: how many there are is limited. */
export class SeriesBook {
  readonly identity: Identity
  readonly bounds: readonly number[]
  readonly countedBelow: number
  /** As they are written, without those that are zero of the overflow. */
  series = 0
  /** Observations that were counted with the overflow, or not at all, since they were asked for last. */
  overflowed = 0
  readonly #maxSeries: number
  #table = new KeyTable()
  #entries: Entry[] = []
  readonly #overflows = new Map<Shape, Entry>()

  constructor({ identity, bounds, maxSeries, countedBelow }: BookOptions) {
    this.identity = identity
    this.bounds = bounds
    this.countedBelow = countedBelow
    this.#maxSeries = maxSeries
  }

  find(low: number, high: number): Entry | undefined {
    return this.#entries[this.#table.find(low, high)]
  }

  /** Adds what `find` has not found. The overflow, or undefined where there is none, if there is no room for more. */
  add(
    key: { readonly low: number; readonly high: number },
    shape: Shape,
    labelsOf: () => readonly string[],
    startMs: number,
  ): Entry | undefined {
    const size = this.#sizeOf(shape)
    if (this.series + size > this.#maxSeries) {
      this.overflowed += 1
      return this.#overflowOf(shape, startMs)
    }
    const entry = new Entry(key, shape, labelsOf(), { startMs, bounds: this.bounds })
    this.#table.add(key.low, key.high)
    this.#entries.push(entry)
    this.series += size
    return entry
  }

  *entries(): Iterable<Entry> {
    yield* this.#entries
    yield* this.#overflows.values()
  }

  /** What was rendered is safe: series have begun or ended. */
  settle(): void {
    for (const entry of this.entries()) entry.isWritten ||= entry.isRendered
    const ended = this.#entries.some((entry) => entry.isEnding && !entry.isTouched)
    if (ended) this.#rebuild()
    for (const [shape, entry] of this.#overflows) if (entry.isEnding && !entry.isTouched) this.#overflows.delete(shape)
  }

  takeOverflowed(): number {
    const { overflowed } = this
    this.overflowed = 0
    return overflowed
  }

  #rebuild(): void {
    this.#entries = this.#entries.filter((entry) => !entry.isEnding || entry.isTouched)
    this.#table = new KeyTable()
    this.series = 0
    for (const { low, high, shape } of this.#entries) {
      this.#table.add(low, high)
      this.series += this.#sizeOf(shape)
    }
  }

  #overflowOf(shape: Shape, startMs: number): Entry | undefined {
    const known = this.#overflows.get(shape)
    if (known !== undefined || shape.overflow === undefined) return known
    const entry = new Entry({ low: 0, high: 0 }, shape, toLabels(shape.overflow, this.identity), {
      startMs,
      bounds: this.bounds,
    })
    this.#overflows.set(shape, entry)
    return entry
  }

  /** A histogram has a series for each bucket, one more above them, its sum and its count. */
  #sizeOf({ gauges, counters, histograms }: Shape): number {
    return gauges.length + counters.length + histograms.length * (this.bounds.length + 3)
  }
}

/** No value of a label is longer; the rest is cut off. */
const MAX_VALUE = 1_024

/** Labels, the identity's over them, as name, value, … in order of the names, without empty ones. */
export function toLabels(
  labels: Readonly<Record<string, string | undefined>>,
  { cluster, environment, region, clusterType, tenant }: Identity,
): readonly string[] {
  const all: Record<string, string | undefined> = {
    ...labels,
    cluster,
    environment,
    region,
    cluster_type: clusterType,
    tenant_id: tenant,
  }
  return Object.entries(all)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value = '']) => (value === '' ? [] : [name, value.slice(0, MAX_VALUE)]))
}
