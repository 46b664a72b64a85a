import type { MetricType } from '../metric-type.ts'
import type { ReadSample, ReadSeries, ReadSeriesExemplar } from '../remote-write/index.ts'
import type { HistogramValue, SummaryValue } from './otlp-points.ts'

/** Which part of a classic histogram or summary a series is. */
export type Part =
  | { readonly t: 'bucket'; readonly bound: number }
  | { readonly t: 'quantile'; readonly quantile: number }
  | { readonly t: 'sum' }
  | { readonly t: 'count' }

export interface FamilyMember {
  readonly kind: 'histogram' | 'summary'
  /** The family's name. */
  readonly name: string
  readonly part: Part
}

const SUFFIXES = { _bucket: 'bucket', _sum: 'sum', _count: 'count' } as const

/** Knows which series of a request belong to classic histograms and summaries. */
export class ClassicFamilies {
  /** Families whose metadata is not there, told by their `le` and `quantile` labels. */
  readonly #guessed = new Map<string, 'histogram' | 'summary'>()

  /** To be called for all series before the first question. */
  learn(name: string, type: MetricType, label: (name: string) => string | undefined): void {
    if (type !== 'unknown') return
    if (name.endsWith('_bucket') && label('le') !== undefined) this.#guessed.set(name.slice(0, -7), 'histogram')
    else if (label('quantile') !== undefined) this.#guessed.set(name, 'summary')
  }

  find(name: string, type: MetricType, label: (name: string) => string | undefined): FamilyMember | undefined {
    const { base, suffix } = cutSuffix(name)
    const guess = this.#guessed.get(suffix === undefined ? name : base)
    const kind = type === 'histogram' || type === 'summary' ? type : type === 'unknown' ? guess : undefined
    if (kind === undefined) return undefined
    if (suffix === 'sum' || suffix === 'count') return { kind, name: base, part: { t: suffix } }
    const text = label(kind === 'histogram' ? 'le' : 'quantile')
    const value = text === undefined ? NaN : parseBound(text)
    if (Number.isNaN(value)) return undefined
    if (kind === 'summary') return { kind, name, part: { t: 'quantile', quantile: value } }
    return suffix === 'bucket' ? { kind, name: base, part: { t: 'bucket', bound: value } } : undefined
  }
}

function cutSuffix(name: string): { readonly base: string; readonly suffix: 'bucket' | 'sum' | 'count' | undefined } {
  for (const [suffix, part] of Object.entries(SUFFIXES)) {
    if (name.endsWith(suffix)) return { base: name.slice(0, -suffix.length), suffix: part }
  }
  return { base: name, suffix: undefined }
}

function parseBound(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity
  if (text === '-Inf') return -Infinity
  return text.trim() === '' ? NaN : Number(text)
}

/** All that is known of one histogram or summary at one time. */
export class FamilyPoint {
  readonly buckets: (readonly [bound: number, value: number])[] = []
  readonly quantiles: (readonly [quantile: number, value: number])[] = []
  sum: number | undefined
  count: number | undefined
  stale = false
  startMs = 0
  readonly exemplars: ReadSeriesExemplar[] = []
  /** What it was made of: sent as it is where no histogram comes of it. */
  readonly sources: { readonly series: ReadSeries; readonly sample: ReadSample }[] = []

  add(part: Part, sample: ReadSample, series: ReadSeries): void {
    this.sources.push({ series, sample })
    this.stale ||= sample.stale
    this.startMs = Math.max(this.startMs, sample.startTimestampMs)
    switch (part.t) {
      case 'sum':
        this.sum = sample.value
        return
      case 'count':
        this.count = sample.value
        return
      case 'bucket':
        this.buckets.push([part.bound, sample.value])
        return
      case 'quantile':
        this.quantiles.push([part.quantile, sample.value])
        return
    }
  }

  /** Undefined where the family is not complete, or its numbers are none of a histogram. */
  toHistogram(): HistogramValue | undefined {
    if (this.stale) return { count: 0, sum: undefined, bucketCounts: [], bounds: [] }
    const buckets = [...this.buckets].sort(([a], [b]) => a - b)
    const last = buckets.at(-1)
    const total = this.count ?? (last?.[0] === Infinity ? last[1] : undefined)
    if (total === undefined || !isCount(total)) return undefined
    const bounds: number[] = []
    const bucketCounts: number[] = []
    let below = 0
    for (const [bound, cumulative] of buckets) {
      if (bound === Infinity) break
      if (!isCount(cumulative) || cumulative < below || bound === bounds.at(-1)) return undefined
      bounds.push(bound)
      bucketCounts.push(cumulative - below)
      below = cumulative
    }
    if (total < below) return undefined
    if (bounds.length > 0) bucketCounts.push(total - below)
    return { count: total, sum: this.sum, bucketCounts, bounds }
  }

  /** Undefined where count or sum are missing. */
  toSummary(): SummaryValue | undefined {
    if (this.stale) return { count: 0, sum: 0, quantiles: [] }
    const { count, sum, quantiles } = this
    if (count === undefined || sum === undefined || !isCount(count)) return undefined
    return { count, sum, quantiles: [...quantiles].sort(([a], [b]) => a - b) }
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
