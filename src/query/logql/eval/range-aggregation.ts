import type { Labels, Matcher } from '../../../model/index.ts'
import { newSeries, type StepSeries, stepTime } from '../../promql/values.ts'
import { clampTimeNs } from '../../time-bounds.ts'
import type { NsRange } from '../../log-source.ts'
import type { Grouping, RangeAggregation } from '../ast.ts'
import { countInSource } from './pushdown.ts'
import type { SeriesLabels } from './needs.ts'
import type { MetricContext } from './options.ts'
import { readSamples } from './read-samples.ts'
import { pipelineError, type SampleSeries } from './sample-series.ts'
import { windowFunction } from './windows.ts'

/** The windows of a range aggregation: each holds end - range < t ≤ end. */
export interface Windows {
  readonly firstEndNs: bigint
  readonly stepNs: bigint
  readonly count: number
  readonly rangeNs: bigint
}

/** `outer` is the grouping of a `sum` around the aggregation, if it may be done at once. */
export async function evaluateRangeAggregation(
  expr: RangeAggregation,
  context: MetricContext,
  outer?: Grouping,
): Promise<StepSeries[]> {
  const { grid } = context
  const { operation, range } = expr
  const windows: Windows = {
    firstEndNs: toNs(stepTime(grid, 0)) - BigInt(range.offsetNs),
    stepNs: toNs(grid.stepMs),
    count: grid.count,
    rangeNs: BigInt(range.rangeNs),
  }
  const series = seriesLabelsOf(expr, outer)
  const counted = await countInSource(expr, series, windows, context)
  if (counted !== undefined) return counted
  const whole: NsRange = {
    startNs: windows.firstEndNs - windows.rangeNs,
    endNs: windows.firstEndNs + windows.stepNs * BigInt(windows.count - 1),
    ends: '(start, end]',
  }
  const asked = { ...whole, startNs: clampTimeNs(whole.startNs), endNs: clampTimeNs(whole.endNs) }
  const samples = await readSamples(range, operation, series, asked, context)
  const shifted = Number(whole.startNs - asked.startNs)
  const rows: StepSeries[] = []
  for (const one of samples) rows.push(await aggregateWindows(one, expr, shifted, windows, context))
  return operation === 'absent_over_time' ? [absentRow(rows, range.selector.matchers, grid.count)] : rows
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6))
}

function seriesLabelsOf({ range, grouping }: RangeAggregation, outer: Grouping | undefined): SeriesLabels {
  const clause = grouping ?? outer
  const unwrapped = range.unwrap === undefined ? [] : [range.unwrap.label]
  if (clause === undefined || clause.without) return { t: 'without', names: [...(clause?.labels ?? []), ...unwrapped] }
  if (clause.labels.length === 0) return { t: 'none' }
  return { t: 'by', names: [...new Set(clause.labels)].sort() }
}

async function aggregateWindows(
  series: SampleSeries,
  expr: RangeAggregation,
  shifted: number,
  windows: Windows,
  { pacer }: MetricContext,
): Promise<StepSeries> {
  const { operation, range, parameter } = expr
  const { times, values, count, labels, failed } = series
  const { rangeNs } = range
  const step = Number(windows.stepNs)
  const row = newSeries(labels, windows.count, false)
  const aggregate = windowFunction(operation, { rangeNs, unwrapped: range.unwrap !== undefined, parameter })
  let from = 0
  let to = 0
  for (let i = 0; i < windows.count; i++) {
    if (pacer.due()) await pacer.pause()
    // Times count from the first window's start.
    const start = i * step + shifted
    const end = start + rangeNs
    while (to < count && (times[to] ?? 0) <= end) to += 1
    while (from < to && (times[from] ?? 0) <= start) from += 1
    if (from === to) continue
    if (failed) throw pipelineError(labels)
    row.present[i] = 1
    row.values[i] = aggregate(values, times, from, to)
  }
  return row
}

/** 1 at each step at which nothing is there, with the labels that the selector asks to be equal. */
function absentRow(rows: readonly StepSeries[], matchers: readonly Matcher[], count: number): StepSeries {
  const row = newSeries(absentLabels(matchers), count, false)
  row.values.fill(1)
  row.present.fill(1)
  for (const { present } of rows) present.forEach((here, i) => (here === 0 ? undefined : (row.present[i] = 0)))
  return row
}

function absentLabels(matchers: readonly Matcher[]): Labels {
  const labels: Record<string, string> = {}
  const seen = new Set<string>()
  for (const { name, operator, value } of matchers) {
    if (operator === '=' && !seen.has(name) && value !== '') labels[name] = value
    else Reflect.deleteProperty(labels, name)
    seen.add(name)
  }
  return labels
}
