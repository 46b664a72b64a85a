import type { Labels, Matcher, Scope, TimeRange } from '../model/index.ts'
import type { FloatHistogram } from './promql/histogram/index.ts'
import type { BucketFact, Buckets, RollupSizeMs } from './rollups/index.ts'

/** One series with its samples in time order; its floats and its histograms together have at most one a timestamp. */
export interface SeriesSamples {
  /** With `__name__` and the canonical labels. */
  readonly labels: Labels
  /** Of the floats, in milliseconds since the epoch, ascending. */
  readonly timesMs: Float64Array
  /** Beside `timesMs`. Stale markers are in it: look at the bits with `isStaleAt`. */
  readonly values: Float64Array
  /** Whether it is known that there are no stale markers among the values. */
  readonly staleFree?: boolean
  /** Beside `timesMs`, where known: when the counter began to count, in milliseconds; 0 where it is not known. */
  readonly startsMs?: Float64Array
  /** Absent for the many series that have floats only. */
  readonly histograms?: HistogramSamples
}

/** The native histograms of a series in time order. */
export interface HistogramSamples {
  readonly timesMs: Float64Array
  /** With the hints that `hintAfter` finds. Undefined is a stale marker. */
  readonly values: readonly (FloatHistogram | undefined)[]
  readonly startsMs?: Float64Array
}

export interface MetricMetadata {
  readonly name: string
  readonly type: string
  readonly unit: string
  readonly help: string
}

export interface SelectRequest {
  readonly matchers: readonly Matcher[]
  /** Samples with start < t ≤ end, as Prometheus 3 reads a range selector. */
  readonly range: TimeRange
  /** With `startsMs`, where known. Most queries do not look at them. */
  readonly starts?: boolean
  /** The labels that the caller looks at, beside `__name__`; others may be missing then. Absent: all of them. */
  readonly labels?: readonly string[]
}

/** Buckets instead of samples, for windows that are made of whole buckets. */
export interface BucketRequest {
  readonly matchers: readonly Matcher[]
  readonly sizeMs: RollupSizeMs
  /** Where these are no ends of buckets, the first and the last are parts of one. */
  readonly range: TimeRange
  /** What the caller looks at, beside `endMs`; all else may be zeros. */
  readonly facts: readonly BucketFact[]
  /** Of each so many milliseconds, counted from the end of the range, only the last so many are looked at. */
  readonly windows?: { readonly everyMs: number; readonly spanMs: number }
  /** Whether the caller would look at when counters began, which buckets do not say. */
  readonly starts?: boolean
  /** See `SelectRequest`. */
  readonly labels?: readonly string[]
}

export interface SeriesBuckets {
  readonly labels: Labels
  readonly buckets: Buckets
}

export interface NamesRequest {
  /** Series that match any of these; empty means all. */
  readonly matcherSets: readonly (readonly Matcher[])[]
  readonly range: TimeRange
  readonly limit?: number
}

/** Where PromQL reads from. Every call needs a scope; nothing outside it can be named. */
export interface MetricSource {
  select(scope: Scope, request: SelectRequest, signal: AbortSignal): Promise<readonly SeriesSamples[]>
  /**
   * The same in pieces of whole series, so that nobody need hold all of them. Arrays of samples may be overwritten when
   * the next piece is asked for; labels and histograms may be kept. A source without it answers in one piece.
   */
  pieces?(scope: Scope, request: SelectRequest, signal: AbortSignal): AsyncIterable<readonly SeriesSamples[]>
  /**
   * Series in pieces, as buckets that say the same of the samples as `select` would. Undefined where that is no easier,
   * or cannot be: most of the range is not rolled up yet, or there is more to the samples than buckets say.
   */
  buckets?(
    scope: Scope,
    request: BucketRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<readonly SeriesBuckets[]> | undefined>
  series(scope: Scope, request: NamesRequest, signal: AbortSignal): Promise<readonly Labels[]>
  labelNames(scope: Scope, request: NamesRequest, signal: AbortSignal): Promise<readonly string[]>
  labelValues(scope: Scope, label: string, request: NamesRequest, signal: AbortSignal): Promise<readonly string[]>
  metadata(scope: Scope, metric: string | undefined, signal: AbortSignal): Promise<readonly MetricMetadata[]>
}

/** What the source has in pieces, or else all of it in one. */
export async function* piecesOf(
  source: MetricSource,
  scope: Scope,
  request: SelectRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly SeriesSamples[]> {
  if (source.pieces === undefined) yield await source.select(scope, request, signal)
  else yield* source.pieces(scope, request, signal)
}
