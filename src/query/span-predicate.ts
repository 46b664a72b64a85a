/** Where an attribute or a field belongs: OpenTelemetry's maps of attributes. Of events and links a span has many. */
export type SpanLevel = 'span' | 'resource' | 'scope' | 'event' | 'link'

/** Fields whose values are texts: ids in hex, `span.kind` and `span.status` as words in lower case. */
export type SpanTextField =
  | 'span.traceID'
  | 'span.spanID'
  | 'span.parentSpanID'
  | 'span.traceState'
  | 'span.name'
  | 'span.kind'
  | 'span.status'
  | 'span.statusMessage'
  | 'resource.service'
  | 'scope.name'
  | 'scope.version'
  | 'event.name'
  | 'link.traceID'
  | 'link.spanID'
  | 'link.traceState'

/** Fields in nanoseconds: times since the epoch, durations. */
export type SpanTimeField = 'span.startTime' | 'span.endTime' | 'span.duration' | 'event.time' | 'event.timeSinceStart'

/** A value of a span, to be tested. An attribute may stand in the maps of several levels: it then has several values. */
export type SpanOperand =
  | { readonly kind: 'attribute'; readonly key: string; readonly levels: readonly SpanLevel[] }
  | { readonly kind: 'text'; readonly field: SpanTextField }
  | { readonly kind: 'time'; readonly field: SpanTimeField }

/**
 * What a value is compared with. `any` is equal to whatever is written as it, whatever its type, and in an order with
 * numbers if it is one itself, else with strings; the other types are compared with values of their type only.
 */
export type SpanConstant =
  | { readonly type: 'any' | 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  /** For fields of times. */
  | { readonly type: 'ns'; readonly value: bigint }

export type SpanComparison = '=' | '!=' | '>' | '>=' | '<' | '<='

/**
 * A condition on one span. A test of a value that the span does not have is false; of several values one must pass
 * a test, but all of them `!=` and `none of`.
 */
export type SpanPredicate =
  | { readonly kind: 'and' | 'or'; readonly of: readonly SpanPredicate[] }
  | { readonly kind: 'not'; readonly of: SpanPredicate }
  | { readonly kind: 'exists'; readonly operand: SpanOperand }
  | {
      readonly kind: 'compare'
      readonly operand: SpanOperand
      readonly operator: SpanComparison
      readonly constant: SpanConstant
    }
  /** One of the constants, or with `negated` none of them. */
  | {
      readonly kind: 'in'
      readonly operand: SpanOperand
      readonly constants: readonly SpanConstant[]
      readonly negated: boolean
    }
  /** RE2, anywhere in the value's text. */
  | { readonly kind: 'matches'; readonly operand: SpanOperand; readonly pattern: string }
  /** One event or link passes; what `of` says of that level is said of this one. */
  | { readonly kind: 'some'; readonly level: 'event' | 'link'; readonly of: SpanPredicate }
