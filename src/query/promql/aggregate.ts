import type { Labels } from '../../model/index.ts'
import { formatFloatFixed, formatFloatShort } from '../go-float.ts'
import { quoteText, setLabel } from '../labels.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import { GroupFold } from './group-fold.ts'
import { type Grouping, Groups } from './grouping.ts'
import { formatHistogram } from './histogram/index.ts'
import { extremesOf, limitRatio, limitSeries } from './limit-series.ts'
import { isFolded } from './plan.ts'
import { QuantileFold } from './quantile-fold.ts'
import { isValidText } from './syntax/index.ts'
import { FLOAT, hasHistograms, hasValues, sampleAt, SeriesCollector, type StepSeries, type Value } from './values.ts'

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
  const { operator } = node
  const count = context.grid.count
  const at = node.parameter ?? node.expr
  if (isFolded(operator)) {
    const fold = new GroupFold(operator, node, context)
    await fold.add(operand)
    return await fold.finish()
  }
  if (operator === 'quantile') {
    const fold = new QuantileFold(node, context)
    fold.add(operand)
    return await finishQuantile(fold, node, { parameter, ignores: hasHistograms(operand) }, context)
  }
  const groups = groupSeries(node, operand)
  switch (operator) {
    case 'topk':
    case 'bottomk': {
      const k = limitsOf(scalarOf(parameter))
      if (k === undefined) return []
      // These two point at the whole of it, the others at what is aggregated.
      if (hasHistograms(operand)) context.annotations.histogramIgnored(operator, node)
      return selectExtremes(operator, groups, k, count)
    }
    case 'count_values':
      return countValues(groups, parameter?.type === 'string' ? parameter.value : '', count)
    case 'limitk': {
      const k = limitsOf(scalarOf(parameter))
      const members = groups.map((group) => group.members)
      return k === undefined ? [] : limitSeries(members, (step) => k[step] ?? 0, count)
    }
    case 'limit_ratio':
      return limitRatio(operand, scalarOf(parameter), at, context)
  }
}

/** `ignores` says whether there were histograms. */
export async function finishQuantile(
  fold: QuantileFold,
  node: Grouping,
  { parameter, ignores }: { readonly parameter: Value | undefined; readonly ignores: boolean },
  { annotations }: StepContext,
): Promise<StepSeries[]> {
  const at = node.parameter ?? node.expr
  const q = scalarOf(parameter)
  // Of all that are invalid the outermost are named.
  const { least, most } = extremesOf(q)
  if (Number.isNaN(least) || least < 0) annotations.invalidQuantile(least, at)
  if (most > 1) annotations.invalidQuantile(most, at)
  if (ignores) annotations.histogramIgnored(node.operator, node.expr)
  return await fold.finish(q)
}

function groupSeries(node: Grouping, operand: readonly StepSeries[]): Group[] {
  const groups = new Groups<Group>(node, (labels) => ({ labels, members: [], dropName: false }))
  for (const series of operand) {
    const group = groups.of(series.labels)
    group.members.push(series)
    group.dropName ||= series.dropName
  }
  return groups.all()
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
      order = rankAt(operator, members, step).slice(0, Math.max(0, k[step] ?? 0))
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

/** Whole numbers, one a step. Undefined if all are less than one: then nothing is chosen, and nothing is wrong. */
function limitsOf(k: Float64Array): Float64Array | undefined {
  const { least, most } = extremesOf(k)
  if (most < 1) return undefined
  if (Number.isNaN(most)) throw evaluationError('Parameter value is NaN')
  if (least <= -(2 ** 63)) throw evaluationError(`Scalar value ${formatFloatShort(least)} underflows int64`)
  if (most >= 2 ** 63) throw evaluationError(`Scalar value ${formatFloatShort(most)} overflows int64`)
  return k.map(Math.trunc)
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
