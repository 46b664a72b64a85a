import {
  ARITHMETIC_OPERATORS,
  type BinaryOperator,
  COMPARISON_OPERATORS,
  SET_OPERATORS,
  TRIM_OPERATORS,
} from '../ast.ts'
import type { Token } from './tokens.ts'

const BINARY_OPERATORS: readonly BinaryOperator[] = [
  ...ARITHMETIC_OPERATORS,
  ...COMPARISON_OPERATORS,
  ...SET_OPERATORS,
  ...TRIM_OPERATORS,
]

/** The higher binds the tighter. `^` associates to the right, all others to the left. */
export const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '>': 3,
  '<': 3,
  '>=': 3,
  '<=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
}

/** Unary minus binds as `*` does: -2^2 is -(2^2), and -a*b is (-a)*b. */
export const UNARY_PRECEDENCE = 5

/** The operator that the token is, whatever its case; undefined when it is none between two expressions. */
export function binaryOperator(token: Token): BinaryOperator | undefined {
  if (token.kind !== 'operator') return undefined
  const text = token.text.toLowerCase()
  return BINARY_OPERATORS.find((operator) => operator === text)
}
