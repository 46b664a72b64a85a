import type { TraceqlValue } from './value.ts'

/**
 * A query that has been parsed and type-checked. `spans` selects spansets, `metrics` makes series of them.
 * `print` and `parse` are inverse to one another up to blanks, brackets and the spelling of literals.
 */
export type TraceqlQuery =
  | { readonly kind: 'spans'; readonly pipeline: Pipeline; readonly hints: readonly Hint[] }
  | { readonly kind: 'metrics'; readonly metrics: MetricsExpr; readonly hints: readonly Hint[] }

/** `with (name=value)`. Those that nobody knows are ignored. */
export interface Hint {
  readonly name: string
  readonly value: TraceqlValue
}

export interface Pipeline {
  readonly kind: 'pipeline'
  /** Never empty. */
  readonly stages: readonly Stage[]
}

/** An aggregate ends the pipeline of a scalar, `({…} | count())`, and stands nowhere else. */
export type Stage = SpansetExpr | ScalarFilter | Group | Coalesce | Select | Aggregate

export type SpansetExpr = SpansetFilter | SpansetOperation | Pipeline

/** `{ expr }`. */
export interface SpansetFilter {
  readonly kind: 'filter'
  readonly expr: FieldExpr
}

export interface SpansetOperation {
  readonly kind: 'spanset'
  readonly operator: SpansetOperator
  readonly left: SpansetExpr
  readonly right: SpansetExpr
}

export type SpansetOperator = '&&' | '||' | StructuralOperator

export type StructuralOperator = `${'' | '!' | '&'}${'>' | '>>' | '<' | '<<' | '~'}`

export interface ScalarFilter {
  readonly kind: 'scalar-filter'
  readonly operator: ComparisonOperator
  readonly left: ScalarExpr
  readonly right: ScalarExpr
}

export type ScalarExpr =
  | Aggregate
  | Static
  | Pipeline
  | {
      readonly kind: 'scalar'
      readonly operator: ArithmeticOperator
      readonly left: ScalarExpr
      readonly right: ScalarExpr
    }

export interface Aggregate {
  readonly kind: 'aggregate'
  readonly operator: 'count' | 'avg' | 'max' | 'min' | 'sum'
  /** `count` has none, all others have one. */
  readonly expr?: FieldExpr
}

export interface Group {
  readonly kind: 'by'
  readonly expr: FieldExpr
}

export interface Coalesce {
  readonly kind: 'coalesce'
}

export interface Select {
  readonly kind: 'select'
  readonly fields: readonly Field[]
}

export type ComparisonOperator = '=' | '!=' | '>' | '>=' | '<' | '<='
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^'
export type FieldOperator = ComparisonOperator | ArithmeticOperator | '=~' | '!~' | '&&' | '||'

export type FieldExpr =
  | Static
  | Field
  | { readonly kind: 'binary'; readonly operator: FieldOperator; readonly left: FieldExpr; readonly right: FieldExpr }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly expr: FieldExpr }
  /** `cidr(expr, prefix, …)`: whether it is an address within one of the prefixes. */
  | { readonly kind: 'cidr'; readonly expr: FieldExpr; readonly prefixes: readonly string[] }
  /** `expr != nil` and `expr = nil`. */
  | { readonly kind: 'exists' | 'missing'; readonly expr: FieldExpr }

export interface Static {
  readonly kind: 'static'
  readonly value: TraceqlValue
}

export type Field = Intrinsic | Attribute

export interface Intrinsic {
  readonly kind: 'intrinsic'
  readonly name: IntrinsicName
}

export interface Attribute {
  readonly kind: 'attribute'
  /** `any` stands without a scope: the span's own comes first, then the resource's, then the others'. */
  readonly scope: AttributeScope
  /** Of the parent span instead of the span itself. */
  readonly parent: boolean
  readonly name: string
}

export type AttributeScope = 'any' | 'span' | 'resource' | 'event' | 'link' | 'instrumentation'

/** Each by the name that it has in series and results; several have a second spelling, `span:name` for one. */
export type IntrinsicName =
  | 'duration'
  | 'name'
  | 'status'
  | 'statusMessage'
  | 'kind'
  | 'childCount'
  | 'parent'
  | 'rootName'
  | 'rootServiceName'
  | 'traceDuration'
  | 'nestedSetLeft'
  | 'nestedSetRight'
  | 'nestedSetParent'
  | 'trace:id'
  | 'span:id'
  | 'span:parentID'
  | 'event:name'
  | 'event:timeSinceStart'
  | 'link:traceID'
  | 'link:spanID'
  | 'instrumentation:name'
  | 'instrumentation:version'

export type MetricsExpr =
  | {
      readonly kind: 'aggregation'
      readonly pipeline: Pipeline
      readonly aggregation: MetricsAggregation
      readonly stages: readonly SecondStage[]
    }
  | {
      readonly kind: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: MetricsExpr
      readonly right: MetricsExpr
      readonly stages: readonly SecondStage[]
    }

export type MetricsAggregation =
  | { readonly operator: 'rate' | 'count_over_time'; readonly by: readonly Field[] }
  | {
      readonly operator: 'min_over_time' | 'max_over_time' | 'avg_over_time' | 'sum_over_time' | 'histogram_over_time'
      readonly field: Field
      readonly by: readonly Field[]
    }
  | {
      readonly operator: 'quantile_over_time'
      readonly field: Field
      readonly quantiles: readonly number[]
      readonly by: readonly Field[]
    }
  | {
      readonly operator: 'compare'
      readonly filter: SpansetFilter
      readonly top: number
      /** The selection's bounds in nanoseconds since the epoch; both 0 when there are none. */
      readonly startNs: bigint
      readonly endNs: bigint
    }

export type SecondStage =
  | { readonly kind: 'topk' | 'bottomk'; readonly limit: number }
  | { readonly kind: 'compare'; readonly operator: ComparisonOperator; readonly value: number }
