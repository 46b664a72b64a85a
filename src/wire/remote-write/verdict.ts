import { METRIC_TYPES, type MetricType } from '../metric-type.ts'

/** What a remote write request may hold. A series over a limit is refused; its neighbours are not. */
export interface RemoteWriteLimits {
  readonly labelsPerSeries: number
  readonly labelNameBytes: number
  readonly labelValueBytes: number
  /** Samples before and after are refused; ms since the epoch. */
  readonly earliestMs: number
  readonly latestMs: number
}

export const DEFAULT_REMOTE_WRITE_LIMITS: RemoteWriteLimits = {
  labelsPerSeries: 128,
  labelNameBytes: 1_024,
  labelValueBytes: 4_096,
  earliestMs: -Infinity,
  latestMs: Infinity,
}

/** Characters of the names and values of an exemplar's labels together, by OpenMetrics. */
export const EXEMPLAR_CHARACTERS = 128

/** Why a series, a sample or a histogram was refused, and how a sender is told. */
const REMOTE_WRITE_PROBLEMS = {
  no_name: 'it has no metric name (label __name__)',
  bad_labels: 'a label name is empty or stands twice, or a label is no valid UTF-8',
  bad_reference: 'a reference points outside the symbols, or a label has no value',
  too_many_labels: 'it has too many labels',
  label_too_long: 'a label name or value is too long',
  no_samples: 'it has neither samples nor histograms',
  samples_and_histograms: 'it has both samples and histograms',
  too_old: 'a sample is too old',
  too_new: 'a sample is too far in the future',
  bad_histogram: 'the parts of a native histogram contradict each other',
} as const

export type RemoteWriteProblem = keyof typeof REMOTE_WRITE_PROBLEMS

/** What was accepted of a request, and what was not. */
export interface RemoteWriteVerdict {
  /** An `io.prometheus.write.v2.Request` of all that is good; empty when nothing is. */
  readonly payload: Uint8Array
  /** Accepted: what the `X-Prometheus-Remote-Write-…-Written` headers count. */
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
  readonly series: number
  /** Metric families that metadata was accepted for. */
  readonly metadata: number
  /** Refused samples and histograms by reason; a series without any counts as one. */
  readonly rejected: ReadonlyMap<RemoteWriteProblem, number>
  /** Refused exemplars. They are no items: a sender is not told to send anything again for them. */
  readonly rejectedExemplars: number
  /** The first refusal in words, for the answer and for whoever looks for the cause. It holds no label values. */
  readonly firstProblem: string | undefined
}

/** Counts while a request is read. */
export class VerdictCounts {
  samples = 0
  histograms = 0
  exemplars = 0
  series = 0
  metadata = 0
  rejectedExemplars = 0
  firstProblem: string | undefined
  readonly rejected = new Map<RemoteWriteProblem, number>()
  /** Which series of the request is being read, from 0. */
  index = -1

  reject(problem: RemoteWriteProblem, items: number): void {
    this.rejected.set(problem, (this.rejected.get(problem) ?? 0) + items)
    this.firstProblem ??= `series ${String(this.index)} of the request: ${REMOTE_WRITE_PROBLEMS[problem]}`
  }

  rejectExemplar(): void {
    this.rejectedExemplars += 1
  }

  toVerdict(payload: Uint8Array): RemoteWriteVerdict {
    const { samples, histograms, exemplars, series, metadata, rejected, rejectedExemplars, firstProblem } = this
    return { payload, samples, histograms, exemplars, series, metadata, rejected, rejectedExemplars, firstProblem }
  }
}

/** The suffixes that a family's series have behind the family's name. */
const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  unknown: [],
  counter: ['_total'],
  gauge: [],
  histogram: ['_bucket', '_sum', '_count'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount', '_sum', '_count'],
  summary: ['_sum', '_count'],
  info: ['_info'],
  stateset: [],
}

/** The name of the family to which a series of this name belongs if it is of this type. */
export function toFamilyName(series: string, type: MetricType): string {
  if (type === 'counter' || type === 'info') return series
  const suffix = SUFFIXES[type].find((end) => series.endsWith(end) && series.length > end.length)
  return suffix === undefined ? series : series.slice(0, -suffix.length)
}

/** The names that the series of a family have. */
export function toSeriesNames(family: string, type: number): readonly string[] {
  const suffixes = SUFFIXES[METRIC_TYPES[type] ?? 'unknown']
  return [family, ...suffixes.map((suffix) => family + suffix)]
}
