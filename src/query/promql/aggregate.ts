import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { formatFloatFixed, formatFloatShort } from '../go-float.ts'
import {
  dropLabels,
  keepLabels,
  keyOfLabels,
  keyWithoutLabels,
  labelValue,
  METRIC_IDENTITY,
  quoteText,
  setLabel,
} from '../labels.ts'
import { createAccumulator, type SimpleAggregator } from './accumulators.ts'
import type { Aggregation, Range } from './ast.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import { formatHistogram, HistogramSum } from './histogram/index.ts'
import { limitRatio, limitSeries } from './limit-series.ts'
import { interpolatedQuantile } from './quantile.ts'
import { isValidText } from './syntax/index.ts'
import {
  FLOAT,
  hasHistograms,
  hasValues,
  RowWriter,
  sampleAt,
  SeriesCollector,
  type StepSeries,
  type Value,
} from './values.ts'

/** An aggregation and the places of its operand and parameter, for what is to be said of them. */
type Grouping = Pick<Aggregation, 'operator' | 'grouping' | 'without'> & {
  readonly expr: Range
  readonly parameter?: Range
}

interface Group {
  readonly labels: Labels
  readonly members: StepSeries[]
  dropName: boolean
}

/** Evaluates an aggregation over its evaluated operand and parameter. */
export async function evaluateAggregation(
  node: Grouping,
  operand: readonly StepSeries[],
  parameter: Value | undefined,
  context: StepContext,
): Promise<StepSeries[]> {
  const groups = groupSeries(node, operand)
  const { operator } = node
  const count = context.grid.count
  const at = node.parameter ?? node.expr
  switch (operator) {
    case 'topk':
    case 'bottomk':
      warnOfHistograms(node, operand, context)
      return selectExtremes(operator, groups, scalarOf(parameter), count)
    case 'count_values':
      return countValues(groups, parameter?.type === 'string' ? parameter.value : '', count)
    case 'quantile': {
      const q = scalarOf(parameter)
      for (const value of new Set(q)) if (!(value >= 0 && value <= 1)) context.annotations.invalidQuantile(value, at)
      warnOfHistograms(node, operand, context)
      return groups.map((group) => quantileRow(group, q, count)).filter(hasValues)
    }
    case 'limitk': {
      const k = scalarOf(parameter)
      const members = groups.map((group) => group.members)
      return limitSeries(members, (step) => limitOf(k[step] ?? 0), count)
    }
    case 'limit_ratio':
      return limitRatio(operand, scalarOf(parameter), at, context)
    default:
      return await foldGroups(operator, groups, node, context)
  }
}

function groupSeries(node: Grouping, operand: readonly StepSeries[]): Group[] {
  const names = [...new Set(node.grouping)].sort()
  const kept = new Set(names)
  const dropped = new Set([...METRIC_IDENTITY, ...names])
  const groups = new Map<string, Group>()
  for (const series of operand) {
    const { labels } = series
    const key = node.without ? keyWithoutLabels(labels, dropped) : keyOfLabels(labels, names)
    let group = groups.get(key)
    if (group === undefined) {
      const groupLabels = node.without ? dropLabels(labels, dropped) : keepLabels(labels, kept)
      group = { labels: groupLabels, members: [], dropName: false }
      groups.set(key, group)
    }
    group.members.push(series)
    group.dropName ||= series.dropName
  }
  return [...groups.values()]
}

/** Aggregations of floats leave histograms out and say so. */
function warnOfHistograms(
  { operator, expr }: Grouping,
  operand: readonly StepSeries[],
  { annotations }: StepContext,
): void {
  if (hasHistograms(operand)) annotations.histogramIgnored(operator, expr)
}

async function foldGroups(
  operator: SimpleAggregator,
  groups: readonly Group[],
  node: Grouping,
  context: StepContext,
): Promise<StepSeries[]> {
  const rows: StepSeries[] = []
  for (const group of groups) {
    if (context.pacer.due()) await context.pacer.pause()
    const mixed = hasHistograms(group.members)
    let row: StepSeries
    if (mixed && (operator === 'sum' || operator === 'avg')) {
      row = foldMixed(operator, group, node, context)
    } else {
      const counted = operator === 'count' || operator === 'group'
      if (mixed && !counted) context.annotations.histogramIgnored(operator, node.expr)
      row = foldFloats(operator, group, context.grid.count, counted)
    }
    if (hasValues(row)) rows.push(row)
  }
  return rows
}

function foldFloats(operator: SimpleAggregator, group: Group, count: number, anySample: boolean): StepSeries {
  const row = new RowWriter(group.labels, count, group.dropName)
  const accumulator = createAccumulator(operator, count)
  for (const { values, present } of group.members) {
    for (let step = 0; step < count; step++) {
      if (present[step] !== FLOAT && !(anySample && present[step] !== 0)) continue
      row.present[step] = FLOAT
      accumulator.add(step, values[step] ?? 0)
    }
  }
  for (let step = 0; step < count; step++) {
    if (row.present[step] === FLOAT) row.values[step] = accumulator.result(step)
  }
  return row.finish()
}

