import { createRandom } from '../../../../core/testing/random.ts'
import type { Labels } from '../../../../model/index.ts'
import { sortedNames } from '../../../../query/index.ts'
import { type NativeHistogram, RemoteWriteWriter } from '../../../../wire/index.ts'

type Value = number | 'stale' | Omit<NativeHistogram, 'timestampMs'>

interface Series {
  readonly labels: Labels
  readonly points: readonly (readonly [timeMs: number, value: Value])[]
}

export interface DataSet {
  readonly startMs: number
  readonly endMs: number
  /** Requests of remote write 2.0 in the order of time, as a server needs them that takes nothing late. */
  readonly requests: readonly Uint8Array[]
}

interface DataSetOptions {
  readonly seed: number
  /** Samples at whole multiples of the scrape interval, so that edges of ranges meet them; else at odd milliseconds. */
  readonly onGrid: boolean
  /**
   * Counters that begin with a million and fall by half. Behind a gap, Prometheus before 3.0 extrapolates a counter to
   * where it would have been zero, even if that is farther than what it allows other series.
   */
  readonly farFromZero: boolean
  readonly histograms: boolean
  /** On every series, as the hub puts them there. */
  readonly labels: Labels
}

const START_MS = Date.UTC(2026, 0, 5)
const SCRAPE_MS = 15_000
const SCRAPES = 480
const REQUEST_MS = 1_800_000
const BOUNDS = ['0.1', '0.5', '1', '+Inf']
const FAR = 1_000_000

/** Two hours of what services and machines are seen to send: counters with resets, gauges, histograms, gaps, NaN, ends. */
export function createDataSet(options: DataSetOptions): DataSet {
  const series = new SeriesMaker(options).all()
  const requests: Uint8Array[] = []
  const endMs = START_MS + SCRAPES * SCRAPE_MS
  for (let from = START_MS; from < endMs; from += REQUEST_MS) requests.push(encode(series, from, from + REQUEST_MS))
  return { startMs: START_MS, endMs, requests }
}

class SeriesMaker {
  readonly #random: () => number
  readonly #options: DataSetOptions
  readonly #series: Series[] = []

  constructor(options: DataSetOptions) {
    this.#options = options
    this.#random = createRandom(options.seed)
  }

  all(): readonly Series[] {
    for (const job of ['api', 'db']) {
      for (const instance of ['a', 'b', 'c']) {
        this.#service({ job, instance })
        if (this.#options.histograms) this.#native({ job, instance })
      }
      this.#add('build_info', { job, version: job === 'api' ? 'v1' : 'v2' }, () => 1)
    }
    return this.#series
  }

  #service(labels: Labels): void {
    for (const code of ['ok', 'failed']) {
      for (const method of ['get', 'post']) this.#counter('http_requests_total', { ...labels, code, method }, 7)
    }
    this.#add('up', labels, () => (this.#random() < 0.1 ? 0 : 1))
    this.#add('memory_bytes', labels, () => Math.floor(this.#random() * 2 ** 33))
    let temperature = 20
    this.#add('temperature', labels, () => (temperature += this.#random() * 8 - 4.1))
    this.#add('odd_values', labels, () => this.#odd())
    this.#classic(labels)
  }

  #counter(name: string, labels: Labels, most: number): void {
    const { farFromZero } = this.#options
    let count = farFromZero ? FAR : 0
    this.#add(name, labels, () => {
      const fallen = farFromZero ? Math.floor(count / 2) : 0
      count = this.#random() < 0.01 ? fallen : count + Math.floor(this.#random() * most)
      return count
    })
  }

  #odd(): Value {
    const at = this.#random()
    if (at < 0.03) return NaN
    if (at < 0.05) return Infinity
    if (at < 0.06) return -Infinity
    if (at < 0.1) return 'stale'
    return at < 0.2 ? 0 : Math.round(at * 100) / 10 - 5
  }

  /** Buckets, sum and count move together. */
  #classic(labels: Labels): void {
    const times = this.#times()
    const base = this.#options.farFromZero ? FAR : 0
    const counts = BOUNDS.map((_, i) => base * (i + 1))
    let sum = base
    const points: [number, number[], number][] = []
    for (const time of times) {
      for (let i = Math.floor(this.#random() * 6); i > 0; i--) {
        const value = this.#random() * 1.5
        BOUNDS.forEach((bound, at) => {
          if (value <= Number(bound.replace('+Inf', 'Infinity'))) counts[at] = (counts[at] ?? 0) + 1
        })
        sum += value
      }
      points.push([time, [...counts], sum])
    }
    const series = (name: string, more: Labels, of: (counts: readonly number[], sum: number) => number): void => {
      const all = this.#labelled(name, { ...labels, ...more })
      this.#series.push({ labels: all, points: points.map(([time, at, total]) => [time, of(at, total)]) })
    }
    BOUNDS.forEach((le, at) => {
      series('duration_seconds_bucket', { le }, (count) => count[at] ?? 0)
    })
    series('duration_seconds_sum', {}, (_, total) => total)
    series('duration_seconds_count', {}, (count) => count.at(-1) ?? 0)
  }

  #native(labels: Labels): void {
    let buckets = [0, 0, 0, 0]
    let sum = 0
    this.#add('latency_seconds', labels, () => {
      if (this.#random() < 0.01) [buckets, sum] = [[0, 0, 0, 0], 0]
      buckets = buckets.map((count) => count + Math.floor(this.#random() * 4))
      sum += this.#random()
      const count = buckets.reduce((all, one) => all + one, 0)
      return {
        schema: 0,
        zeroThreshold: 0.001,
        sum,
        resetHint: 'unspecified',
        positiveSpans: [{ offset: -1, length: 4 }],
        negativeSpans: [],
        counts: { kind: 'float', count: count + 2, zeroCount: 2, positiveCounts: buckets, negativeCounts: [] },
      }
    })
  }

  #add(name: string, labels: Labels, next: () => Value): void {
    const points = this.#times().map((time) => [time, next()] as const)
    this.#series.push({ labels: this.#labelled(name, labels), points })
  }

  #labelled(name: string, labels: Labels): Labels {
    return { __name__: name, ...labels, ...this.#options.labels }
  }

  /** With gaps: single scrapes and, in some series, a long outage. */
  #times(): readonly number[] {
    const phase = this.#options.onGrid ? 0 : Math.floor(this.#random() * 14) * 1000 + 123
    const outage = this.#random() < 0.3 ? Math.floor(this.#random() * SCRAPES) : SCRAPES
    const times: number[] = []
    for (let i = 0; i < SCRAPES; i++) {
      if (this.#random() < 0.02 || (i >= outage && i < outage + 40)) continue
      const jitter = this.#options.onGrid ? 0 : Math.floor(this.#random() * 7)
      times.push(START_MS + i * SCRAPE_MS + phase + jitter)
    }
    return times
  }
}

function encode(all: readonly Series[], fromMs: number, toMs: number): Uint8Array {
  const writer = new RemoteWriteWriter()
  for (const { labels, points } of all) {
    const inside = points.filter(([time]) => time >= fromMs && time < toMs)
    if (inside.length === 0) continue
    writer.beginSeries(sortedNames(labels).flatMap((name) => [name, labels[name] ?? '']))
    for (const [time, value] of inside) {
      if (value === 'stale') writer.staleMarker(time)
      else if (typeof value === 'number') writer.sample(value, time)
      else writer.histogram({ ...value, timestampMs: time })
    }
    writer.endSeries()
  }
  return writer.finish()
}
