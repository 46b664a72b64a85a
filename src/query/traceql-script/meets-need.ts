import type { SpanNeed, TraceNeed } from '../span-need.ts'
import type { Span } from '../trace-source.ts'
import { evalField } from '../traceql/eval-field.ts'
import { valuesOfField } from '../traceql/fields.ts'
import { isTrue, RegexpCache } from '../traceql/operators.ts'
import { placeSpans } from '../traceql/trace-tree.ts'

const REGEXPS = new RegexpCache()

/** Whether a span meets a need. */
export function meetsNeed(span: Span, need: SpanNeed): boolean {
  const place = placeSpans([span]).spans[0]
  if (place === undefined) return false
  switch (need.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'and':
      return need.of.every((one) => meetsNeed(span, one))
    case 'or':
      return need.of.some((one) => meetsNeed(span, one))
    case 'root':
      return span.parentSpanId === ''
    case 'exists':
      return valuesOfField(need.field, place).length > 0
    case 'compare': {
      const { field, operator, value } = need
      const right = { kind: 'static', value } as const
      return isTrue(evalField({ kind: 'binary', operator, left: field, right }, place, REGEXPS))
    }
  }
}

export function traceMeetsNeed(spans: readonly Span[], need: TraceNeed): boolean {
  switch (need.kind) {
    case 'all':
      return true
    case 'has':
      return spans.some((span) => meetsNeed(span, need.span))
    case 'and':
      return need.of.every((one) => traceMeetsNeed(spans, one))
    case 'or':
      return need.of.some((one) => traceMeetsNeed(spans, one))
    case 'child': {
      const ids = new Set(spans.filter((span) => meetsNeed(span, need.parent)).map(({ spanId }) => spanId))
      return spans.some((span) => ids.has(span.parentSpanId) && meetsNeed(span, need.child))
    }
    case 'siblings': {
      const ids = new Set(spans.filter((span) => meetsNeed(span, need.one)).map(({ parentSpanId }) => parentSpanId))
      return spans.some((span) => ids.has(span.parentSpanId) && meetsNeed(span, need.other))
    }
  }
}
