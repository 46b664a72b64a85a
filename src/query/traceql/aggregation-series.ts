import type { Intervals } from './grid.ts'
import { log2Quantile } from './log2.ts'
import { type Cell, type GroupedAggregation, isDuration, measureOf, NO_CELLS, type SpanGroup } from './grouped.ts'
import { printField } from './print.ts'
import type { NamedValue } from './search.ts'
import type { MetricsExemplar, MetricsSeries } from './series.ts'
import { NIL, type TraceqlValue } from './value.ts'

const NANOSECONDS = 1e9

/** The series of a metrics function. Without groups there is none; counts are 0 where nothing was counted. */
export function seriesOf(
  aggregation: GroupedAggregation,
  groups: readonly SpanGroup[],
  intervals: Intervals,
): readonly MetricsSeries[] {
  switch (aggregation.operator) {
    case 'histogram_over_time':
      return groups.flatMap((group) => histogramOf(aggregation, group))
    case 'quantile_over_time':
      return quantilesOf(aggregation, groups)
    case 'rate':
    case 'count_over_time':
    case 'min_over_time':
    case 'max_over_time':
    case 'avg_over_time':
    case 'sum_over_time':
      return (groups.length === 0 && aggregation.by.length === 0 ? [nothing(intervals)] : groups).map((group) => {
        const values = group.cells.map((cells) => valueOf(aggregation, cells.get(0), intervals))
        return { labels: labelsOf(aggregation, group), values, exemplars: atValues(group.exemplars, values, intervals) }
      })
  }
}

function nothing({ count }: Intervals): SpanGroup {
  return { by: [], cells: Array<ReadonlyMap<number, Cell>>(count).fill(NO_CELLS), exemplars: [] }
}

function valueOf({ operator }: GroupedAggregation, cell: Cell | undefined, { lengthNs }: Intervals): number {
  if (operator === 'rate') return (cell?.count ?? 0) / (Number(lengthNs) / NANOSECONDS)
  if (operator === 'count_over_time') return cell?.count ?? 0
  if (cell === undefined || cell.count === 0) return NaN
  switch (operator) {
    case 'min_over_time':
      return cell.min
    case 'max_over_time':
      return cell.max
    case 'sum_over_time':
      return cell.sum
    case 'avg_over_time':
      return cell.sum / cell.count
    case 'quantile_over_time':
    case 'histogram_over_time':
      return NaN
  }
}

/** Values that are not there are left out, unless all are; a series without groups has the function's name. */
function labelsOf(aggregation: GroupedAggregation, { by }: SpanGroup): NamedValue[] {
  const fields = aggregation.by.map((field) => ({ name: printField(field) }))
  const labels = namedValues(fields, by)
  const [first] = fields
  if (labels.length > 0) return labels
  if (first !== undefined) return [{ name: first.name, value: NIL }]
  return [{ name: '__name__', value: { type: 'string', value: aggregation.operator } }]
}

/** Without the name that others have: the bucket or the quantile is a label. */
function groupLabels(aggregation: GroupedAggregation, { by }: SpanGroup): NamedValue[] {
  return namedValues(
    aggregation.by.map((field) => ({ name: printField(field) })),
    by,
  )
}

function histogramOf(aggregation: GroupedAggregation, group: SpanGroup): MetricsSeries[] {
  const bounds = [...new Set(group.cells.flatMap((cells) => [...cells.keys()]))].sort((a, b) => a - b)
  return bounds.map((bound, i) => ({
    labels: [
      ...groupLabels(aggregation, group),
      { name: '__bucket', value: { type: 'float', value: boundOf(aggregation, bound) } },
    ],
    values: group.cells.map((cells) => cells.get(bound)?.count ?? 0),
    exemplars: i === 0 ? group.exemplars : [],
  }))
}

/** Durations count seconds. */
function boundOf(aggregation: GroupedAggregation, bound: number): number {
  const field = measureOf(aggregation)
  const isTime = isDuration(field) || (field?.kind === 'intrinsic' && TIMES.has(field.name))
  return isTime ? bound / NANOSECONDS : bound
}

const TIMES: ReadonlySet<string> = new Set(['traceDuration', 'event:timeSinceStart'])

/** An exemplar goes to the quantile that is the nearest to it over the whole range. */
function quantilesOf(
  aggregation: GroupedAggregation & { readonly operator: 'quantile_over_time' },
  groups: readonly SpanGroup[],
): MetricsSeries[] {
  const { quantiles } = aggregation
  const whole = bucketsOf(
    aggregation,
    groups.flatMap(({ cells }) => cells),
  )
  const overall = quantiles.map((quantile) => log2Quantile(quantile, whole))
  return groups.flatMap((group) => {
    const buckets = group.cells.map((cells) => bucketsOf(aggregation, [cells]))
    return quantiles.map((quantile, q) => ({
      labels: [...groupLabels(aggregation, group), { name: 'p', value: { type: 'float' as const, value: quantile } }],
      values: buckets.map((sorted) => (sorted.length === 0 ? 0 : log2Quantile(quantile, sorted))),
      exemplars: group.exemplars.filter(({ value }) => nearest(value, overall) === q),
    }))
  })
}

function bucketsOf(
  aggregation: GroupedAggregation,
  cells: readonly ReadonlyMap<number, Cell>[],
): { max: number; count: number }[] {
  const counts = new Map<number, number>()
  for (const one of cells) for (const [bound, { count }] of one) counts.set(bound, (counts.get(bound) ?? 0) + count)
  return [...counts].sort(([a], [b]) => a - b).map(([bound, count]) => ({ max: boundOf(aggregation, bound), count }))
}

function nearest(value: number, among: readonly number[]): number {
  let best = 0
  among.forEach((one, i) => {
    if (Math.abs(value - one) < Math.abs(value - (among[best] ?? NaN))) best = i
  })
  return best
}

/** An exemplar without a value of its own stands at the series' value of its interval. */
function atValues(
  exemplars: readonly MetricsExemplar[],
  values: readonly number[],
  intervals: Intervals,
): MetricsExemplar[] {
  return exemplars.flatMap((exemplar) => {
    const index = intervals.indexOf(BigInt(exemplar.timeMs) * 1_000_000n + 1n)
    const value = index === undefined ? NaN : (values[index] ?? NaN)
    if (Number.isNaN(value)) return []
    return [Number.isNaN(exemplar.value) ? { ...exemplar, value } : exemplar]
  })
}

function namedValues(fields: readonly { readonly name: string }[], values: readonly TraceqlValue[]): NamedValue[] {
  return fields.flatMap(({ name }, i) => {
    const value = values[i]
    return value === undefined || value.type === 'nil' ? [] : [{ name, value }]
  })
}
