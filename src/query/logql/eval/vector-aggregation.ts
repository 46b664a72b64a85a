import type { Labels } from '../../../model/index.ts'
import { dropLabels, keepLabels, keyOfLabels, keyWithoutLabels } from '../../labels.ts'
import { hasValues, newSeries, type StepSeries } from '../../promql/values.ts'
import type { VectorAggregation, VectorOperation } from '../ast.ts'

interface Group {
  readonly labels: Labels
  readonly members: StepSeries[]
}

/** Evaluates an aggregation over its evaluated operand. */
export function aggregateVector(node: VectorAggregation, operand: readonly StepSeries[], count: number): StepSeries[] {
  const { operation, parameter = 0 } = node
  if (operation === 'sort' || operation === 'sort_desc') return sortRows(operand, operation === 'sort_desc')
  const groups = groupRows(node, operand)
  switch (operation) {
    case 'topk':
    case 'approx_topk':
      return groups.flatMap(({ members }) => selectRows(members, parameter, true, count))
    case 'bottomk':
      return groups.flatMap(({ members }) => selectRows(members, parameter, false, count))
    default:
      return groups.map((group) => foldRows(group, operation, count)).filter(hasValues)
  }
}

function groupRows({ grouping }: VectorAggregation, operand: readonly StepSeries[]): Group[] {
  const names = [...new Set(grouping?.labels)].sort()
  const set = new Set(names)
  const without = grouping?.without === true
  const groups = new Map<string, Group>()
  for (const row of operand) {
    const key = without ? keyWithoutLabels(row.labels, set) : keyOfLabels(row.labels, names)
    let group = groups.get(key)
    if (group === undefined) {
      group = { labels: without ? dropLabels(row.labels, set) : keepLabels(row.labels, set), members: [] }
      groups.set(key, group)
    }
    group.members.push(row)
  }
  return [...groups.values()]
}

type Fold = Exclude<VectorOperation, 'topk' | 'approx_topk' | 'bottomk' | 'sort' | 'sort_desc'>

function foldRows({ labels, members }: Group, operation: Fold, count: number): StepSeries {
  const row = newSeries(labels, count, false)
  for (let step = 0; step < count; step++) {
    const found: number[] = []
    for (const { values, present } of members) if (present[step] !== 0) found.push(values[step] ?? NaN)
    if (found.length === 0) continue
    row.present[step] = 1
    row.values[step] = fold(operation, found)
  }
  return row
}

/** As Loki adds up: from the first on, without compensation. */
function fold(operation: Fold, values: readonly number[]): number {
  switch (operation) {
    case 'sum':
      return values.reduce((total, value) => total + value)
    case 'count':
      return values.length
    case 'min':
      return values.reduce((best, value) => (best > value || Number.isNaN(best) ? value : best))
    case 'max':
      return values.reduce((best, value) => (best < value || Number.isNaN(best) ? value : best))
    case 'avg':
      return values.reduce((mean, value, i) => mean + (value - mean) / (i + 1))
    case 'stdvar':
      return variance(values)
    case 'stddev':
      return Math.sqrt(variance(values))
  }
}

function variance(values: readonly number[]): number {
  let squares = 0
  let mean = 0
  values.forEach((value, i) => {
    const delta = value - mean
    mean += delta / (i + 1)
    squares += delta * (value - mean)
  })
  return squares / values.length
}

/** NaN comes last, wherever one begins. */
function compareValues(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return a - b
}

/** Rows stay as they are, at the steps where they are among the first k of their group. */
function selectRows(members: readonly StepSeries[], k: number, largest: boolean, count: number): StepSeries[] {
  const kept = members.map((row) => ({ ...row, present: new Uint8Array(count) }))
  let order: number[] = []
  for (let step = 0; step < count; step++) {
    const valueAt = (i: number): number => members[i]?.values[step] ?? NaN
    order = members.flatMap(({ present }, i) => (present[step] === 0 ? [] : [i]))
    order.sort((a, b) => {
      const [left, right] = [valueAt(a), valueAt(b)]
      return largest && !Number.isNaN(left) && !Number.isNaN(right) ? right - left : compareValues(left, right)
    })
    for (const i of order.slice(0, k)) {
      const present = kept[i]?.present
      if (present !== undefined) present[step] = 1
    }
  }
  // Of one step the rows come in their order.
  const rows = count === 1 ? order.flatMap((i) => kept[i] ?? []) : kept
  return rows.filter(hasValues)
}

/** By the values of the first step: an order of rows means something for one step only. */
function sortRows(rows: readonly StepSeries[], descending: boolean): StepSeries[] {
  return [...rows].sort((a, b) => {
    const [left, right] = [a.values[0] ?? NaN, b.values[0] ?? NaN]
    if (Number.isNaN(left) || Number.isNaN(right)) return compareValues(left, right)
    return descending ? right - left : left - right
  })
}
