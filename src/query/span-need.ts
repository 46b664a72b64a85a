import type { Attribute, ComparisonOperator, Field } from './traceql/ast.ts'
import type { TraceqlValue } from './traceql/value.ts'

/**
 * What a span must be at least, for a source to look up. It is made of an expression: every span that meets the
 * expression meets the need; `isExact` of the plan says whether the reverse holds too.
 */
export type SpanNeed =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly SpanNeed[] }
  /** The value is no array and not nil. `=~` and `!~` have RE2 expressions, anchored; `.` matches line feeds. */
  | {
      readonly kind: 'compare'
      readonly field: Field
      readonly operator: ComparisonOperator | '=~' | '!~'
      readonly value: TraceqlValue
    }
  | { readonly kind: 'exists'; readonly field: Attribute }
  /** The span has no parent. */
  | { readonly kind: 'root' }

/** What a trace must have at least: spans that meet needs. */
export type TraceNeed =
  | { readonly kind: 'all' }
  | { readonly kind: 'has'; readonly span: SpanNeed }
  | { readonly kind: 'and' | 'or'; readonly of: readonly TraceNeed[] }
  /** A span and one whose parent it is, or two with the same parent. */
  | { readonly kind: 'child'; readonly parent: SpanNeed; readonly child: SpanNeed }
  | { readonly kind: 'siblings'; readonly one: SpanNeed; readonly other: SpanNeed }
