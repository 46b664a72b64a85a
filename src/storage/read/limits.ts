import { AppError } from '../../core/index.ts'

/** What one query may load. Past a limit it fails with `exhausted`, because half an answer would be a wrong one. */
export interface QueryLimits {
  readonly maxSeries: number
  /** That are held at once. */
  readonly maxSamples: number
  /** That are read one after the other, and held in small pieces only. */
  readonly maxSamplesRead: number
  /** Log lines that one request may ask for. */
  readonly maxLines: number
  /** Spans of one trace, and of all traces that a search answers with. */
  readonly maxSpans: number
}

/** As Prometheus has them where it has them; lines suffice for LogQL's metric queries, which count what they read. */
export const DEFAULT_QUERY_LIMITS: QueryLimits = {
  maxSeries: 200_000,
  maxSamples: 50_000_000,
  maxSamplesRead: 200_000_000,
  maxLines: 250_000,
  maxSpans: 200_000,
}

/** The error of a query that meets a limit; asking again does not help. */
export function overLimit(what: string, limit: number): AppError {
  return new AppError('exhausted', `the query would load more than ${String(limit)} ${what}: narrow it`, {
    retryable: false,
  })
}