/** Sums or means of floats or of histograms; a step with both has no result. */
function foldMixed(
  operator: 'sum' | 'avg',
  group: Group,
  node: Grouping,
  { grid, annotations }: StepContext,
): StepSeries {
  const floats = foldFloats(operator, group, grid.count, false)
  const row = new RowWriter(group.labels, grid.count, group.dropName)
  for (let step = 0; step < grid.count; step++) {
    const total = sumHistograms(group, step, node, annotations)
    if (total === undefined) {
      if (floats.present[step] === FLOAT) row.set(step, floats.values[step] ?? 0)
      continue
    }
    if (floats.present[step] === FLOAT) annotations.mixedInAggregation(node.expr)
    else if (total !== 'incompatible') row.set(step, operator === 'sum' ? total.total() : total.mean())
  }
  return row.finish()
}

function sumHistograms(
  { members }: Group,
  step: number,
  { expr }: Grouping,
  annotations: StepContext['annotations'],
): HistogramSum | 'incompatible' | undefined {
  let total: HistogramSum | undefined
  for (const series of members) {
    const sample = sampleAt(series, step)
    if (sample === undefined || typeof sample === 'number') continue
    if (total === undefined) {
      total = new HistogramSum(sample)
    } else if (!total.add(sample)) {
      annotations.mixedBounds(labelValue(series.labels, METRIC_NAME), expr)
      return 'incompatible'
    }
  }
  if (total?.collision === true) annotations.resetCollision('aggregation', expr)
  if (total?.reconciled === true) annotations.reconciledBounds('aggregation', expr)
  return total
}

function scalarOf(parameter: Value | undefined): Float64Array {
  if (parameter?.type !== 'scalar') throw evaluationError('aggregation parameter is no scalar')
  return parameter.values
}

/** `topk` and `bottomk` keep series as they are, at the steps where they are among the k first of their group. */
function selectExtremes(
  operator: 'topk' | 'bottomk',
  groups: readonly Group[],
  k: Float64Array,
  count: number,
): StepSeries[] {
  const rows: StepSeries[] = []
  for (const { members } of groups) {
    const kept = members.map((series) => ({ ...series, present: new Uint8Array(count) }))
    let order: readonly number[] = []
    for (let step = 0; step < count; step++) {
      order = rankAt(operator, members, step).slice(0, Math.max(0, limitOf(k[step] ?? 0)))
      for (const i of order) {
        const row = kept[i]
        if (row !== undefined) row.present[step] = FLOAT
      }
    }
    // An instant query answers in the order of the ranking.
    const inOrder = count === 1 ? order.flatMap((i) => kept[i] ?? []) : kept
    rows.push(...inOrder.filter(hasValues))
  }
  return rows
}

function rankAt(operator: 'topk' | 'bottomk', members: readonly StepSeries[], step: number): number[] {
  const candidates: number[] = []
  members.forEach((series, i) => {
    if (series.present[step] === FLOAT) candidates.push(i)
  })
  const sign = operator === 'topk' ? -1 : 1
  const valueOf = (i: number): number => members[i]?.values[step] ?? NaN
  return candidates.sort((a, b) => {
    const left = valueOf(a)
    const right = valueOf(b)
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
    if (left === right) return 0
    return left < right ? -sign : sign
  })
}

function limitOf(k: number): number {
  if (Number.isNaN(k)) throw evaluationError('Parameter value is NaN')
  if (k >= 2 ** 63) throw evaluationError(`Scalar value ${formatFloatShort(k)} overflows int64`)
  if (k <= -(2 ** 63)) throw evaluationError(`Scalar value ${formatFloatShort(k)} underflows int64`)
  return Math.trunc(k)
}

/** One row a group and value, with how often the value occurs. */
function countValues(groups: readonly Group[], label: string, count: number): StepSeries[] {
  if (label === '' || !isValidText(label)) throw evaluationError(`invalid label name ${quoteText(label)}`)
  const collector = new SeriesCollector(count)
  for (const group of groups) {
    for (const series of group.members) {
      for (let step = 0; step < count; step++) {
        const sample = sampleAt(series, step)
        if (sample === undefined) continue
        const text = typeof sample === 'number' ? formatFloatFixed(sample) : formatHistogram(sample)
        const row = collector.row(setLabel(group.labels, label, text), group.dropName)
        row.present[step] = FLOAT
        row.values[step] = (row.values[step] ?? 0) + 1
      }
    }
  }
  return collector.finish()
}

function quantileRow(group: Group, q: Float64Array, count: number): StepSeries {
  const row = new RowWriter(group.labels, count, group.dropName)
  for (let step = 0; step < count; step++) {
    const values = group.members
      .filter((series) => series.present[step] === FLOAT)
      .map((series) => series.values[step] ?? 0)
    if (values.length === 0) continue
    row.set(step, interpolatedQuantile(q[step] ?? NaN, values))
  }
  return row.finish()
}
