import { ARITHMETIC, COMPARISON } from './arithmetic.ts'
import { type Binary, isComparison, isSetOperator, isTrimOperator } from './ast.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import { applySetOperator } from './set-operators.ts'
import { hasValues, newSeries, type ScalarValue, type StepSeries, type Value } from './values.ts'
import { matchVectors } from './vector-matching.ts'

/** What an operator makes of two values; `keep` is false where a comparison filters the sample out. */
export interface Operation {
  value(left: number, right: number): number
  keep(left: number, right: number): boolean
  /** Arithmetic makes another thing of a metric, and so does `bool`; a filter leaves it what it is. */
  readonly dropsName: boolean
}

/** The operator of a binary expression with its modifiers. */
export type Operator = Pick<Binary, 'operator' | 'bool' | 'matching'>

/** Evaluates a binary expression over its evaluated sides. */
export async function evaluateBinary(node: Operator, left: Value, right: Value, context: StepContext): Promise<Value> {
  if (left.type === 'vector' && right.type === 'vector') {
    const { operator } = node
    const count = context.grid.count
    if (isSetOperator(operator)) {
      const series = applySetOperator(operator, { left: left.series, right: right.series }, node.matching, count)
      return { type: 'vector', series }
    }
    const series = await matchVectors(node, operationOf(node), { left: left.series, right: right.series }, context)
    return { type: 'vector', series }
  }
  const operation = operationOf(node)
  if (left.type === 'scalar' && right.type === 'scalar') return combineScalars(operation, left, right)
  if (left.type === 'vector' && right.type === 'scalar') {
    const apply: Pairing = (sample, step) => [sample, right.values[step] ?? 0]
    return { type: 'vector', series: combineWithScalar(left.series, apply, operation, isFilter(node)) }
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    const apply: Pairing = (sample, step) => [left.values[step] ?? 0, sample]
    return { type: 'vector', series: combineWithScalar(right.series, apply, operation, isFilter(node)) }
  }
  throw evaluationError(`binary operator between ${left.type} and ${right.type}`)
}

function operationOf(node: Operator): Operation {
  const { operator, bool } = node
  if (isSetOperator(operator)) throw evaluationError(`set operator ${operator} between scalars`)
  if (isTrimOperator(operator))
    throw evaluationError(`operator "${operator}" not allowed for operations between floats`)
  if (!isComparison(operator)) return { value: ARITHMETIC[operator], keep: () => true, dropsName: true }
  const compare = COMPARISON[operator]
  if (bool) return { value: (l, r) => (compare(l, r) ? 1 : 0), keep: () => true, dropsName: true }
  return { value: (l) => l, keep: compare, dropsName: false }
}

function isFilter(node: Operator): boolean {
  return isComparison(node.operator) && !node.bool
}

function combineScalars(operation: Operation, left: ScalarValue, right: ScalarValue): ScalarValue {
  return { type: 'scalar', values: left.values.map((value, step) => operation.value(value, right.values[step] ?? 0)) }
}

type Pairing = (sample: number, step: number) => readonly [left: number, right: number]

function combineWithScalar(
  series: readonly StepSeries[],
  pair: Pairing,
  operation: Operation,
  filter: boolean,
): StepSeries[] {
  const rows: StepSeries[] = []
  for (const input of series) {
    const row = newSeries(input.labels, input.values.length, input.dropName || operation.dropsName)
    for (let step = 0; step < input.values.length; step++) {
      if (input.present[step] !== 1) continue
      const sample = input.values[step] ?? 0
      const [left, right] = pair(sample, step)
      if (!operation.keep(left, right)) continue
      row.present[step] = 1
      // A filter keeps the vector's value, whichever side it stands on.
      row.values[step] = filter ? sample : operation.value(left, right)
    }
    if (hasValues(row)) rows.push(row)
  }
  return rows
}
