import { type Matcher, METRIC_NAME } from '../../model/index.ts'
import { sql, type Sql, str } from '../sql.ts'

/** A label's value as an expression. A label that is missing reads as '' in ClickHouse's maps, as matchers see it. */
export type LabelColumn = (label: string) => Sql

/** Over `series`: labels are in a map, the metric's name beside it. */
export const seriesLabel: LabelColumn = (label) => (label === METRIC_NAME ? sql.raw('name') : mapLabel(label))

/** Over `log_streams`. */
export const mapLabel: LabelColumn = (label) => sql`labels[${str(label)}]`

/** All matchers must hold. Expressions match as Prometheus' do: the whole value, and a dot any character. */
export function matchesAll(matchers: readonly Matcher[], column: LabelColumn): Sql {
  return sql.and(matchers.map((matcher) => matches(matcher, column)))
}

function matches({ name, operator, value }: Matcher, column: LabelColumn): Sql {
  switch (operator) {
    case '=':
      return sql`${column(name)} = ${str(value)}`
    case '!=':
      return sql`${column(name)} != ${str(value)}`
    case '=~':
      return sql`match(${column(name)}, ${str(`^(?s:${value})$`)})`
    case '!~':
      return sql`NOT match(${column(name)}, ${str(`^(?s:${value})$`)})`
  }
}
