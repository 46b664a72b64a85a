import type { Matcher } from '../../../model/index.ts'
import { compileMatchers, type FieldCondition, type LineCondition, type NumberCondition } from '../../../query/index.ts'
import { f64, sql, type Sql, str, u64Array } from '../../sql.ts'
import { matchesAll } from '../matchers.ts'
import { hasPiece, requiredTexts } from './pieces.ts'
import type { StoredStream } from './streams.ts'

/** A condition over rows of `logs`. */
export interface RowCondition {
  readonly where: Sql
  /** Whether it holds of no line of which the request's condition does not, but for those of `doubtful`. */
  readonly exact: boolean
  /** Rows for which it may hold wrongly, by what is doubtful about them. */
  readonly doubtful: readonly Sql[]
}

/** Structured metadata by its name, in SQL. */
export interface MetadataText {
  /** '' where a row has none. */
  readonly text: Sql
  /** Rows for which the text is not the right one. */
  readonly doubtful: readonly Sql[]
}

/** Undefined for a name of which the text cannot be told in SQL. */
export type MetadataTexts = (name: string) => MetadataText | undefined

const TRUE: RowCondition = { where: sql.raw('true'), exact: true, doubtful: [] }
const UNKNOWN: RowCondition = { where: sql.raw('true'), exact: false, doubtful: [] }

/** The lines that meet the condition; where that cannot be said in SQL, more. */
export function toRowCondition(
  condition: LineCondition,
  streams: readonly StoredStream[],
  metadata: MetadataTexts,
): RowCondition {
  switch (condition.t) {
    case 'all':
      return join(
        condition.of.map((one) => toRowCondition(one, streams, metadata)),
        sql.and,
      )
    case 'any': {
      const all = condition.of.map((one) => toRowCondition(one, streams, metadata))
      return condition.of.length === 0 ? exactly(sql.raw('false')) : join(all, sql.or)
    }
    case 'line-contains':
      return exactly(contains(condition.text))
    case 'line-lacks':
      return exactly(sql`position(body, ${str(condition.text)}) = 0`)
    case 'line-matches':
      return exactly(matches(condition.expression))
    case 'line-fails':
      return exactly(sql`NOT match(body, ${str(toExpression(condition.expression))})`)
    case 'label':
      return label({ name: condition.name, operator: condition.operator, value: condition.value }, streams, metadata)
  }
}

/** The same where fields of the line are among the metadata. */
export function toFieldCondition(
  condition: FieldCondition,
  streams: readonly StoredStream[],
  texts: MetadataTexts,
): RowCondition {
  return condition.t === 'number' ? number(condition, streams, texts) : toRowCondition(condition, streams, texts)
}

/** Numbers that ClickHouse reads as LogQL does. */
const PLAIN_NUMBER = '^-?[0-9]{1,15}(?:\\.[0-9]{1,9})?$'
const COMPARE = { '==': '=', '!=': '!=', '>': '>', '>=': '>=', '<': '<', '<=': '<=' } as const

function number(
  { name, operator, value }: NumberCondition,
  streams: readonly StoredStream[],
  texts: MetadataTexts,
): RowCondition {
  const found = texts(name)
  if (found === undefined || streams.some(({ labels }) => Object.hasOwn(labels, name))) return UNKNOWN
  const { text } = found
  const doubtful = [...found.doubtful, sql`(${text} != '' AND NOT match(${text}, ${str(PLAIN_NUMBER)}))`]
  const compares = sql`(${text} != '' AND toFloat64OrZero(${text}) ${sql.raw(COMPARE[operator])} ${f64(value)})`
  return { where: sql.or([compares, ...doubtful]), exact: true, doubtful }
}

function join(all: readonly RowCondition[], how: (conditions: readonly Sql[]) => Sql): RowCondition {
  if (all.length === 0) return TRUE
  return {
    where: sql`(${how(all.map(({ where }) => where))})`,
    exact: all.every(({ exact }) => exact),
    doubtful: all.flatMap(({ doubtful }) => doubtful),
  }
}

function exactly(where: Sql): RowCondition {
  return { where, exact: true, doubtful: [] }
}

function contains(text: string): Sql {
  if (text === '') return sql.raw('true')
  const here = sql`position(body, ${str(text)}) > 0`
  const piece = hasPiece(text)
  return piece === undefined ? here : sql`(${here} AND ${piece})`
}

function matches(expression: string): Sql {
  const here = sql`match(body, ${str(toExpression(expression))})`
  const required = requiredTexts(expression)
  if (required === undefined) return here
  const pieces = required.map((texts) => sql.and(texts.flatMap((text) => hasPiece(text) ?? [])))
  return sql`(${here} AND (${sql.or(pieces)}))`
}

/** In ClickHouse a dot matches a line break, in Loki's line filters it does not. */
function toExpression(expression: string): string {
  return `(?-s)${expression}`
}

function label(matcher: Matcher, streams: readonly StoredStream[], metadata: MetadataTexts): RowCondition {
  const test = compileMatchers([matcher])
  const having = streams.filter(({ labels }) => Object.hasOwn(labels, matcher.name))
  const passing = having.filter(({ labels }) => test(labels))
  const inStreams =
    passing.length === having.length && having.length === streams.length
      ? sql.raw('true')
      : sql`stream IN ${u64Array(passing.map(({ id }) => id))}`
  if (having.length === streams.length) return exactly(inStreams)
  const found = metadata(matcher.name)
  if (found === undefined) return UNKNOWN
  const { text, doubtful } = found
  const inMetadata = sql`(${sql.or([matchesAll([matcher], () => text), ...doubtful])})`
  if (having.length === 0) return { where: inMetadata, exact: true, doubtful }
  const lacking = sql`stream NOT IN ${u64Array(having.map(({ id }) => id))}`
  return { where: sql`(${inStreams} OR (${lacking} AND ${inMetadata}))`, exact: true, doubtful }
}
