import { AppError } from '../../core/index.ts'

/** What one query may look at. Past a limit it fails with `exhausted`, because half an answer would be a wrong one. */
export interface TraceqlLimits {
  /** Spans that are read, one by one or in whole traces; spans that the source counts by itself are not among them. */
  readonly maxSpans: number
  readonly maxSeries: number
  /** Numbers in all series: series times intervals. */
  readonly maxSamples: number
}

export const DEFAULT_TRACEQL_LIMITS: TraceqlLimits = {
  maxSpans: 5_000_000,
  maxSeries: 10_000,
  maxSamples: 5_000_000,
}

/** The error of a query that meets a limit; asking again does not help. */
export function overTraceqlLimit(what: string, limit: number): AppError {
  return new AppError('exhausted', `the query would need more than ${String(limit)} ${what}: narrow it`, {
    retryable: false,
  })
}
