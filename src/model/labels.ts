/** Label name → value; no empty values, `__name__` holds the metric's name. */
export type Labels = Readonly<Record<string, string>>

export const METRIC_NAME = '__name__'

export const MATCH_OPERATORS = ['=', '!=', '=~', '!~'] as const
export type MatchOperator = (typeof MATCH_OPERATORS)[number]

/** `=~` and `!~` hold RE2 expressions, fully anchored. A missing label matches like the empty string. */
export interface Matcher {
  readonly name: string
  readonly operator: MatchOperator
  readonly value: string
}
