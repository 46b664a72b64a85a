import type { Field, MetricsAggregation } from './ast.ts'
import type { MetricsExemplar } from './series.ts'
import type { TraceqlValue } from './value.ts'

export type GroupedAggregation = Exclude<MetricsAggregation, { readonly operator: 'compare' }>

/** What one group of spans has in one interval. */
export interface Cell {
  count: number
  sum: number
  min: number
  max: number
}

/** Spans with the same values of the fields that are grouped by. */
export interface SpanGroup {
  readonly by: readonly TraceqlValue[]
  /** By interval and then, for histograms, by bucket; without buckets the only key is 0. Empty intervals share one map. */
  readonly cells: ReadonlyMap<number, Cell>[]
  readonly exemplars: MetricsExemplar[]
}

/** What an interval has in which nothing was counted. */
export const NO_CELLS: ReadonlyMap<number, Cell> = new Map()

/** Whether values are counted by the power of two that they are rounded up to. */
export function hasBuckets({ operator }: GroupedAggregation): boolean {
  return operator === 'quantile_over_time' || operator === 'histogram_over_time'
}

/** The field whose values are summarised. */
export function measureOf(aggregation: GroupedAggregation): Field | undefined {
  return 'field' in aggregation ? aggregation.field : undefined
}

/** Whether the field is the span's own duration. */
export function isDuration(field: Field | undefined): boolean {
  return field?.kind === 'intrinsic' && field.name === 'duration'
}
