import type { AttributeValue, SpanCondition } from '../../query/index.ts'
import { f64, i64, sql, type Sql, str } from '../sql.ts'
import { FIRST_UNTAGGED, TAG, toTaggedText } from '../tagged-text.ts'

/** Spans that meet all conditions, over table `spans`. */
export function meetsAll(conditions: readonly SpanCondition[]): Sql {
  return sql.and(conditions.map(meets))
}

function meets({ field, operator, value }: SpanCondition): Sql {
  switch (field.kind) {
    case 'name':
      return value.type === 'string' ? compareText(sql.raw('name'), operator, value.value) : NEVER
    case 'duration':
      return compareNumber(sql.raw('duration'), operator, value)
    case 'status':
      return compareNumber(sql.raw('status_code'), operator, value)
    case 'kind':
      return compareNumber(sql.raw('kind'), operator, value)
    case 'attribute':
      return sql`${isService(field, operator, value)} AND ${compareAttribute(field, operator, value)}`
  }
}

type Operator = SpanCondition['operator']
type AttributeField = Extract<SpanCondition['field'], { readonly kind: 'attribute' }>

const NEVER = sql.raw('false')
const ALWAYS = sql.raw('true')
/** Texts from here on have no tag. */
const FIRST_TEXT = sql.raw(`char(${String(FIRST_UNTAGGED)})`)

/** Values of different types are never equal, unequal or in an order; a missing attribute meets no condition. */
function compareAttribute(field: AttributeField, operator: Operator, value: AttributeValue): Sql {
  const attribute = lookUp(field)
  const isTagged = (tag: number): Sql => sql`startsWith(${attribute}, ${sql.raw(`char(${String(tag)})`)})`
  switch (value.type) {
    case 'string': {
      const isText = sql`(${attribute} = '' OR ${attribute} >= ${FIRST_TEXT} OR ${isTagged(TAG.escape)})`
      const text = sql`if(${isTagged(TAG.escape)}, substring(${attribute}, 2), ${attribute})`
      return sql`${isPresent(field)} AND ${isText} AND ${compareText(text, operator, value.value)}`
    }
    case 'int':
    case 'double': {
      const number = sql`toFloat64OrNull(substring(${attribute}, 2))`
      const isNumber = sql`(${isTagged(TAG.int)} OR ${isTagged(TAG.double)})`
      return sql`${isNumber} AND ifNull(${compareNumber(number, operator, value)}, false)`
    }
    case 'bool':
      return sql`${isTagged(TAG.bool)} AND ${compareText(attribute, operator, toTaggedText(value))}`
    case 'json':
      return sql`${isTagged(TAG.json)} AND ${compareText(attribute, operator, toTaggedText(value))}`
    case 'bytes':
      return sql`${isTagged(TAG.bytes)} AND ${compareText(attribute, operator, toTaggedText(value))}`
  }
}

/** The attribute's tagged text. Without a scope the span's own comes before the resource's. */
function lookUp({ scope, name }: AttributeField): Sql {
  switch (scope) {
    case 'span':
      return sql`attributes[${str(name)}]`
    case 'resource':
      return sql`resource_attributes[${str(name)}]`
    case 'any':
      return sql`if(mapContains(attributes, ${str(name)}), attributes[${str(name)}], resource_attributes[${str(name)}])`
  }
}

function isPresent({ scope, name }: AttributeField): Sql {
  const inSpan = sql`mapContains(attributes, ${str(name)})`
  const inResource = sql`mapContains(resource_attributes, ${str(name)})`
  switch (scope) {
    case 'span':
      return inSpan
    case 'resource':
      return inResource
    case 'any':
      return sql`(${inSpan} OR ${inResource})`
  }
}

/** The service's name has a column in the sorting key: asking for it spares most of the table. */
function isService({ scope, name }: AttributeField, operator: Operator, value: AttributeValue): Sql {
  const known = scope === 'resource' && name === 'service.name' && operator === '=' && value.type === 'string'
  return known && value.value !== '' ? sql`service_name = ${str(value.value)}` : ALWAYS
}

function compareText(text: Sql, operator: Operator, value: string): Sql {
  switch (operator) {
    case '=~':
      return sql`match(${text}, ${str(`^(?-s:${value})$`)})`
    case '!~':
      return sql`NOT match(${text}, ${str(`^(?-s:${value})$`)})`
    case '=':
    case '!=':
    case '>':
    case '>=':
    case '<':
    case '<=':
      return sql`${text} ${sql.raw(operator)} ${str(value)}`
  }
}

function compareNumber(number: Sql, operator: Operator, value: AttributeValue): Sql {
  if (operator === '=~' || operator === '!~') return NEVER
  if (value.type === 'int') return sql`${number} ${sql.raw(operator)} ${i64(value.value)}`
  if (value.type === 'double') return sql`${number} ${sql.raw(operator)} ${f64(value.value)}`
  return NEVER
}
