import type { SpanComparison, SpanConstant } from '../../../query/index.ts'
import { f64, i64, sql, type Sql, str, strArray } from '../../sql.ts'
import { FIRST_UNTAGGED, TAG, toTaggedText } from '../../tagged-text.ts'

/** What is asked of one value. That no value is equal is said by negation outside of it. */
export type ValueTest =
  | { readonly kind: 'exists' }
  | { readonly kind: 'compare'; readonly operator: Exclude<SpanComparison, '!='>; readonly constant: SpanConstant }
  | { readonly kind: 'matches'; readonly pattern: string }

const NEVER = sql.raw('false')
/** Texts from here on have no tag. */
const FIRST_TEXT = sql.raw(`char(${String(FIRST_UNTAGGED)})`)

/** Of an attribute in a map of tagged texts. */
export function testAttribute(map: Sql, key: string, test: ValueTest): Sql {
  const isPresent = sql`mapContains(${map}, ${str(key)})`
  const value = sql`${map}[${str(key)}]`
  switch (test.kind) {
    case 'exists':
      return isPresent
    case 'matches':
      return sql`${isPresent} AND match(${plain(value)}, ${str(test.pattern)})`
    case 'compare': {
      const { operator, constant } = test
      const passes = operator === '=' ? isWrittenAs(value, constant) : inOrder(value, operator, constant)
      // A missing attribute reads as '', which only the empty text is equal to.
      return operator === '=' && constant.value !== '' ? passes : sql`${isPresent} AND ${passes}`
    }
  }
}

/** Of a field that is a text; `some` says when it is set. */
export function testText(text: Sql, some: Sql, test: ValueTest): Sql {
  switch (test.kind) {
    case 'exists':
      return some
    case 'matches':
      return sql`${some} AND match(${text}, ${str(test.pattern)})`
    case 'compare': {
      const { operator, constant } = test
      if (constant.type !== 'any' && constant.type !== 'string') return NEVER
      return sql`${some} AND ${text} ${sql.raw(operator)} ${str(constant.value)}`
    }
  }
}

/** Of a field in nanoseconds; every span, event and link has it. */
export function testTime(ns: Sql, test: ValueTest): Sql {
  if (test.kind === 'exists') return sql.raw('true')
  if (test.kind === 'matches' || test.constant.type !== 'ns') return NEVER
  return sql`${ns} ${sql.raw(test.operator)} ${i64(test.constant.value)}`
}

function isWrittenAs(value: Sql, constant: SpanConstant): Sql {
  switch (constant.type) {
    case 'any':
      return sql`${value} IN ${strArray(writings(constant.value))}`
    case 'string':
      return sql`${value} = ${str(toTaggedText({ type: 'string', value: constant.value }))}`
    case 'int':
    case 'bool':
      return sql`${value} = ${str(toTaggedText(constant))}`
    case 'double':
      return sql`${hasTag(value, TAG.double)} AND ifNull(${number(value)} = ${f64(constant.value)}, false)`
    case 'ns':
      return NEVER
  }
}

/** All tagged texts whose plain text this is. */
function writings(text: string): string[] {
  const tagged = Object.values(TAG)
    .filter((tag) => tag !== TAG.escape)
    .map((tag) => String.fromCharCode(tag) + text)
  return [toTaggedText({ type: 'string', value: text }), ...tagged]
}

function inOrder(value: Sql, operator: Exclude<SpanComparison, '=' | '!='>, constant: SpanConstant): Sql {
  switch (constant.type) {
    case 'any': {
      const asNumber = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(constant.value)
      return asNumber
        ? numberInOrder(value, operator, Number(constant.value), [TAG.int, TAG.double])
        : textInOrder(value, operator, constant.value)
    }
    case 'string':
      return textInOrder(value, operator, constant.value)
    case 'int':
      return numberInOrder(value, operator, Number(constant.value), [TAG.int])
    case 'double':
      return numberInOrder(value, operator, constant.value, [TAG.double])
    case 'bool':
    case 'ns':
      return NEVER
  }
}

function numberInOrder(value: Sql, operator: string, constant: number, tags: readonly number[]): Sql {
  const isNumber = sql.or(tags.map((tag) => hasTag(value, tag)))
  return sql`(${isNumber}) AND ifNull(${number(value)} ${sql.raw(operator)} ${f64(constant)}, false)`
}

function textInOrder(value: Sql, operator: string, constant: string): Sql {
  const isText = sql`(${value} = '' OR ${value} >= ${FIRST_TEXT} OR ${hasTag(value, TAG.escape)})`
  return sql`${isText} AND ${plain(value)} ${sql.raw(operator)} ${str(constant)}`
}

function hasTag(value: Sql, tag: number): Sql {
  return sql`startsWith(${value}, ${sql.raw(`char(${String(tag)})`)})`
}

function number(value: Sql): Sql {
  return sql`toFloat64OrNull(substring(${value}, 2))`
}

function plain(value: Sql): Sql {
  return sql`if(${value} != '' AND ${value} < ${FIRST_TEXT}, substring(${value}, 2), ${value})`
}
