import { AppError } from '../../core/index.ts'
import { ParseError } from '../parse-error.ts'
import type {
  Aggregate,
  FieldExpr,
  FieldOperator,
  IntrinsicName,
  MetricsAggregation,
  MetricsExpr,
  ScalarExpr,
  SpansetExpr,
  Stage,
  TraceqlQuery,
} from './ast.ts'
import { parsePrefix } from './cidr.ts'
import type { Place } from './cursor.ts'
import { compileTraceqlRegexp } from './operators.ts'
import { printFieldExpr, printScalar, printStage, printValue } from './print.ts'
import { isNumeric, type StaticType } from './value.ts'

/** The bucket of a histogram takes one of the places. */
const MAX_GROUP_BYS = 5

/** Throws ParseError for the first part, innermost first, that could not mean anything for any span. */
export function checkQuery(query: TraceqlQuery, text: string, places: WeakMap<object, Place>): void {
  const checker = new Checker(text, places)
  if (query.kind === 'spans') checker.stages(query.pipeline.stages)
  else checker.metrics(query.metrics)
}

class Checker {
  readonly #text: string
  readonly #places: WeakMap<object, Place>

  constructor(text: string, places: WeakMap<object, Place>) {
    this.#text = text
    this.#places = places
  }

  stages(stages: readonly Stage[]): void {
    for (const stage of stages) this.#stage(stage)
  }

  metrics(expr: MetricsExpr): void {
    for (const stage of expr.stages) {
      if (stage.kind !== 'compare' && stage.limit <= 0) throw this.#error(expr, 'limit must be greater than 0')
    }
    if (expr.kind === 'arithmetic') {
      this.metrics(expr.left)
      this.metrics(expr.right)
      return
    }
    this.stages(expr.pipeline.stages)
    this.#aggregation(expr.aggregation)
    if (expr.aggregation.operator === 'compare' && expr.stages.length > 0) {
      throw this.#error(expr, '`compare()` cannot be used with second stage functions')
    }
  }

