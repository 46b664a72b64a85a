import { AppError } from '../../../core/index.ts'
import type { StepContext } from '../../promql/context.ts'
import type { Operation } from '../../promql/operation.ts'
import { applySetOperator } from '../../promql/set-operators.ts'
import { hasValues, newSeries, type StepSeries } from '../../promql/values.ts'
import { matchVectors } from '../../promql/vector-matching.ts'
import { ARITHMETIC, COMPARISON } from '../arithmetic.ts'
import type { ArithmeticOperator, Binary, FilterComparison, SetOperator } from '../ast.ts'

/** A metric at each step: one number, or rows with labels. */
export type MetricValue =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'vector'; readonly series: readonly StepSeries[] }

function isSetOperator(operator: Binary['operator']): operator is SetOperator {
  return operator === 'and' || operator === 'or' || operator === 'unless'
}

function isArithmetic(operator: Binary['operator']): operator is ArithmeticOperator {
  return Object.hasOwn(ARITHMETIC, operator)
}

function operationOf(operator: ArithmeticOperator | FilterComparison, bool: boolean): Operation {
  const nothing = { mixed: () => undefined, dropsName: false }
  if (isArithmetic(operator)) return { ...nothing, value: ARITHMETIC[operator], keep: () => true, isFilter: false }
  const compare = COMPARISON[operator]
  return bool
    ? { ...nothing, value: (l, r) => (compare(l, r) ? 1 : 0), keep: () => true, isFilter: false }
    : { ...nothing, value: (l) => l, keep: compare, isFilter: true }
}

/** Evaluates an operation over its evaluated sides, of which one at least is a vector. */
export async function combine(
  { operator, bool, matching }: Binary,
  left: MetricValue,
  right: MetricValue,
  context: StepContext,
): Promise<StepSeries[]> {
  if (left.type === 'vector' && right.type === 'vector') {
    const sides = { left: left.series, right: right.series }
    if (isSetOperator(operator)) {
      return applySetOperator(operator, sides, { ...matching, cardinality: 'many-to-many' }, context.grid.count)
    }
    try {
      return await matchVectors({ matching }, operationOf(operator, bool), sides, context)
    } catch (reason) {
      throw inLokisWords(AppError.from(reason))
    }
  }
  if (isSetOperator(operator)) throw new AppError('internal', `BUG: ${operator} between numbers`)
  const operation = operationOf(operator, bool)
  if (left.type === 'vector' && right.type === 'scalar') return withNumber(left.series, right.value, operation, false)
  if (left.type === 'scalar' && right.type === 'vector') return withNumber(right.series, left.value, operation, true)
  throw new AppError('internal', 'BUG: an operation between two numbers was not made one')
}

/** A filter keeps the vector's value, whichever side it stands on. */
function withNumber(rows: readonly StepSeries[], number: number, operation: Operation, onLeft: boolean): StepSeries[] {
  const results = rows.map(({ labels, values, present }) => {
    const row = newSeries(labels, values.length, false)
    present.forEach((here, step) => {
      if (here === 0) return
      const sample = values[step] ?? NaN
      const [left, right] = onLeft ? [number, sample] : [sample, number]
      if (!operation.keep(left, right)) return
      row.present[step] = 1
      row.values[step] = operation.isFilter ? sample : operation.value(left, right)
    })
    return row
  })
  return results.filter(hasValues)
}

function inLokisWords(error: AppError): AppError {
  const side = /^found duplicate series .* on the (left|right) hand-side/s.exec(error.message)?.[1]
  if (side === undefined) return error
  const reason = 'many-to-many matching not allowed: matching labels must be unique on one side'
  return new AppError(error.code, `found duplicate series on the ${side} hand-side;${reason}`, { cause: error })
}
