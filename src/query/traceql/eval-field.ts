import type { FieldExpr } from './ast.ts'
import { prefixTest } from './cidr.ts'
import { shortTraceId, valueOfField, valuesOfField } from './fields.ts'
import { applyOperator, isTrue, type RegexpCache } from './operators.ts'
import type { SpanPlace } from './trace-tree.ts'
import { FALSE, NIL, TRUE, type TraceqlValue } from './value.ts'

/** The expression for one span. Where a field has several values, a comparison holds if it does for one of them. */
export function evalField(expr: FieldExpr, place: SpanPlace, regexps: RegexpCache): TraceqlValue {
  switch (expr.kind) {
    case 'static':
      return expr.value
    case 'intrinsic':
    case 'attribute':
      return valueOfField(expr, place)
    case 'cidr': {
      const isWithin = withinOf(expr)
      const isOne = (value: TraceqlValue): boolean => value.type === 'string' && isWithin(value.value)
      return operands(expr.expr, expr, place, regexps).some(isOne) ? TRUE : FALSE
    }
    case 'exists':
      return isNil(evalField(expr.expr, place, regexps)) ? FALSE : TRUE
    case 'missing':
      return isNil(evalField(expr.expr, place, regexps)) ? TRUE : FALSE
    case 'unary':
      return evalUnary(expr.operator, evalField(expr.expr, place, regexps))
    case 'binary':
      return evalBinary(expr, place, regexps)
  }
}

type Cidr = FieldExpr & { readonly kind: 'cidr' }

const TESTS = new WeakMap<Cidr, (text: string) => boolean>()

/** Made once for an expression. */
function withinOf(expr: Cidr): (text: string) => boolean {
  const known = TESTS.get(expr)
  if (known !== undefined) return known
  const test = prefixTest(expr.prefixes)
  TESTS.set(expr, test)
  return test
}

/** Whether the span is selected. */
export function matches(expr: FieldExpr, place: SpanPlace, regexps: RegexpCache): boolean {
  return isTrue(evalField(expr, place, regexps))
}

function isNil(value: TraceqlValue): boolean {
  return value.type === 'nil'
}

function evalUnary(operator: '-' | '!', value: TraceqlValue): TraceqlValue {
  if (operator === '!') return value.type === 'bool' ? (value.value ? FALSE : TRUE) : NIL
  if (value.type === 'int' || value.type === 'duration') {
    return { type: value.type, value: BigInt.asIntN(64, -value.value) }
  }
  return value.type === 'float' ? { type: 'float', value: -value.value } : NIL
}

function evalBinary(
  expr: FieldExpr & { readonly kind: 'binary' },
  place: SpanPlace,
  regexps: RegexpCache,
): TraceqlValue {
  const { operator, left, right } = expr
  if (operator === '&&' || operator === '||') {
    const first = evalField(left, place, regexps)
    if (first.type === 'bool' && first.value === (operator === '||')) return first
    return applyOperator(operator, first, evalField(right, place, regexps), regexps)
  }
  const lefts = operands(left, right, place, regexps)
  const rights = operands(right, left, place, regexps)
  let result: TraceqlValue = FALSE
  for (const a of lefts) {
    for (const b of rights) {
      result = applyOperator(operator, a, b, regexps)
      if (result.type !== 'bool' || result.value) return result
    }
  }
  return result
}

function operands(expr: FieldExpr, other: FieldExpr, place: SpanPlace, regexps: RegexpCache): readonly TraceqlValue[] {
  if (expr.kind === 'intrinsic' || expr.kind === 'attribute') {
    const values = valuesOfField(expr, place)
    return values.length === 0 ? [NIL] : values
  }
  const value = evalField(expr, place, regexps)
  const isTraceId = other.kind === 'intrinsic' && other.name === 'trace:id'
  return [isTraceId && expr.kind === 'static' && value.type === 'string' ? traceId(value.value) : value]
}

function traceId(value: string): TraceqlValue {
  return { type: 'string', value: shortTraceId(value) }
}