  #aggregation(aggregation: MetricsAggregation): void {
    const { operator } = aggregation
    if (operator === 'compare') {
      this.#compare(aggregation)
      return
    }
    const most =
      operator === 'quantile_over_time' || operator === 'histogram_over_time' ? MAX_GROUP_BYS - 1 : MAX_GROUP_BYS
    if (aggregation.by.length > most) {
      throw this.#error(aggregation, `metrics group by ${String(aggregation.by.length)} values not yet supported`)
    }
    if (operator !== 'quantile_over_time') return
    const wrong = aggregation.quantiles.find((quantile) => quantile < 0 || quantile > 1)
    if (wrong !== undefined) throw this.#error(aggregation, `quantile must be between 0 and 1: ${String(wrong)}`)
  }

  #compare(aggregation: MetricsAggregation & { readonly operator: 'compare' }): void {
    const { filter, top, startNs, endNs } = aggregation
    this.#spanset(filter)
    if (top <= 0) throw this.#error(filter, 'compare() top number of values must be integer greater than 0')
    if (startNs === 0n && endNs === 0n) return
    if (startNs <= 0n || endNs <= 0n) {
      throw this.#error(filter, 'compare() timestamps must be positive integer unix nanoseconds')
    }
    if (endNs <= startNs) throw this.#error(filter, 'compare() end timestamp must be greater than start timestamp')
  }

  #stage(stage: Stage): void {
    switch (stage.kind) {
      case 'filter':
      case 'spanset':
      case 'pipeline':
        this.#spanset(stage)
        return
      case 'scalar-filter': {
        this.#scalar(stage.left)
        this.#scalar(stage.right)
        const types = [scalarType(stage.left), scalarType(stage.right)] as const
        this.#operands(stage, stage.operator, types, () => printStage(stage))
        return
      }
      case 'by':
        if (!readsSpan(stage.expr)) {
          throw this.#error(stage.expr, `grouping field expressions must reference the span: ${printStage(stage)}`)
        }
        this.#field(stage.expr)
        return
      case 'aggregate':
        this.#aggregate(stage)
        return
      case 'coalesce':
      case 'select':
    }
  }

  #spanset(expr: SpansetExpr): void {
    switch (expr.kind) {
      case 'filter': {
        this.#field(expr.expr)
        const type = typeOf(expr.expr)
        if (type === 'attribute' || type === 'bool') return
        throw this.#error(expr, `span filter field expressions must resolve to a boolean: ${printStage(expr)}`)
      }
      case 'spanset':
        this.#spanset(expr.left)
        this.#spanset(expr.right)
        return
      case 'pipeline':
        this.stages(expr.stages)
    }
  }

  #scalar(expr: ScalarExpr): void {
    switch (expr.kind) {
      case 'static':
        return
      case 'aggregate':
        this.#aggregate(expr)
        return
      case 'pipeline':
        this.stages(expr.stages)
        return
      case 'scalar':
        this.#scalar(expr.left)
        this.#scalar(expr.right)
        this.#operands(expr, expr.operator, [scalarType(expr.left), scalarType(expr.right)], () => printScalar(expr))
    }
  }

  #aggregate(aggregate: Aggregate): void {
    const { expr } = aggregate
    if (expr === undefined) return
    this.#field(expr)
    const type = typeOf(expr)
    const text = (): string => printScalar(aggregate)
    if (type !== 'attribute' && !isNumeric(type)) {
      throw this.#error(aggregate, `aggregate field expressions must resolve to a number type: ${text()}`)
    }
    if (!readsSpan(expr)) {
      throw this.#error(aggregate, `aggregate field expressions must reference the span: ${text()}`)
    }
  }

  #field(expr: FieldExpr): void {
    switch (expr.kind) {
      case 'static':
      case 'intrinsic':
      case 'attribute':
        return
      case 'binary':
        this.#field(expr.left)
        this.#field(expr.right)
        this.#operands(expr, expr.operator, [typeOf(expr.left), typeOf(expr.right)], () => printFieldExpr(expr))
        if (expr.operator === '=~' || expr.operator === '!~') this.#regexp(expr.right)
        return
      case 'unary': {
        this.#field(expr.expr)
        const type = typeOf(expr.expr)
        if (type === 'attribute' || (expr.operator === '!' ? type === 'bool' : isNumeric(type))) return
        throw this.#error(expr, `illegal operation for the given type: ${printFieldExpr(expr)}`)
      }
      case 'cidr':
        this.#cidr(expr)
        return
      case 'exists':
      case 'missing':
        this.#field(expr.expr)
        if (expr.expr.kind !== 'intrinsic' || expr.expr.name === 'parent') return
        throw this.#error(expr, `intrinsics cannot be compared to nil: ${printFieldExpr(expr)}`)
    }
  }

  #cidr(expr: FieldExpr & { readonly kind: 'cidr' }): void {
    this.#field(expr.expr)
    const type = typeOf(expr.expr)
    if (type !== 'string' && type !== 'attribute') {
      throw this.#error(expr, `cidr() requires a string attribute as its first argument: ${printFieldExpr(expr)}`)
    }
    const wrong = expr.prefixes.find((prefix) => parsePrefix(prefix) === undefined)
    if (wrong !== undefined) throw this.#error(expr, `cidr() has an invalid prefix ${JSON.stringify(wrong)}`)
  }

  #regexp(expr: FieldExpr): void {
    if (expr.kind !== 'static' || expr.value.type !== 'string') return
    try {
      compileTraceqlRegexp(expr.value.value)
    } catch (reason) {
      throw this.#error(expr, `invalid regex: ${printValue(expr.value)}: ${AppError.from(reason).message}`)
    }
  }

  #operands(
    node: object,
    operator: FieldOperator,
    [left, right]: readonly [StaticType, StaticType],
    print: () => string,
  ): void {
    if (!canMeet(left, right)) {
      throw this.#error(node, `binary operations must operate on the same type: ${print()}`)
    }
    if (!takes(operator, left) || !takes(operator, right)) {
      throw this.#error(node, `illegal operation for the given types: ${print()}`)
    }
  }

  #error(node: object, message: string): ParseError {
    const { start, end } = this.#places.get(node) ?? { start: 0, end: this.#text.length }
    return new ParseError(message, { query: this.#text, start, end })
  }
}

