import type { DurationExpr, DurationOperation, DurationOperator, NumberLiteral, Range } from '../ast.ts'
import { isNumber, isOutOfRange, takeNumber } from './literals.ts'
import type { TokenStream, Where } from './token-stream.ts'

const LITERALS = 'number, duration, step(), or range()'
const IN_OFFSET: Where = { context: 'offset', expected: LITERALS }

/** Reads a duration in brackets, which must be greater than 0 if that can be known. */
export function parseRangeDuration(tokens: TokenStream, where: Where): DurationExpr {
  const duration = parseDuration(tokens, where)
  if (duration.kind === 'number' && duration.value <= 0) {
    throw tokens.error(duration, 'duration must be greater than 0')
  }
  return duration
}

/** What stands in brackets before the closing one or the colon. */
export const IN_RANGE: Where = { context: 'subquery or range selector', expected: LITERALS }

/**
 * Reads the duration behind `offset`. A literal, a function or a sign with one of them or with parentheses ends there,
 * so that operators behind it are the query's; behind parentheses without a sign they go on with the duration.
 */
export function parseOffsetDuration(tokens: TokenStream): DurationExpr {
  const sign = takeSign(tokens)
  if (sign === undefined) {
    return tokens.isPunctuation('(') ? parseDuration(tokens, IN_OFFSET) : parseOperand(tokens, IN_OFFSET)
  }
  if (isNumber(tokens.token)) return applySign(tokens, sign, takeNumber(tokens))
  if (tokens.isPunctuation('(')) return applySign(tokens, sign, parseParens(tokens, IN_OFFSET))
  const name = functionOf(tokens)
  if (name !== undefined) {
    return applySign(tokens, sign, parseFunction(tokens, name, IN_OFFSET))
  }
  return continueDuration(tokens, applySign(tokens, sign, parseFactor(tokens, IN_OFFSET)), 0, IN_OFFSET)
}

type Arithmetic = Exclude<DurationOperator, 'step' | 'range' | 'min_of' | 'max_of'>

interface Sign extends Range {
  readonly operator: '+' | '-'
}

const PRECEDENCE: Readonly<Record<Arithmetic, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 }

function parseDuration(tokens: TokenStream, where: Where, floor = 0): DurationExpr {
  return tokens.nested(() => continueDuration(tokens, parseFactor(tokens, where), floor, where))
}

/** Reads operators that bind at least as tight as `floor`, and what stands behind them. */
function continueDuration(tokens: TokenStream, first: DurationExpr, floor: number, where: Where): DurationExpr {
  let left = first
  for (;;) {
    const operator = arithmeticOf(tokens)
    if (operator === undefined || PRECEDENCE[operator] < floor) return left
    tokens.countOperator()
    const place = tokens.take()
    const precedence = PRECEDENCE[operator]
    const right = parseDuration(tokens, where, operator === '^' ? precedence : precedence + 1)
    if ((operator === '/' || operator === '%') && right.kind === 'number' && right.value === 0) {
      throw tokens.error(place, operator === '/' ? 'division by zero' : 'modulo by zero')
    }
    left = { kind: 'duration', operator, start: left.start, end: right.end, left, right, wrapped: false }
  }
}

/** A sign binds as `*` does: -2^2 is -(2^2). */
function parseFactor(tokens: TokenStream, where: Where): DurationExpr {
  const sign = takeSign(tokens)
  if (sign === undefined) return parseOperand(tokens, where)
  return applySign(tokens, sign, parseDuration(tokens, where, PRECEDENCE['*'] + 1))
}

function takeSign(tokens: TokenStream): Sign | undefined {
  const operator = tokens.is('operator', '-') ? '-' : tokens.is('operator', '+') ? '+' : undefined
  if (operator === undefined) return undefined
  const { start, end } = tokens.take()
  return { operator, start, end }
}

/** The sign becomes part of a literal; before anything else a plus says nothing. */
function applySign(tokens: TokenStream, sign: Sign, operand: DurationExpr): DurationExpr {
  if (operand.kind === 'number') {
    const value = sign.operator === '-' ? -operand.value : operand.value
    if (isOutOfRange(value)) throw tokens.error(sign, 'duration out of range')
    return { ...operand, start: sign.start, value }
  }
  if (sign.operator === '+') return operand
  return { kind: 'duration', operator: '-', start: sign.start, end: operand.end, right: operand, wrapped: false }
}

function parseOperand(tokens: TokenStream, where: Where): DurationExpr {
  if (isNumber(tokens.token)) {
    const literal: NumberLiteral = takeNumber(tokens)
    if (isOutOfRange(literal.value)) throw tokens.error(literal, 'duration out of range')
    return literal
  }
  if (tokens.isPunctuation('(')) {
    return parseParens(tokens, where)
  }
  const name = functionOf(tokens)
  if (name === undefined) throw tokens.unexpected(where)
  return parseFunction(tokens, name, where)
}

function parseParens(tokens: TokenStream, where: Where): DurationOperation {
  const { start } = tokens.take()
  const inner = parseDuration(tokens, where)
  const { end } = tokens.expect(')', where)
  return inner.kind === 'duration'
    ? { ...inner, start, end, wrapped: true }
    : { kind: 'duration', operator: '+', start, end, right: inner, wrapped: true }
}

function parseFunction(
  tokens: TokenStream,
  operator: 'step' | 'range' | 'min_of' | 'max_of',
  where: Where,
): DurationOperation {
  const { start } = tokens.take()
  tokens.expect('(', where)
  if (operator === 'step' || operator === 'range') {
    const { end } = tokens.expect(')', where)
    return { kind: 'duration', operator, start, end, wrapped: false }
  }
  const left = parseDuration(tokens, where)
  tokens.expect(',', where)
  const right = parseDuration(tokens, where)
  const { end } = tokens.expect(')', where)
  return { kind: 'duration', operator, start, end, left, right, wrapped: false }
}

function functionOf(tokens: TokenStream): 'step' | 'range' | 'min_of' | 'max_of' | undefined {
  if (!tokens.is('preprocessor')) return undefined
  const word = tokens.token.text.toLowerCase()
  return word === 'step' || word === 'range' || word === 'min_of' || word === 'max_of' ? word : undefined
}

function arithmeticOf(tokens: TokenStream): Arithmetic | undefined {
  const { kind, text } = tokens.token
  if (kind !== 'operator') return undefined
  return text === '+' || text === '-' || text === '*' || text === '/' || text === '%' || text === '^' ? text : undefined
}
