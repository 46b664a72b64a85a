import { type Matcher, METRIC_NAME } from '../../model/index.ts'
import { sql, type Sql, str } from '../sql.ts'
import { matchesAll, seriesLabel } from './matchers.ts'

/** Longer lists are not worth their look-up in each row. */
const MAX_ALTERNATIVES = 200

/**
 * Rows of `series` that match. Labels that must have one of a few values are first looked for among the hashes of all
 * labels, which are a tenth of what the labels themselves are to be read: few rows are left.
 */
export function seriesMatching(matchers: readonly Matcher[]): Sql {
  const hashed = matchers.flatMap((matcher) => {
    const values = matcher.name === METRIC_NAME ? undefined : valuesOf(matcher)
    if (values === undefined) return []
    const hashes = values.map((value) => sql`toUInt32(cityHash64(${str(matcher.name)}, ${str(value)}))`)
    return [sql`hasAny(label_hashes, [${sql.join(hashes, ', ')}])`]
  })
  return sql.and([...hashed, matchesAll(matchers, seriesLabel)])
}

/** Rows that match one of the sets; no sets, all rows. */
export function seriesMatchingAny(sets: readonly (readonly Matcher[])[]): Sql {
  return sets.length === 0 ? sql.raw('true') : sql.or(sets.map(seriesMatching))
}

/** All values that a label may have by the matcher, none of them empty; undefined if that is not known. */
export function valuesOf({ operator, value }: Matcher): readonly string[] | undefined {
  if (operator === '=') return value === '' ? undefined : [value]
  if (operator !== '=~') return undefined
  const alternatives = value.split('|')
  if (alternatives.length > MAX_ALTERNATIVES) return undefined
  const values = alternatives.map(literalOf)
  return values.every((one) => one !== undefined && one !== '') ? values.filter((one) => one !== undefined) : undefined
}

const ESCAPED = /\\([-.^$*+?()[\]{}|/])/g

/** The only text that the expression matches; undefined if it may be more than characters and escaped ones. */
function literalOf(expression: string): string | undefined {
  const rest = expression.replace(ESCAPED, '')
  return /[\\.^$*+?()[\]{}]/.test(rest) ? undefined : expression.replace(ESCAPED, '$1')
}
