import type { SpanNeed, TraceqlValue } from '../../../query/index.ts'
import { f64, i64, sql, type Sql, str, strArray } from '../../sql.ts'
import { FIRST_UNTAGGED, TAG, toTaggedText } from '../../tagged-text.ts'

export type Comparison = (SpanNeed & { readonly kind: 'compare' })['operator']

export const NEVER = sql.raw('false')

const MAX_SAFE = 2n ** 53n
/** Texts from here on have no tag. */
const FIRST_TEXT = `char(${String(FIRST_UNTAGGED)})`

/**
 * Whether a tagged text compares to the value so. `v` is an expression that is '' where the attribute is not there;
 * `isPresent` tells the difference where it matters. Arrays are not looked into.
 */
export function compareTagged(v: Sql, isPresent: Sql, operator: Comparison, value: TraceqlValue): Sql {
  switch (value.type) {
    case 'string':
      return compareTaggedText(v, isPresent, operator, value.value)
    case 'int':
    case 'duration':
    case 'float':
      return compareTaggedNumber(v, operator, value)
    case 'bool': {
      if (operator !== '=' && operator !== '!=') return NEVER
      const text = toTaggedText({ type: 'bool', value: value.value === (operator === '=') })
      return sql`${v} = ${str(text)}`
    }
    case 'nil':
    case 'status':
    case 'kind':
    case 'array':
      return NEVER
  }
}

function compareTaggedText(v: Sql, isPresent: Sql, operator: Comparison, value: string): Sql {
  const tagged = toTaggedText({ type: 'string', value })
  if (operator === '=') {
    const isEqual = sql`${v} = ${str(tagged)}`
    return value === '' ? sql`(${isPresent} AND ${isEqual})` : isEqual
  }
  const isText = sql`(${v} = '' OR ${v} >= ${sql.raw(FIRST_TEXT)} OR ${hasTag(v, TAG.escape)})`
  if (operator === '!=') return sql`(${isPresent} AND ${isText} AND ${v} != ${str(tagged)})`
  const text = sql`if(${hasTag(v, TAG.escape)}, substring(${v}, 2), ${v})`
  return sql`(${isPresent} AND ${isText} AND ${compareText(text, operator, value)})`
}

/** A plain text column or expression against a value. */
export function compareText(text: Sql, operator: Comparison, value: string): Sql {
  if (operator === '=~') return sql`match(${text}, ${str(anchored(value))})`
  if (operator === '!~') return sql`NOT match(${text}, ${str(anchored(value))})`
  return sql`${text} ${sql.raw(operator)} ${str(value)}`
}

function anchored(expression: string): string {
  return `^(?s:${expression})$`
}

type NumberValue = TraceqlValue & { readonly type: 'int' | 'duration' | 'float' }

function compareTaggedNumber(v: Sql, operator: Comparison, value: NumberValue): Sql {
  if (operator === '=~' || operator === '!~') return NEVER
  const texts = operator === '=' ? textsOf(value) : undefined
  if (texts !== undefined) return sql`${v} IN ${strArray(texts)}`
  const int = sql`toInt64OrZero(substring(${v}, 2))`
  const double = sql`toFloat64OrZero(substring(${v}, 2))`
  return sql`((${hasTag(v, TAG.int)} AND ${compareNumber(int, operator, value)})
    OR (${hasTag(v, TAG.double)} AND ${compareNumber(double, operator, value)}))`
}

/** All tagged texts that are equal to the value, if that is certain; so an index of values can be asked. */
export function equalTexts(value: TraceqlValue): readonly string[] | undefined {
  switch (value.type) {
    case 'string':
    case 'bool':
      return [toTaggedText(value)]
    case 'int':
    case 'duration':
    case 'float':
      return textsOf(value)
    case 'nil':
    case 'status':
    case 'kind':
    case 'array':
      return undefined
  }
}

function textsOf(value: NumberValue): string[] | undefined {
  if (value.type === 'float') {
    const double = toTaggedText({ type: 'double', value: value.value })
    if (Number.isNaN(value.value)) return []
    if (!Number.isInteger(value.value)) return [double]
    if (Math.abs(value.value) >= 1e15) return undefined
    return [double, toTaggedText({ type: 'int', value: BigInt(value.value) })]
  }
  if (value.value > MAX_SAFE || value.value < -MAX_SAFE) return undefined
  const int = toTaggedText({ type: 'int', value: value.value })
  return [int, toTaggedText({ type: 'double', value: Number(value.value) })]
}

/** A numeric column or expression against a value; other values never compare. */
export function compareNumber(number: Sql, operator: Comparison, value: TraceqlValue): Sql {
  if (operator === '=~' || operator === '!~') return NEVER
  switch (value.type) {
    case 'int':
    case 'duration':
      return sql`${number} ${sql.raw(operator)} ${i64(value.value)}`
    case 'float':
      return sql`${number} ${sql.raw(operator)} ${f64(value.value)}`
    case 'nil':
    case 'string':
    case 'bool':
    case 'status':
    case 'kind':
    case 'array':
      return NEVER
  }
}

export function hasTag(v: Sql, tag: number): Sql {
  return sql`startsWith(${v}, ${sql.raw(`char(${String(tag)})`)})`
}

/** Whether only TraceQL itself can tell what the value is: arrays, maps, bytes. */
export function isComplex(v: Sql): Sql {
  return sql`(${hasTag(v, TAG.json)} OR ${hasTag(v, TAG.bytes)})`
}

export function isArray(v: Sql): Sql {
  return hasTag(v, TAG.json)
}
