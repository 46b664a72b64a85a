import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { formatFloatFixed } from '../go-float.ts'
import { dropLabels, keepLabels, keyOfLabels, keyWithoutLabels, quoteText, setLabel } from '../labels.ts'
import { type Accumulator, createAccumulator, type SimpleAggregator } from './accumulators.ts'
import type { Aggregation } from './ast.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import { interpolatedQuantile } from './quantile.ts'
import { hasValues, newSeries, SeriesCollector, type StepSeries, type Value } from './values.ts'

type Grouping = Pick<Aggregation, 'operator' | 'grouping' | 'without'>

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
  switch (operator) {
    case 'topk':
    case 'bottomk':
      return selectExtremes(operator, groups, scalarOf(parameter), count)
    case 'count_values':
      return countValues(groups, parameter?.type === 'string' ? parameter.value : '', count)
    case 'quantile':
      return groups.map((group) => quantileRow(group, scalarOf(parameter), count)).filter(hasValues)
    case 'limitk':
    case 'limit_ratio':
      throw evaluationError(`${operator} is not implemented yet`)
    default:
      return await foldGroups(operator, groups, context)
  }
}

function groupSeries(node: Grouping, operand: readonly StepSeries[]): Group[] {
  const names = [...new Set(node.grouping)].sort()
  const kept = new Set(names)
  const dropped = new Set([METRIC_NAME, ...names])
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

async function foldGroups(
  operator: SimpleAggregator,
  groups: readonly Group[],
  context: StepContext,
): Promise<StepSeries[]> {
  const rows: StepSeries[] = []
  for (const group of groups) {
    if (context.pacer.due()) await context.pacer.pause()
    const row = newSeries(group.labels, context.grid.count, group.dropName)
    foldInto(row, group.members, createAccumulator(operator, context.grid.count))
    if (hasValues(row)) rows.push(row)
  }
  return rows
}

function foldInto(row: StepSeries, members: readonly StepSeries[], accumulator: Accumulator): void {
  for (const { values, present } of members) {
    for (let step = 0; step < values.length; step++) {
      if (present[step] !== 1) continue
      row.present[step] = 1
      accumulator.add(step, values[step] ?? 0)
    }
  }
  for (let step = 0; step < row.values.length; step++) {
    if (row.present[step] === 1) row.values[step] = accumulator.result(step)
  }
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
        if (row !== undefined) row.present[step] = 1
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
    if (series.present[step] === 1) candidates.push(i)
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
  if (k >= 2 ** 63) throw evaluationError(`Scalar value ${formatFloatFixed(k)} overflows int64`)
  if (k <= -(2 ** 63)) throw evaluationError(`Scalar value ${formatFloatFixed(k)} underflows int64`)
  return Math.trunc(k)
}

/** One row a group and value, with how often the value occurs. */
function countValues(groups: readonly Group[], label: string, count: number): StepSeries[] {
  if (label === '') throw evaluationError(`invalid label name ${quoteText(label)}`)
  const collector = new SeriesCollector(count)
  for (const group of groups) {
    for (const { values, present } of group.members) {
      for (let step = 0; step < count; step++) {
        if (present[step] !== 1) continue
        const text = formatFloatFixed(values[step] ?? 0)
        const row = collector.row(setLabel(group.labels, label, text), group.dropName)
        row.present[step] = 1
        row.values[step] = (row.values[step] ?? 0) + 1
      }
    }
  }
  return collector.finish()
}

function quantileRow(group: Group, q: Float64Array, count: number): StepSeries {
  const row = newSeries(group.labels, count, group.dropName)
  for (let step = 0; step < count; step++) {
    const values = group.members
      .filter((series) => series.present[step] === 1)
      .map((series) => series.values[step] ?? 0)
    if (values.length === 0) continue
    row.present[step] = 1
    row.values[step] = interpolatedQuantile(q[step] ?? NaN, values)
  }
  return row
}
