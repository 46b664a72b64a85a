import type { ArithmeticOperator, FilterComparison } from './ast.ts'

type Operation = (left: number, right: number) => number

/** As Loki calculates: what would divide by zero is NaN. */
export const ARITHMETIC: Readonly<Record<ArithmeticOperator, Operation>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? NaN : left / right),
  '%': (left, right) => (right === 0 ? NaN : left % right),
  '^': power,
}

export const COMPARISON: Readonly<Record<FilterComparison, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
}

/** IEEE 754 pow: 1 to the power of anything is 1, where JavaScript says NaN for NaN and infinities. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1
  if (base === -1 && Math.abs(exponent) === Infinity) return 1
  return base ** exponent
}
