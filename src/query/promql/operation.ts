import { ARITHMETIC, COMPARISON } from './arithmetic.ts'
import type { Annotations } from './annotations.ts'
import { type Binary, isComparison, isSetOperator, isTrimOperator, type Range } from './ast.ts'
import { evaluationError } from './errors.ts'
import {
  addHistograms,
  type Combination,
  compact,
  divideHistogram,
  equalHistograms,
  type FloatHistogram,
  scaleHistogram,
  subtractHistograms,
  trimHistogram,
} from './histogram/index.ts'
import type { Sample } from './values.ts'

/** The operator of a binary expression with its modifiers, and where it stands. */
export type Operator = Pick<Binary, 'operator' | 'bool' | 'matching'> & Range

/** What an operator makes of two samples. */
export interface Operation {
  /** Of two floats; `keep` is false where a comparison filters the sample out. */
  value(left: number, right: number): number
  keep(left: number, right: number): boolean
  /** Of samples of which one at least is a histogram; undefined where they have no result. */
  mixed(left: Sample, right: Sample): Sample | undefined
  /** A comparison without `bool`: its result is one of the samples. */
  readonly isFilter: boolean
  /** Arithmetic makes another thing of a metric, and so does `bool`; a filter leaves it what it is. */
  readonly dropsName: boolean
}

export function operationOf(node: Operator, annotations: Annotations): Operation {
  const { operator, bool } = node
  const mixed = (left: Sample, right: Sample): Sample | undefined => combineMixed(node, left, right, annotations)
  if (isSetOperator(operator)) throw evaluationError(`set operator ${operator} between scalars`)
  if (isTrimOperator(operator)) {
    const keep = (): boolean => {
      annotations.incompatibleTypes('float', operator, 'float', node)
      return false
    }
    return { value: () => NaN, keep, mixed, isFilter: false, dropsName: true }
  }
  if (!isComparison(operator)) {
    return { value: ARITHMETIC[operator], keep: () => true, mixed, isFilter: false, dropsName: true }
  }
  const compare = COMPARISON[operator]
  if (bool) {
    return { value: (l, r) => (compare(l, r) ? 1 : 0), keep: () => true, mixed, isFilter: false, dropsName: true }
  }
  return { value: (l) => l, keep: compare, mixed, isFilter: true, dropsName: false }
}

function combineMixed(node: Operator, left: Sample, right: Sample, annotations: Annotations): Sample | undefined {
  if (typeof left !== 'number' && typeof right !== 'number') return ofHistograms(node, left, right, annotations)
  const result =
    typeof left === 'number'
      ? typeof right === 'number' || node.operator !== '*'
        ? undefined
        : compact(scaleHistogram(right, left))
      : typeof right === 'number'
        ? withNumber(node, left, right)
        : undefined
  if (result === undefined) annotations.incompatibleTypes(wordOf(left), node.operator, wordOf(right), node)
  return result
}

function wordOf(sample: Sample): 'float' | 'histogram' {
  return typeof sample === 'number' ? 'float' : 'histogram'
}

function withNumber({ operator }: Operator, left: FloatHistogram, right: number): FloatHistogram | undefined {
  switch (operator) {
    case '*':
      return compact(scaleHistogram(left, right))
    case '/':
      return compact(divideHistogram(left, right))
    case '</':
      return trimHistogram(left, right, 'upper')
    case '>/':
      return trimHistogram(left, right, 'lower')
    default:
      return undefined
  }
}

function ofHistograms(
  node: Operator,
  left: FloatHistogram,
  right: FloatHistogram,
  annotations: Annotations,
): Sample | undefined {
  const { operator, bool } = node
  switch (operator) {
    case '+':
      return reported(addHistograms(left, right), node, annotations)
    case '-':
      return reported(subtractHistograms(left, right), node, annotations)
    case '==':
    case '!=': {
      const holds = equalHistograms(left, right) === (operator === '==')
      if (bool) return holds ? 1 : 0
      return holds ? left : undefined
    }
    default:
      annotations.incompatibleTypes('histogram', operator, 'histogram', node)
      return undefined
  }
}

function reported(
  combination: Combination | undefined,
  node: Operator,
  annotations: Annotations,
): FloatHistogram | undefined {
  if (combination === undefined) {
    annotations.incompatibleBounds(node.operator, node)
    return undefined
  }
  const operation = node.operator === '+' ? 'addition' : 'subtraction'
  if (combination.collision) annotations.resetCollision(operation, node)
  if (combination.reconciled) annotations.reconciledBounds(operation, node)
  return compact(combination.histogram)
}
