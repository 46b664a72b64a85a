import type { MetricType } from '../metric-type.ts'
import { type NativeHistogram, RemoteWriteWriter } from '../remote-write/index.ts'

export interface WrittenSeries {
  /** A remote write 2.0 request. */
  readonly payload: Uint8Array
  /** Samples and histograms in it. */
  readonly items: number
  /** Data points that Prometheus has no form for, by reason. */
  readonly undelivered: readonly { readonly reason: string; readonly items: number }[]
}

/** Label name → value; empty values are no labels. */
export type PendingLabels = Map<string, string>

export interface PendingSample {
  readonly timeMs: number
  readonly startMs: number
  readonly value: number | 'stale' | NativeHistogram
}

export interface PendingEntry {
  readonly labels: readonly string[]
  readonly about: MetricAbout
  readonly samples: PendingSample[]
  readonly exemplars: { readonly labels: readonly string[]; readonly value: number; readonly timeMs: number }[]
}

export interface MetricAbout {
  readonly type: MetricType
  readonly unit: string
  readonly help: string
}

/** Series by their labels, until all batches have been read: each is written once, in the order of time. */
export class PendingSeries {
  readonly #series = new Map<string, PendingEntry>()
  readonly #undelivered = new Map<string, number>()

  reject(reason: string): void {
    this.#undelivered.set(reason, (this.#undelivered.get(reason) ?? 0) + 1)
  }

  get(labels: PendingLabels, about: MetricAbout): PendingEntry & { readonly key: string } {
    const sorted = [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1))
    const flat = sorted.flat()
    const key = flat.join('\u0000')
    const known = this.#series.get(key)
    if (known !== undefined) return { ...known, key }
    const series: PendingEntry = { labels: flat, about, samples: [], exemplars: [] }
    this.#series.set(key, series)
    return { ...series, key }
  }

  write(): WrittenSeries {
    const writer = new RemoteWriteWriter()
    for (const { labels, about, samples, exemplars } of this.#series.values()) {
      if (samples.length === 0) continue
      // A request holds a series' samples in the order of time, and a time once.
      const last = new Map(samples.map((sample) => [sample.timeMs, sample]))
      const ordered = [...last.values()].sort((a, b) => a.timeMs - b.timeMs)
      // A series may hold samples or histograms, not both.
      const isNative = typeof ordered[0]?.value === 'object'
      writer.beginSeries(labels)
      for (const { timeMs, startMs, value } of ordered) {
        if (typeof value === 'object') {
          if (isNative) writer.histogram(value)
        } else if (isNative) this.reject('mixed_series')
        else if (value === 'stale') writer.staleMarker(timeMs)
        else writer.sample(value, timeMs, startMs > 0 ? startMs : undefined)
      }
      for (const exemplar of exemplars) writer.exemplar(exemplar.labels, exemplar.value, exemplar.timeMs)
      writer.metadata(about.type, about.help, about.unit)
      writer.endSeries()
    }
    const undelivered = [...this.#undelivered].map(([reason, items]) => ({ reason, items }))
    return { payload: writer.finish(), items: writer.items, undelivered }
  }
}
