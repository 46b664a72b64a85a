import type { AtModifier, DurationExpr, Expr, Extension, MatrixSelector, Subquery, VectorSelector } from '../ast.ts'
import { IN_RANGE, parseOffsetDuration, parseRangeDuration } from './durations.ts'
import { isNumber, takeNumber, toMs } from './literals.ts'
import type { TokenStream } from './token-stream.ts'

/** Reads `offset`, `@`, `anchored`, `smoothed` and `[…]` behind an expression, in any number and order that fits. */
export function parseModifiers(tokens: TokenStream, primary: Expr): Expr {
  let expr = primary
  for (;;) {
    if (tokens.acceptKeyword('offset') !== undefined) expr = parseOffset(tokens, expr)
    else if (tokens.acceptKeyword('anchored') !== undefined) expr = extend(tokens, expr, 'anchored')
    else if (tokens.acceptKeyword('smoothed') !== undefined) expr = extend(tokens, expr, 'smoothed')
    else if (tokens.accept('operator', '@') !== undefined) expr = parseAt(tokens, expr)
    else if (tokens.isPunctuation('[')) expr = parseBrackets(tokens, expr)
    else return expr
  }
}

const TIMED = 'must be preceded by an instant vector selector or range vector selector or a subquery'

function parseOffset(tokens: TokenStream, expr: Expr): Expr {
  const duration = parseOffsetDuration(tokens)
  const offset = duration.kind === 'number' ? { offsetMs: toMs(duration.value) } : { offsetMs: 0, offsetExpr: duration }
  return changeTimes(tokens, expr, `offset modifier ${TIMED}`, (target) => {
    if (target.offsetMs !== 0 || target.offsetExpr !== undefined) {
      throw tokens.error(expr, 'offset may not be set multiple times')
    }
    return offset
  })
}

function parseAt(tokens: TokenStream, expr: Expr): Expr {
  const at = parseTimestamp(tokens, expr)
  return changeTimes(tokens, expr, `@ modifier ${TIMED}`, (target) => {
    if (target.at !== undefined) throw tokens.error(expr, '@ <timestamp> may not be set multiple times')
    return { at }
  })
}

type Times = Pick<VectorSelector, 'offsetMs' | 'offsetExpr' | 'at'>

/** Gives the selector or subquery, or the selector in a range selector, new times; fails for all other nodes. */
function changeTimes(
  tokens: TokenStream,
  expr: Expr,
  refusal: string,
  change: (target: Times) => Partial<Times>,
): VectorSelector | MatrixSelector | Subquery {
  const end = tokens.lastEnd
  if (expr.kind === 'matrix-selector') {
    return { ...expr, end, selector: { ...expr.selector, ...change(expr.selector) } }
  }
  if (expr.kind !== 'vector-selector' && expr.kind !== 'subquery') throw tokens.error(expr, refusal)
  return { ...expr, end, ...change(expr) }
}

const AT_EXPECTS = { context: '@', expected: 'timestamp' }

function parseTimestamp(tokens: TokenStream, expr: Expr): AtModifier {
  for (const word of ['start', 'end'] as const) {
    if (!tokens.isWord('preprocessor', word)) continue
    tokens.take()
    tokens.expect('(', AT_EXPECTS)
    tokens.expect(')', AT_EXPECTS)
    return { t: word }
  }
  const sign = tokens.is('operator', '-') ? -1 : 1
  if (tokens.is('operator', '-') || tokens.is('operator', '+')) tokens.take()
  if (!isNumber(tokens.token)) throw tokens.unexpected(AT_EXPECTS)
  const seconds = sign * takeNumber(tokens).value
  if (!Number.isFinite(seconds) || Math.abs(seconds) >= 2 ** 63) {
    throw tokens.error(expr, `timestamp out of bounds for @ modifier: ${describeSeconds(seconds)}`)
  }
  return { t: 'time', ms: Math.round(seconds * 1000) + 0 }
}

/** As Go's `%f` prints it. */
function describeSeconds(seconds: number): string {
  if (Number.isNaN(seconds)) return 'NaN'
  if (!Number.isFinite(seconds)) return seconds > 0 ? '+Inf' : '-Inf'
  return `${BigInt(seconds).toString()}.000000`
}

function extend(tokens: TokenStream, expr: Expr, extension: Extension): Expr {
  if (!tokens.isEnabled('promql-extended-range-selectors')) {
    throw tokens.error(expr, `${extension} modifier is experimental and not enabled`)
  }
  if (expr.kind === 'subquery') throw tokens.error(expr, `${extension} modifier is not supported for subqueries`)
  if (expr.kind !== 'vector-selector' && expr.kind !== 'matrix-selector') {
    throw tokens.error(expr, `${extension} modifier not implemented`)
  }
  const before = expr.kind === 'vector-selector' ? expr.extension : expr.selector.extension
  if (before !== undefined && before !== extension) {
    throw tokens.error(expr, 'anchored and smoothed modifiers cannot be used together')
  }
  const end = tokens.lastEnd
  if (expr.kind === 'vector-selector') return { ...expr, end, extension }
  return { ...expr, end, selector: { ...expr.selector, extension } }
}

function parseBrackets(tokens: TokenStream, expr: Expr): MatrixSelector | Subquery {
  tokens.countOperator()
  const open = tokens.take()
  const range = parseRangeDuration(tokens, IN_RANGE)
  if (tokens.accept('punctuation', ':') !== undefined) return parseSubquery(tokens, expr, range)
  const close = tokens.expect(']', { context: 'subquery or range', expected: '":" or "]"' })
  const refuse = (message: string): Error => tokens.error({ start: open.start, end: close.end }, message)
  if (expr.kind !== 'vector-selector') throw refuse('ranges only allowed for vector selectors')
  if (expr.offsetMs !== 0 || expr.offsetExpr !== undefined) throw refuse('no offset modifiers allowed before range')
  if (expr.at !== undefined) throw refuse('no @ modifiers allowed before range')
  return {
    kind: 'matrix-selector',
    type: 'matrix',
    start: expr.start,
    end: close.end,
    selector: expr,
    ...(range.kind === 'number' ? { rangeMs: toMs(range.value) } : { rangeMs: 0, rangeExpr: range }),
  }
}

const IN_STEP = { context: 'subquery selector', expected: 'number, duration, step(), range(), or "]"' }

function parseSubquery(tokens: TokenStream, expr: Expr, range: DurationExpr): Subquery {
  const step = tokens.isPunctuation(']') ? undefined : parseRangeDuration(tokens, IN_STEP)
  const { end } = tokens.expect(']', { context: 'subquery selector', expected: '"]"' })
  return {
    kind: 'subquery',
    type: 'matrix',
    start: expr.start,
    end,
    expr,
    ...(range.kind === 'number' ? { rangeMs: toMs(range.value) } : { rangeMs: 0, rangeExpr: range }),
    ...stepFields(step),
    offsetMs: 0,
  }
}

function stepFields(step: DurationExpr | undefined): Pick<Subquery, 'stepMs' | 'stepExpr'> {
  if (step === undefined) return {}
  return step.kind === 'number' ? { stepMs: toMs(step.value) } : { stepExpr: step }
}
