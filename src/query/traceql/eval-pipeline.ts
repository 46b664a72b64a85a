import type { Aggregate, Pipeline, ScalarExpr, ScalarFilter, SpansetExpr, Stage } from './ast.ts'
import { evalField, matches } from './eval-field.ts'
import { applyOperator, isTrue, RegexpCache } from './operators.ts'
import { printScalar, printStage } from './print.ts'
import { relate } from './structure.ts'
import type { SpanPlace, TracePlace } from './trace-tree.ts'
import { isNumeric, NIL, toFloat, type TraceqlValue, valueKey } from './value.ts'

/** Spans of one trace that belong together, with what groupings and aggregates have found out of them. */
export interface PlacedSpanset {
  readonly spans: readonly SpanPlace[]
  readonly attributes: readonly { readonly name: string; readonly value: TraceqlValue }[]
  /** Of the last aggregate. */
  readonly scalar: TraceqlValue
}

/** Runs a pipeline over one trace: the spansets that are left. Regular expressions are compiled once an instance. */
export class PipelineEvaluator {
  readonly regexps = new RegexpCache()

  run(pipeline: Pipeline, trace: TracePlace): readonly PlacedSpanset[] {
    return this.#stages(pipeline.stages, [{ spans: trace.spans, attributes: [], scalar: NIL }])
  }

  #stages(stages: readonly Stage[], input: readonly PlacedSpanset[]): readonly PlacedSpanset[] {
    let spansets = input
    for (const stage of stages) {
      if (spansets.length === 0) return spansets
      spansets = this.#stage(stage, spansets)
    }
    return spansets
  }

  #stage(stage: Stage, input: readonly PlacedSpanset[]): readonly PlacedSpanset[] {
    switch (stage.kind) {
      case 'filter':
      case 'spanset':
      case 'pipeline':
        return this.#spanset(stage, input)
      case 'scalar-filter':
        return input.flatMap((spanset) => this.#scalarFilter(stage, spanset))
      case 'by':
        return input.flatMap((spanset) => this.#group(stage, spanset))
      case 'coalesce':
        return [{ spans: input.flatMap(({ spans }) => spans), attributes: [], scalar: NIL }]
      case 'select':
        return input
      case 'aggregate':
        return input.flatMap((spanset) => this.#aggregated(stage, spanset) ?? [])
    }
  }

  #spanset(expr: SpansetExpr, input: readonly PlacedSpanset[]): readonly PlacedSpanset[] {
    if (expr.kind === 'pipeline') return this.#stages(expr.stages, input)
    return input.flatMap((spanset) => {
      const spans = expr.kind === 'filter' ? this.#filter(expr, spanset) : this.#operation(expr, spanset)
      return spans.length === 0 ? [] : [{ ...spanset, spans }]
    })
  }

  #filter({ expr }: SpansetExpr & { readonly kind: 'filter' }, { spans }: PlacedSpanset): readonly SpanPlace[] {
    if (expr.kind === 'static') return isTrue(expr.value) ? spans : []
    return spans.filter((place) => matches(expr, place, this.regexps))
  }

  #operation(expr: SpansetExpr & { readonly kind: 'spanset' }, spanset: PlacedSpanset): readonly SpanPlace[] {
    const left = spansOf(this.#spanset(expr.left, [spanset]))
    const right = spansOf(this.#spanset(expr.right, [spanset]))
    switch (expr.operator) {
      case '&&':
        return left.length > 0 && right.length > 0 ? union(left, right, spanset) : []
      case '||':
        return union(left, right, spanset)
      default:
        return relate(expr.operator, left, right)
    }
  }

  #group(stage: Stage & { readonly kind: 'by' }, spanset: PlacedSpanset): PlacedSpanset[] {
    const name = printStage(stage)
    const groups = new Map<string, { value: TraceqlValue; spans: SpanPlace[] }>()
    for (const place of spanset.spans) {
      const value = evalField(stage.expr, place, this.regexps)
      const group = groups.get(valueKey(value))
      if (group === undefined) groups.set(valueKey(value), { value, spans: [place] })
      else group.spans.push(place)
    }
    return [...groups.values()].map(({ value, spans }) => ({
      spans,
      attributes: [...spanset.attributes, { name, value }],
      scalar: NIL,
    }))
  }

  #scalarFilter(stage: ScalarFilter, spanset: PlacedSpanset): PlacedSpanset[] {
    const left = this.#scalar(stage.left, spanset)
    const right = this.#scalar(stage.right, spanset)
    if (!isTrue(applyOperator(stage.operator, left.value, right.value, this.regexps))) return []
    const spans = left.spans === undefined && right.spans === undefined ? spanset.spans : both(left, right, spanset)
    return [{ spans, attributes: [...spanset.attributes, ...left.attributes, ...right.attributes], scalar: left.value }]
  }

  #scalar(expr: ScalarExpr, spanset: PlacedSpanset): Scalar {
    switch (expr.kind) {
      case 'static':
        return { value: expr.value, attributes: [], spans: undefined }
      case 'aggregate': {
        const found = this.#aggregated(expr, { ...spanset, attributes: [] })
        return { value: found?.scalar ?? NIL, attributes: found?.attributes ?? [], spans: undefined }
      }
      case 'pipeline': {
        const found = this.#stages(expr.stages, [{ ...spanset, attributes: [] }])
        return {
          value: found[0]?.scalar ?? NIL,
          attributes: found[0]?.attributes ?? [],
          spans: found.flatMap(({ spans }) => spans),
        }
      }
      case 'scalar': {
        const left = this.#scalar(expr.left, spanset)
        const right = this.#scalar(expr.right, spanset)
        return {
          value:
            isNumber(left) && isNumber(right)
              ? applyOperator(expr.operator, left.value, right.value, this.regexps)
              : NIL,
          attributes: [...left.attributes, ...right.attributes],
          spans: left.spans === undefined && right.spans === undefined ? undefined : both(left, right, spanset),
        }
      }
    }
  }

  /** Undefined when no span has a value to aggregate. */
  #aggregated(aggregate: Aggregate, spanset: PlacedSpanset): PlacedSpanset | undefined {
    const { expr } = aggregate
    const scalar =
      expr === undefined
        ? ({ type: 'int', value: BigInt(spanset.spans.length) } as const)
        : summarize(
            aggregate.operator,
            spanset.spans.map((place) => evalField(expr, place, this.regexps)),
          )
    if (scalar === undefined) return undefined
    return { ...spanset, scalar, attributes: [...spanset.attributes, { name: printScalar(aggregate), value: scalar }] }
  }
}

