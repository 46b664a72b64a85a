import type { Labels, Matcher, Scope, TimeRange } from '../model/index.ts'

export interface Exemplar {
  readonly timeMs: number
  readonly value: number
  readonly labels: Labels
}

export interface SeriesExemplars {
  readonly labels: Labels
  /** In the order of their times. */
  readonly exemplars: readonly Exemplar[]
}

export interface ExemplarsRequest {
  /** Series that match any of these. */
  readonly matcherSets: readonly (readonly Matcher[])[]
  /** Both ends are inside. */
  readonly range: TimeRange
}

/** Where exemplars are read from; nothing outside the scope can be named. */
export interface ExemplarSource {
  /** Series without exemplars are left out. Throws AppError `exhausted` past the limit. */
  exemplars(scope: Scope, request: ExemplarsRequest, signal: AbortSignal): Promise<readonly SeriesExemplars[]>
}
