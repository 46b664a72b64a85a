import { newSeries, type StepSeries } from '../../promql/values.ts'
import type { RangeAggregation } from '../ast.ts'
import { conditionOf } from './condition.ts'
import type { SeriesLabels } from './needs.ts'
import type { MetricContext } from './options.ts'
import type { Windows } from './range-aggregation.ts'

const MEASURES = { count_over_time: 'lines', rate: 'lines', bytes_over_time: 'bytes', bytes_rate: 'bytes' } as const

/** Has the source count, where it can and the pipeline is no more than a condition. */
export async function countInSource(
  expr: RangeAggregation,
  series: SeriesLabels,
  windows: Windows,
  { source, scope, signal, pushdown }: MetricContext,
): Promise<StepSeries[] | undefined> {
  const { operation, range } = expr
  const { selector, unwrap, rangeNs } = range
  const measure = operation in MEASURES ? MEASURES[operation as keyof typeof MEASURES] : undefined
  if (!pushdown || source.count === undefined || measure === undefined || unwrap !== undefined) return undefined
  if (series.t === 'without' && series.names.length > 0) return undefined
  const { condition, covered } = conditionOf(selector.stages)
  if (!covered.every(Boolean)) return undefined
  const by = series.t === 'by' ? series.names : series.t === 'none' ? [] : 'all'
  const request = { matchers: selector.matchers, condition, measure, by, ...windows } as const
  const counts = await source.count(scope, request, signal)
  if (counts === undefined) return undefined
  const perSecond = operation === 'rate' || operation === 'bytes_rate'
  return counts.map(({ labels, values }) => {
    const row = newSeries(labels, windows.count, false)
    values.forEach((value, i) => {
      if (Number.isNaN(value)) return
      row.present[i] = 1
      row.values[i] = perSecond ? value / (rangeNs / 1e9) : value
    })
    return row
  })
}
