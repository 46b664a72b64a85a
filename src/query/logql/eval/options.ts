import { AppError } from '../../../core/index.ts'
import type { Scope } from '../../../model/index.ts'
import type { LogSource } from '../../log-source.ts'
import type { Pacer } from '../../pacer.ts'
import type { StepGrid } from '../../promql/values.ts'

/** What one query may take. */
export interface LogqlLimits {
  /** Series that a metric query may answer with. */
  readonly maxSeries: number
  /** Lines that a query may read from the source. */
  readonly maxLines: number
  /** Samples that a metric query may hold at once. */
  readonly maxSamples: number
}

export const DEFAULT_LOGQL_LIMITS: LogqlLimits = { maxSeries: 500, maxLines: 50_000_000, maxSamples: 20_000_000 }

export interface LogqlOptions {
  readonly source: LogSource
  readonly scope: Scope
  readonly signal: AbortSignal
  readonly limits?: Partial<LogqlLimits>
  /** Loki has `variants` behind a switch. */
  readonly variants?: boolean
  /** Leaves the counting to the source where it can do it; on unless said otherwise. */
  readonly pushdown?: boolean
}

/** What every part of a metric query needs. */
export interface MetricContext {
  readonly grid: StepGrid
  readonly source: LogSource
  readonly scope: Scope
  readonly signal: AbortSignal
  readonly pacer: Pacer
  readonly limits: LogqlLimits
  readonly pushdown: boolean
  readonly budget: Budget
}

/** Counts what a query reads and holds, against its limits. */
export class Budget {
  readonly #limits: LogqlLimits
  /** Lines read until now. */
  lines = 0
  /** Bytes of their texts, as far as these were read. */
  bytes = 0
  #samples = 0

  constructor(limits: LogqlLimits) {
    this.#limits = limits
  }

  takeLines(count: number): void {
    this.lines += count
    if (this.lines > this.#limits.maxLines) {
      const message = `the query would read more than ${String(this.#limits.maxLines)} log lines: narrow its selector or its range`
      throw new AppError('exhausted', message, { retryable: false })
    }
  }

  takeSamples(count: number): void {
    this.#samples += count
    if (this.#samples > this.#limits.maxSamples) {
      const message = `the query would hold more than ${String(this.#limits.maxSamples)} samples: narrow its selector or its range`
      throw new AppError('exhausted', message, { retryable: false })
    }
  }
}

/** More series than a query may answer with; the text is Loki's. */
export function tooManySeries(limit: number): AppError {
  return new AppError(
    'exhausted',
    `maximum number of series (${String(limit)}) reached for a single query; consider reducing query cardinality by ` +
      'adding more specific stream selectors, reducing the time range, or aggregating results with functions like ' +
      'sum(), count() or topk()',
    { retryable: false },
  )
}
