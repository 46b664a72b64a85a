/** What a push may hold; the figures are Loki's own defaults. What is over a limit is refused, its neighbours are not. */
export interface LokiLimits {
  readonly labelsPerStream: number
  readonly labelNameBytes: number
  readonly labelValueBytes: number
  /** Structured metadata of one entry: pairs, and bytes of names and values. */
  readonly metadataPairs: number
  readonly metadataBytes: number
  /** Longer lines are cut off, and marked. */
  readonly lineBytes: number
  /** Entries before and after are refused; ms since the epoch. */
  readonly earliestMs: number
  readonly latestMs: number
}

export const DEFAULT_LOKI_LIMITS: LokiLimits = {
  labelsPerStream: 15,
  labelNameBytes: 1_024,
  labelValueBytes: 2_048,
  metadataPairs: 128,
  metadataBytes: 65_536,
  lineBytes: 262_144,
  earliestMs: 0,
  latestMs: Infinity,
}

/** Why a stream or an entry was refused, and how a sender is told. */
export const LOKI_PROBLEMS = {
  no_labels: 'a stream needs at least one label',
  bad_labels: 'the labels can not be parsed',
  duplicate_label: 'a label name stands twice',
  too_many_labels: 'the stream has too many labels',
  label_too_long: 'a label name or value is too long',
  too_old: 'the entry is too old',
  too_new: 'the entry is too far in the future',
  metadata_too_large: 'the entry has too much structured metadata',
} as const

export type LokiProblem = keyof typeof LOKI_PROBLEMS

/** What was accepted of a push, and what was not. */
export interface LokiVerdict {
  /** An OTLP `ExportLogsServiceRequest` of all that is good; empty when nothing is. */
  readonly payload: Uint8Array
  readonly streams: number
  readonly entries: number
  /** Refused entries by reason; a refused stream without entries counts as one. */
  readonly rejected: ReadonlyMap<LokiProblem, number>
  /** Accepted entries whose line was cut off. */
  readonly truncated: number
  /** The first refusal in words. It holds no label values. */
  readonly firstProblem: string | undefined
}

/** A time in whole seconds and nanoseconds, because nanoseconds since the epoch are more than a number holds. */
export interface LokiTime {
  seconds: number
  nanos: number
}