interface Scalar {
  readonly value: TraceqlValue
  readonly attributes: PlacedSpanset['attributes']
  /** Of pipelines only: the spans that it was made of. */
  readonly spans: readonly SpanPlace[] | undefined
}

function isNumber({ value }: Scalar): boolean {
  return isNumeric(value.type)
}

function spansOf(spansets: readonly PlacedSpanset[]): readonly SpanPlace[] {
  return spansets.length === 1 && spansets[0] !== undefined ? spansets[0].spans : spansets.flatMap(({ spans }) => spans)
}

/** In the order in which the spanset has them. */
function union(
  left: readonly SpanPlace[],
  right: readonly SpanPlace[],
  { spans }: PlacedSpanset,
): readonly SpanPlace[] {
  const chosen = new Set([...left, ...right])
  return chosen.size === spans.length ? spans : spans.filter((place) => chosen.has(place))
}

function both(left: Scalar, right: Scalar, spanset: PlacedSpanset): readonly SpanPlace[] {
  return union(left.spans ?? [], right.spans ?? [], spanset)
}

/** Of the values that are there. Sums keep the type of the first value, and leave out what has another. */
function summarize(operator: Aggregate['operator'], values: readonly TraceqlValue[]): TraceqlValue | undefined {
  const present = values.filter((value) => isNumeric(value.type))
  const [first, ...rest] = present
  if (first === undefined) return undefined
  switch (operator) {
    case 'max':
      return rest.reduce((best, value) => (compareNumbers(value, best) > 0 ? value : best), first)
    case 'min':
      return rest.reduce((best, value) => (compareNumbers(value, best) < 0 ? value : best), first)
    case 'sum':
      return rest.reduce(add, first)
    case 'avg':
      return divide(rest.reduce(add, first), present.length)
    case 'count':
      return undefined
  }
}

function compareNumbers(a: TraceqlValue, b: TraceqlValue): number {
  if (a.type === b.type && (a.type === 'int' || a.type === 'duration') && (b.type === 'int' || b.type === 'duration')) {
    return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
  }
  return toFloat(a) - toFloat(b)
}

function add(sum: TraceqlValue, value: TraceqlValue): TraceqlValue {
  if (sum.type === 'int' && value.type === 'int')
    return { type: 'int', value: BigInt.asIntN(64, sum.value + value.value) }
  if (sum.type === 'duration' && value.type === 'duration') return { type: 'duration', value: sum.value + value.value }
  if (sum.type === 'float' && value.type === 'float') return { type: 'float', value: sum.value + value.value }
  return sum
}

function divide(sum: TraceqlValue, count: number): TraceqlValue {
  if (sum.type === 'duration') return { type: 'duration', value: sum.value / BigInt(count) }
  return { type: 'float', value: toFloat(sum) / count }
}
