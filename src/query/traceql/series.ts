import type { NamedValue } from './search.ts'
import { formatValue, valueKey } from './value.ts'

/** A span that a value stands for. */
export interface MetricsExemplar {
  readonly timeMs: number
  readonly value: number
  readonly labels: readonly NamedValue[]
}

/** One series while it is worked on: a value for each interval, NaN where there is none. */
export interface MetricsSeries {
  readonly labels: readonly NamedValue[]
  readonly values: readonly number[]
  readonly exemplars: readonly MetricsExemplar[]
}

/** By which two series are the same: their labels in order, with the types of their values. */
export function seriesKey(labels: readonly NamedValue[]): string {
  return JSON.stringify(labels.map(({ name, value }) => [name, valueKey(value)]))
}

/** What equal values are sorted by. */
export function seriesText({ labels }: MetricsSeries): string {
  return labels.map(({ name, value }) => `${formatValue(value)}\0${name}`).join('\0')
}