function canMeet(left: StaticType, right: StaticType): boolean {
  if (left === right || left === 'attribute' || right === 'attribute') return true
  return left === 'nil' || right === 'nil' || (isNumeric(left) && isNumeric(right))
}

const EQUALITY = ['=', '!=']
const ORDER = ['>', '>=', '<', '<=']
const OPERATORS: Readonly<Record<StaticType, readonly string[] | undefined>> = {
  attribute: undefined,
  bool: ['&&', '||', ...EQUALITY],
  int: ['+', '-', '*', '/', '%', '^', ...EQUALITY, ...ORDER],
  float: ['+', '-', '*', '/', '%', '^', ...EQUALITY, ...ORDER],
  duration: ['+', '-', '*', '/', '%', '^', ...EQUALITY, ...ORDER],
  string: ['=~', '!~', ...EQUALITY, ...ORDER],
  nil: EQUALITY,
  status: EQUALITY,
  kind: EQUALITY,
}

function takes(operator: FieldOperator, type: StaticType): boolean {
  return OPERATORS[type]?.includes(operator) ?? true
}

function typeOf(expr: FieldExpr): StaticType {
  switch (expr.kind) {
    case 'static':
      return expr.value.type === 'array' ? 'attribute' : expr.value.type
    case 'intrinsic':
      return INTRINSIC_TYPES[expr.name]
    case 'attribute':
      return 'attribute'
    case 'binary': {
      if (!'+-*/%^'.includes(expr.operator)) return 'bool'
      const left = typeOf(expr.left)
      return left === 'attribute' ? typeOf(expr.right) : left
    }
    case 'unary':
      return typeOf(expr.expr)
    case 'cidr':
    case 'exists':
    case 'missing':
      return 'bool'
  }
}

const INTRINSIC_TYPES: Readonly<Record<IntrinsicName, StaticType>> = {
  duration: 'duration',
  name: 'string',
  status: 'status',
  statusMessage: 'string',
  kind: 'kind',
  childCount: 'int',
  parent: 'nil',
  rootName: 'string',
  rootServiceName: 'string',
  traceDuration: 'duration',
  nestedSetLeft: 'int',
  nestedSetRight: 'int',
  nestedSetParent: 'int',
  'trace:id': 'string',
  'span:id': 'string',
  'span:parentID': 'string',
  'event:name': 'string',
  'event:timeSinceStart': 'duration',
  'link:traceID': 'string',
  'link:spanID': 'string',
  'instrumentation:name': 'attribute',
  'instrumentation:version': 'attribute',
}

function scalarType(expr: ScalarExpr): StaticType {
  switch (expr.kind) {
    case 'static':
      return expr.value.type === 'array' ? 'attribute' : expr.value.type
    case 'aggregate':
      return expr.expr === undefined ? 'int' : typeOf(expr.expr)
    case 'scalar': {
      const left = scalarType(expr.left)
      return left === 'attribute' ? scalarType(expr.right) : left
    }
    case 'pipeline': {
      const last = expr.stages.at(-1)
      return last?.kind === 'aggregate' ? scalarType(last) : 'attribute'
    }
  }
}

function readsSpan(expr: FieldExpr): boolean {
  switch (expr.kind) {
    case 'static':
      return false
    case 'intrinsic':
    case 'attribute':
      return true
    case 'binary':
      return readsSpan(expr.left) || readsSpan(expr.right)
    case 'unary':
    case 'cidr':
    case 'exists':
    case 'missing':
      return readsSpan(expr.expr)
  }
}
