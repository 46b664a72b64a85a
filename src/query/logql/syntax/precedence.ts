import type { BinaryOperator } from '../ast.ts'

/** What binds tighter has a higher number; `^` is right-associative, all else left-associative. */
export const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '>': 3,
  '>=': 3,
  '<': 3,
  '<=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
}

const IS_OPERATOR = (text: string): text is BinaryOperator => Object.hasOwn(PRECEDENCE, text)

/** All operators between metrics. */
export const ARGUMENT_OPERATORS: readonly BinaryOperator[] = Object.keys(PRECEDENCE).filter(IS_OPERATOR)
