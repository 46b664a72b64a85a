import { isSetOperator, isTrimOperator } from './ast.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import { type Operation, operationOf, type Operator } from './operation.ts'
import { applySetOperator } from './set-operators.ts'
import { FLOAT, hasValues, RowWriter, sampleAt, type ScalarValue, type StepSeries, type Value } from './values.ts'
import { matchVectors } from './vector-matching.ts'

/** Evaluates a binary expression over its evaluated sides. */
export async function evaluateBinary(node: Operator, left: Value, right: Value, context: StepContext): Promise<Value> {
  const { operator } = node
  if (left.type === 'vector' && right.type === 'vector') {
    const count = context.grid.count
    if (isSetOperator(operator)) {
      const series = applySetOperator(operator, { left: left.series, right: right.series }, node.matching, count)
      return { type: 'vector', series }
    }
    const operation = operationOf(node, context.annotations)
    const series = await matchVectors(node, operation, { left: left.series, right: right.series }, context)
    return { type: 'vector', series }
  }
  if (left.type === 'scalar' && right.type === 'scalar') {
    if (isTrimOperator(operator)) throw evaluationError(`operator "${operator}" not allowed for Scalar operations`)
    return combineScalars(operationOf(node, context.annotations), left, right)
  }
  const operation = operationOf(node, context.annotations)
  if (left.type === 'vector' && right.type === 'scalar') {
    return { type: 'vector', series: combineWithScalar(left.series, right, operation, 'right') }
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return { type: 'vector', series: combineWithScalar(right.series, left, operation, 'left') }
  }
  throw evaluationError(`binary operator between ${left.type} and ${right.type}`)
}

function combineScalars(operation: Operation, left: ScalarValue, right: ScalarValue): ScalarValue {
  return { type: 'scalar', values: left.values.map((value, step) => operation.value(value, right.values[step] ?? 0)) }
}

function combineWithScalar(
  series: readonly StepSeries[],
  scalar: ScalarValue,
  operation: Operation,
  scalarSide: 'left' | 'right',
): StepSeries[] {
  const rows: StepSeries[] = []
  const onLeft = scalarSide === 'left'
  for (const input of series) {
    const row = new RowWriter(input.labels, input.values.length, input.dropName || operation.dropsName)
    for (let step = 0; step < input.values.length; step++) {
      const number = scalar.values[step] ?? 0
      if (input.present[step] === FLOAT) {
        const sample = input.values[step] ?? 0
        const left = onLeft ? number : sample
        const right = onLeft ? sample : number
        if (!operation.keep(left, right)) continue
        row.present[step] = FLOAT
        // A filter keeps the vector's value, whichever side it stands on.
        row.values[step] = operation.isFilter ? sample : operation.value(left, right)
        continue
      }
      const histogram = sampleAt(input, step)
      if (histogram === undefined) continue
      const result = onLeft ? operation.mixed(number, histogram) : operation.mixed(histogram, number)
      if (result !== undefined) row.set(step, result)
    }
    rows.push(row.finish())
  }
  return rows.filter(hasValues)
}
