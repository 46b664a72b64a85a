import type { Matcher } from '../../model/index.ts'

/** Where a node stands in the query: UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** `|>` and `!>` hold patterns such as `<_> level=error <_>`. */
export const LINE_FILTER_OPERATORS = ['|=', '!=', '|~', '!~', '|>', '!>'] as const
export type LineFilterOperator = (typeof LINE_FILTER_OPERATORS)[number]

/** A text, an RE2 expression that is not anchored, a pattern, or addresses as in `ip("10.0.0.0/8")`. */
export interface LineFilterTerm {
  readonly value: string
  readonly ip: boolean
}

/** `|= "a" or "b"`: one of the terms must be found; of `!= "a" or "b"` none. */
export interface LineFilter extends Range {
  readonly kind: 'line-filter'
  readonly operator: LineFilterOperator
  readonly terms: readonly LineFilterTerm[]
}

/** `name="expression"` of `json` and `logfmt`. */
export interface Extraction {
  readonly name: string
  readonly expression: string
}

export interface JsonParser extends Range {
  readonly kind: 'json'
  /** Empty: all fields. */
  readonly extractions: readonly Extraction[]
}

export interface LogfmtParser extends Range {
  readonly kind: 'logfmt'
  readonly strict: boolean
  readonly keepEmpty: boolean
  /** Empty: all fields. */
  readonly extractions: readonly Extraction[]
}

export interface TextParser extends Range {
  readonly kind: 'pattern' | 'regexp'
  readonly value: string
}

export interface Unpack extends Range {
  readonly kind: 'unpack'
}

export const FILTER_COMPARISONS = ['==', '!=', '>', '>=', '<', '<='] as const
export type FilterComparison = (typeof FILTER_COMPARISONS)[number]

/** What a line's labels must meet. Durations are nanoseconds. */
export type LabelFilter =
  | { readonly t: 'matcher'; readonly matcher: Matcher }
  | { readonly t: 'ip'; readonly name: string; readonly negated: boolean; readonly addresses: string }
  | {
      readonly t: 'number' | 'duration' | 'bytes'
      readonly name: string
      readonly operator: FilterComparison
      readonly value: number
    }
  | { readonly t: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter }

export interface LabelFilterStage extends Range {
  readonly kind: 'label-filter'
  readonly filter: LabelFilter
}

export interface LineFormat extends Range {
  readonly kind: 'line-format'
  readonly template: string
}

/** `to=from` takes a label over, `to="template"` makes its value. */
export interface LabelFormatItem {
  readonly name: string
  readonly t: 'rename' | 'template'
  readonly value: string
}

export interface LabelFormat extends Range {
  readonly kind: 'label-format'
  readonly items: readonly LabelFormatItem[]
}

/** A label by its name, or by its name if its value matches. */
export type LabelChoice = string | Matcher

export interface LabelSelection extends Range {
  readonly kind: 'drop' | 'keep'
  readonly labels: readonly LabelChoice[]
}

export interface Decolorize extends Range {
  readonly kind: 'decolorize'
}

export type Stage =
  | LineFilter
  | JsonParser
  | LogfmtParser
  | TextParser
  | Unpack
  | LabelFilterStage
  | LineFormat
  | LabelFormat
  | LabelSelection
  | Decolorize

/** `{app="x"} |= "error" | json`. */
export interface LogSelector extends Range {
  readonly kind: 'logs'
  readonly matchers: readonly Matcher[]
  readonly stages: readonly Stage[]
}

export const CONVERSIONS = ['bytes', 'duration', 'duration_seconds'] as const
export type Conversion = (typeof CONVERSIONS)[number]

/** `| unwrap duration(took) | took > 1s`. */
export interface Unwrap extends Range {
  readonly label: string
  readonly conversion?: Conversion
  readonly filters: readonly LabelFilter[]
}

/** `{app="x"} | json | unwrap took [5m] offset 1h`. */
export interface LogRange extends Range {
  readonly selector: LogSelector
  readonly unwrap?: Unwrap
  readonly rangeNs: number
  readonly offsetNs: number
}

export const RANGE_OPERATIONS = [
  'count_over_time',
  'rate',
  'rate_counter',
  'bytes_over_time',
  'bytes_rate',
  'avg_over_time',
  'sum_over_time',
  'min_over_time',
  'max_over_time',
  'stdvar_over_time',
  'stddev_over_time',
  'quantile_over_time',
  'first_over_time',
  'last_over_time',
  'absent_over_time',
] as const
export type RangeOperation = (typeof RANGE_OPERATIONS)[number]

export interface Grouping {
  readonly labels: readonly string[]
  readonly without: boolean
}

export interface RangeAggregation extends Range {
  readonly kind: 'range-aggregation'
  readonly operation: RangeOperation
  readonly range: LogRange
  /** Of `quantile_over_time`. */
  readonly parameter?: number
  readonly grouping?: Grouping
}

export const VECTOR_OPERATIONS = [
  'sum',
  'avg',
  'count',
  'max',
  'min',
  'stddev',
  'stdvar',
  'bottomk',
  'topk',
  'sort',
  'sort_desc',
  'approx_topk',
] as const
export type VectorOperation = (typeof VECTOR_OPERATIONS)[number]

export interface VectorAggregation extends Range {
  readonly kind: 'vector-aggregation'
  readonly operation: VectorOperation
  readonly expr: MetricExpr
  /** The k of `topk` and its like. */
  readonly parameter?: number
  readonly grouping?: Grouping
}

export const SET_OPERATORS = ['or', 'and', 'unless'] as const
export const ARITHMETIC_OPERATORS = ['+', '-', '*', '/', '%', '^'] as const
export type SetOperator = (typeof SET_OPERATORS)[number]
export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number]
export type BinaryOperator = SetOperator | ArithmeticOperator | FilterComparison

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many'
  readonly on: boolean
  readonly labels: readonly string[]
  /** Of `group_left` and `group_right`. */
  readonly include: readonly string[]
}

export interface Binary extends Range {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly bool: boolean
  readonly matching: VectorMatching
  readonly left: MetricExpr
  readonly right: MetricExpr
}

export interface LabelReplace extends Range {
  readonly kind: 'label-replace'
  readonly expr: MetricExpr
  readonly target: string
  readonly replacement: string
  readonly source: string
  /** RE2, anchored. */
  readonly expression: string
}

/** `vector(1)`. */
export interface VectorLiteral extends Range {
  readonly kind: 'vector'
  readonly value: number
}

export interface NumberLiteral extends Range {
  readonly kind: 'number'
  readonly value: number
}

export type MetricExpr = RangeAggregation | VectorAggregation | Binary | LabelReplace | VectorLiteral | NumberLiteral

/** `variants(count_over_time({…}[1m]), …) of ({…}[1m])`: several metrics of the same lines. */
export interface Variants extends Range {
  readonly kind: 'variants'
  readonly variants: readonly MetricExpr[]
  readonly of: LogRange
}

export type LogqlExpr = LogSelector | MetricExpr | Variants
