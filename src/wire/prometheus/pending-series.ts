import type { MetricType } from '../metric-type.ts'
import { type NativeHistogram, RemoteWriteWriter } from '../remote-write/index.ts'
import type { SeriesName } from './otlp-labels.ts'

export interface WrittenSeries {
  /** A remote write 2.0 request. */
  readonly payload: Uint8Array
  /** Samples and histograms in it. */
  readonly items: number
  /** Data points that Prometheus has no form for, by reason. */
  readonly undelivered: readonly { readonly reason: string; readonly items: number }[]
}

export interface PendingSample {
  readonly timeMs: number
  readonly startMs: number
  readonly value: number | 'stale' | NativeHistogram
}

export interface PendingEntry {
  readonly name: SeriesName
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

  get(name: SeriesName, about: MetricAbout): PendingEntry {
    const known = this.#series.get(name.key)
    if (known !== undefined) return known
    const series: PendingEntry = { name, about, samples: [], exemplars: [] }
    this.#series.set(name.key, series)
    return series
  }

  write(): WrittenSeries {
    const writer = new RemoteWriteWriter()
    for (const { name, about, samples, exemplars } of this.#series.values()) {
      if (samples.length === 0) continue
      const ordered = inOrder(samples)
      // A series may hold samples or histograms, not both.
      const isNative = typeof ordered[0]?.value === 'object'
      writer.beginSeries(name.labels)
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

/** A request holds a series' samples in the order of time, and a time once: the last one that came. */
function inOrder(samples: readonly PendingSample[]): readonly PendingSample[] {
  if (samples.length < 2) return samples
  const last = new Map(samples.map((sample) => [sample.timeMs, sample]))
  return [...last.values()].sort((a, b) => a.timeMs - b.timeMs)
}
