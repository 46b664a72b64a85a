import { compileRegexp, type Regexp } from '../regexp.ts'
import type { FieldOperator } from './ast.ts'
import { FALSE, isNumeric, NIL, toFloat, TRUE, type TraceqlValue } from './value.ts'

const MAX_REGEXPS = 1_000

/** RE2, anchored on both sides; `.` matches line feeds too. Throws AppError `invalid`. */
export function compileTraceqlRegexp(expression: string): Regexp {
  return compileRegexp(expression, { dotMatchesNewline: true })
}

/** Compiled expressions of one query; those that come from spans are bounded in number. */
export class RegexpCache {
  readonly #compiled = new Map<string, Regexp | undefined>()

  /** Undefined when the text is no regular expression, which can happen only for one that a span holds. */
  get(expression: string): Regexp | undefined {
    if (this.#compiled.has(expression)) return this.#compiled.get(expression)
    if (this.#compiled.size >= MAX_REGEXPS) this.#compiled.clear()
    const regexp = tryCompile(expression)
    this.#compiled.set(expression, regexp)
    return regexp
  }
}

function tryCompile(expression: string): Regexp | undefined {
  try {
    return compileTraceqlRegexp(expression)
  } catch {
    return undefined
  }
}

/**
 * One operation on two values. Values that the operator does not take make it false: a span that lacks an attribute, or
 * has it with another type, never matches, not even `!=`.
 */
export function applyOperator(
  operator: FieldOperator,
  left: TraceqlValue,
  right: TraceqlValue,
  regexps: RegexpCache,
): TraceqlValue {
  if (left.type === 'array' || right.type === 'array') return bool(compareArrays(operator, left, right, regexps))
  if (left.type === 'nil' || right.type === 'nil') return FALSE
  if (left.type === 'bool' && right.type === 'bool') return bool(applyToBools(operator, left.value, right.value))
  if (left.type === 'string' && right.type === 'string')
    return bool(applyToTexts(operator, left.value, right.value, regexps))
  if (left.type === 'int' && right.type === 'int') return applyToInts(operator, left.value, right.value)
  if (isNumeric(left.type) && isNumeric(right.type)) return applyToNumbers(operator, left, right)
  if (left.type === right.type && (left.type === 'status' || left.type === 'kind')) {
    return bool(applyToWords(operator, left.value === right.value))
  }
  return FALSE
}

function bool(value: boolean): TraceqlValue {
  return value ? TRUE : FALSE
}

function applyToWords(operator: FieldOperator, equal: boolean): boolean {
  return operator === '=' ? equal : operator === '!=' && !equal
}

function applyToBools(operator: FieldOperator, left: boolean, right: boolean): boolean {
  if (operator === '&&') return left && right
  if (operator === '||') return left || right
  return applyToWords(operator, left === right)
}

function applyToTexts(operator: FieldOperator, left: string, right: string, regexps: RegexpCache): boolean {
  switch (operator) {
    case '=~':
      return regexps.get(right)?.matchesWhole(left) ?? false
    case '!~':
      return !(regexps.get(right)?.matchesWhole(left) ?? true)
    case '=':
    case '!=':
    case '>':
    case '>=':
    case '<':
    case '<=':
      return compares(operator, left === right ? 0 : compareTexts(left, right))
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
    case '&&':
    case '||':
      return false
  }
}

/** In the order of their UTF-8 bytes, which is that of their code points. */
function compareTexts(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

type Comparison = '=' | '!=' | '>' | '>=' | '<' | '<='

function compares(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
  }
}

/** 64 bits that wrap around; a division by zero has no value. */
function applyToInts(operator: FieldOperator, left: bigint, right: bigint): TraceqlValue {
  switch (operator) {
    case '+':
      return int(left + right)
    case '-':
      return int(left - right)
    case '*':
      return int(left * right)
    case '/':
      return right === 0n ? NIL : int(left / right)
    case '%':
      return right === 0n ? NIL : int(left % right)
    case '^':
      return int(power(left, right))
    case '=':
    case '!=':
    case '>':
    case '>=':
    case '<':
    case '<=':
      return bool(compares(operator, left < right ? -1 : left > right ? 1 : 0))
    case '=~':
    case '!~':
    case '&&':
    case '||':
      return FALSE
  }
}

function int(value: bigint): TraceqlValue {
  return { type: 'int', value: BigInt.asIntN(64, value) }
}

/** By squaring, so that no exponent makes a number of more than 128 bits. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = BigInt.asIntN(64, result * square)
    square = BigInt.asIntN(64, square * square)
  }
  return result
}

function applyToNumbers(operator: FieldOperator, left: TraceqlValue, right: TraceqlValue): TraceqlValue {
  if (left.type === 'duration' && right.type === 'duration' && isComparison(operator)) {
    return bool(compares(operator, left.value < right.value ? -1 : left.value > right.value ? 1 : 0))
  }
  const [a, b] = [toFloat(left), toFloat(right)]
  switch (operator) {
    case '+':
      return float(a + b)
    case '-':
      return float(a - b)
    case '*':
      return float(a * b)
    case '/':
      return float(a / b)
    case '%':
      return float(a % b)
    case '^':
      return float(a ** b)
    case '=':
      return bool(a === b)
    case '!=':
      return bool(a !== b)
    case '>':
      return bool(a > b)
    case '>=':
      return bool(a >= b)
    case '<':
      return bool(a < b)
    case '<=':
      return bool(a <= b)
    case '=~':
    case '!~':
    case '&&':
    case '||':
      return FALSE
  }
}

function isComparison(operator: FieldOperator): operator is Comparison {
  return ['=', '!=', '>', '>=', '<', '<='].includes(operator)
}

function float(value: number): TraceqlValue {
  return { type: 'float', value }
}

const FLIPPED: Readonly<Partial<Record<FieldOperator, FieldOperator>>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' }

/**
 * An array matches when one of its items does; for `!=` and `!~` all of them must. Two arrays are equal or not, and
 * have no other relation.
 */
function compareArrays(
  operator: FieldOperator,
  left: TraceqlValue,
  right: TraceqlValue,
  regexps: RegexpCache,
): boolean {
  if (left.type === 'array' && right.type === 'array') {
    const equal =
      left.items.length === right.items.length &&
      left.items.every((item, i) => isTrue(applyOperator('=', item, right.items[i] ?? NIL, regexps)))
    return applyToWords(operator, equal)
  }
  if (!isComparison(operator) && operator !== '=~' && operator !== '!~') return false
  const array = left.type === 'array' ? left : right
  const scalar = left.type === 'array' ? right : left
  if (array.type !== 'array' || scalar.type === 'nil') return false
  // A regular expression stands on the right whatever side the array is on.
  const isRegexp = operator === '=~' || operator === '!~'
  const matches = (item: TraceqlValue): boolean => {
    if (left.type === 'array') return isTrue(applyOperator(operator, item, scalar, regexps))
    if (isRegexp) return isTrue(applyOperator(operator, scalar, item, regexps))
    return isTrue(applyOperator(FLIPPED[operator] ?? operator, item, scalar, regexps))
  }
  return operator === '!=' || operator === '!~' ? array.items.every(matches) : array.items.some(matches)
}

export function isTrue(value: TraceqlValue): boolean {
  return value.type === 'bool' && value.value
}
