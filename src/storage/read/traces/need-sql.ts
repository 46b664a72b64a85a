import type { SpanNeed, TraceqlField, TraceqlValue } from '../../../query/index.ts'
import { sql, type Sql, str } from '../../sql.ts'
import { mayHave, mayHaveElsewhere } from './indexed-values.ts'
import {
  compareNumber,
  compareTagged,
  compareText,
  type Comparison,
  equalTexts,
  isArray,
  isComplex,
  NEVER,
} from './value-sql.ts'

type Compare = SpanNeed & { readonly kind: 'compare' }
type Attribute = TraceqlField & { readonly kind: 'attribute' }
type Intrinsic = TraceqlField & { readonly kind: 'intrinsic' }

const ALWAYS = sql.raw('true')
const IS_ROOT = sql.raw(`parent_span_id = toFixedString('', 8)`)

/** How the attributes of a scope stand in the table: one map a span, or one for each of several. */
export const MAPS = {
  span: { column: sql.raw('attributes'), isMany: false },
  resource: { column: sql.raw('resource_attributes'), isMany: false },
  instrumentation: { column: sql.raw('scope_attributes'), isMany: false },
  event: { column: sql.raw('event_attributes'), isMany: true },
  link: { column: sql.raw('link_attributes'), isMany: true },
} as const

const SCOPES = ['span', 'resource', 'event', 'link', 'instrumentation'] as const

/** All spans that meet the need, and perhaps some that do not: attributes that hold arrays are taken as they come. */
export function mayMeet(need: SpanNeed): Sql {
  return toSql(need, mayCompare)
}

/**
 * The spans that meet the need, of those for which `needsReading` is false.
 */
export function doesMeet(need: SpanNeed): Sql {
  return toSql(need, doesCompare)
}

/** Whether an attribute of the span that the need or the fields speak of is more than a plain value. */
export function needsReading(need: SpanNeed, fields: readonly TraceqlField[]): Sql {
  const attributes = [...attributesOf(need), ...fields.filter((field) => field.kind === 'attribute')]
  return sql.or(attributes.map(isUnclear))
}

function toSql(need: SpanNeed, compare: (need: Compare) => Sql): Sql {
  switch (need.kind) {
    case 'all':
      return ALWAYS
    case 'none':
      return NEVER
    case 'root':
      return IS_ROOT
    case 'and':
      return sql.and(need.of.map((one) => toSql(one, compare)))
    case 'or':
      return sql.or(need.of.map((one) => toSql(one, compare)))
    case 'exists':
      return exists(need.field)
    case 'compare':
      return compare(need)
  }
}

function mayCompare({ field, operator, value }: Compare): Sql {
  if (field.kind === 'intrinsic') return compareIntrinsic(field, operator, value)
  // The service's name has a column in the sorting key, and it is the attribute's text.
  if (isService(field, operator, value)) return isOfService(value.value)
  if (field.scope !== 'any') return mayCompareIn(field.scope, field.name, operator, value)
  return sql.or(SCOPES.map((scope) => mayCompareIn(scope, field.name, operator, value)))
}

function mayCompareIn(scope: keyof typeof MAPS, name: string, operator: Comparison, value: TraceqlValue): Sql {
  const { column, isMany } = MAPS[scope]
  if (isMany) {
    const test = compareIn(sql.raw('m'), name, operator, value)
    const isThere = sql`arrayExists(m -> (${test} OR ${isArray(lookUp(sql.raw('m'), name))}), ${column})`
    return sql`(${isThere} AND ${mayHaveElsewhere(name)})`
  }
  const test = whole(sql`${compareIn(column, name, operator, value)} OR ${isArray(lookUp(column, name))}`)
  return sql`(${test} AND ${isIndexed(scope, name, operator, value)})`
}

function isService(
  { scope, name }: Attribute,
  operator: Comparison,
  value: TraceqlValue,
): value is TraceqlValue & { readonly type: 'string' } {
  return (
    scope === 'resource' && name === 'service.name' && operator === '=' && value.type === 'string' && value.value !== ''
  )
}

function isOfService(name: string): Sql {
  return sql`service_name = ${str(name)}`
}

/**
 * A condition as one for ClickHouse's analysis of indexes: none helps with it, and of alternatives with more than 32
 * conditions together it combines no indexes at all.
 */
function whole(condition: Sql): Sql {
  return sql`identity(${condition})`
}

/**
 * What can be asked of an index without reading the map: the value, or at least that the attribute is there. It stands
 * behind the condition itself: of the rows that are left then, few have to be looked at once more.
 */
function isIndexed(scope: keyof typeof MAPS, name: string, operator: Comparison, value: TraceqlValue): Sql {
  const texts = operator === '=' ? equalTexts(value) : undefined
  if (texts !== undefined && scope === 'span') return mayHave('attributes', texts)
  if (texts !== undefined && scope === 'resource') return mayHave('resource_attributes', texts)
  return scope === 'instrumentation' ? mayHaveElsewhere(name) : contains(MAPS[scope].column, name)
}

function compareIn(map: Sql, name: string, operator: Comparison, value: TraceqlValue): Sql {
  return compareTagged(lookUp(map, name), contains(map, name), operator, value)
}

/** Without a scope it is the first place that has the attribute, of the span's own and the resource. */
function doesCompare({ field, operator, value }: Compare): Sql {
  if (field.kind === 'intrinsic') return compareIntrinsic(field, operator, value)
  if (isService(field, operator, value)) {
    return sql`(${isOfService(value.value)} AND ${doesCompareIn('resource', field.name, operator, value)})`
  }
  if (field.scope !== 'any') return doesCompareIn(field.scope, field.name, operator, value)
  const [own, resource] = (['span', 'resource'] as const).map((scope) =>
    doesCompareIn(scope, field.name, operator, value),
  )
  return sql`if(${contains(MAPS.span.column, field.name)}, ${own ?? NEVER}, ${resource ?? NEVER})`
}

function doesCompareIn(scope: keyof typeof MAPS, name: string, operator: Comparison, value: TraceqlValue): Sql {
  const { column, isMany } = MAPS[scope]
  if (isMany) return sql`arrayExists(m -> ${compareIn(sql.raw('m'), name, operator, value)}, ${column})`
  return compareIn(column, name, operator, value)
}

function exists(field: Attribute): Sql {
  const scopes = field.scope === 'any' ? SCOPES : [field.scope]
  return sql.or(
    scopes.map((scope) => {
      const { column, isMany } = MAPS[scope]
      if (scope === 'span' || scope === 'resource') return contains(column, field.name)
      const isThere = isMany
        ? sql`arrayExists(m -> ${contains(sql.raw('m'), field.name)}, ${column})`
        : contains(column, field.name)
      return sql`(${isThere} AND ${mayHaveElsewhere(field.name)})`
    }),
  )
}

/** Arrays and the like; and, without a scope, attributes that stand in places that are rarely looked at. */
function isUnclear({ scope, name }: Attribute): Sql {
  if (scope !== 'any') return isComplexIn(scope, name)
  const isElsewhere = (['event', 'link', 'instrumentation'] as const).map((other) =>
    exists({ kind: 'attribute', parent: false, scope: other, name }),
  )
  const isPlain = sql.or([contains(MAPS.span.column, name), contains(MAPS.resource.column, name)])
  return sql.or([
    isComplexIn('span', name),
    isComplexIn('resource', name),
    sql`NOT ${isPlain} AND ${sql.or(isElsewhere)}`,
  ])
}

function isComplexIn(scope: keyof typeof MAPS, name: string): Sql {
  const { column, isMany } = MAPS[scope]
  if (isMany) return sql`arrayExists(m -> ${isComplex(lookUp(sql.raw('m'), name))}, ${column})`
  return isComplex(lookUp(column, name))
}

function attributesOf(need: SpanNeed): Attribute[] {
  switch (need.kind) {
    case 'and':
    case 'or':
      return need.of.flatMap(attributesOf)
    case 'compare':
      return need.field.kind === 'attribute' ? [need.field] : []
    case 'exists':
      return [need.field]
    case 'all':
    case 'none':
    case 'root':
      return []
  }
}

/** '' where it is not there. */
export function lookUp(map: Sql, name: string): Sql {
  return sql`${map}[${str(name)}]`
}

export function contains(map: Sql, name: string): Sql {
  return sql`mapContains(${map}, ${str(name)})`
}

function compareIntrinsic({ name }: Intrinsic, operator: Comparison, value: TraceqlValue): Sql {
  switch (name) {
    case 'name':
      return ofText(sql.raw('name'), operator, value)
    case 'statusMessage':
      return ofText(sql.raw('status_message'), operator, value)
    case 'instrumentation:name':
      return ofText(sql.raw('scope_name'), operator, value)
    case 'instrumentation:version':
      return ofText(sql.raw('scope_version'), operator, value)
    case 'duration':
      return compareNumber(sql.raw('toInt64(duration)'), operator, value)
    case 'status':
      return ofWord(sql.raw('status_code'), 'status', operator, value)
    case 'kind':
      return ofWord(sql.raw('kind'), 'kind', operator, value)
    case 'trace:id':
      return ofTraceId(sql.raw('trace_id'), operator, value)
    case 'span:id':
      return ofText(idText('span_id'), operator, value)
    case 'span:parentID':
      return ofText(idText('parent_span_id'), operator, value)
    case 'event:name':
      return sql`arrayExists(x -> ${ofText(sql.raw('x'), operator, value)}, event_names)`
    case 'event:timeSinceStart':
      return sql`arrayExists(x -> ${compareNumber(SINCE_START, operator, value)}, event_times)`
    case 'link:traceID':
      return sql`arrayExists(x -> ${ofTraceId(sql.raw('x'), operator, value)}, link_trace_ids)`
    case 'link:spanID':
      return sql`arrayExists(x -> ${ofText(sql.raw('lower(hex(x))'), operator, value)}, link_span_ids)`
    case 'childCount':
    case 'parent':
    case 'rootName':
    case 'rootServiceName':
    case 'traceDuration':
    case 'nestedSetLeft':
    case 'nestedSetRight':
    case 'nestedSetParent':
      return ALWAYS
  }
}

const SINCE_START = sql.raw('(toUnixTimestamp64Nano(x) - toUnixTimestamp64Nano(time))')

/** An id that is not set is empty. */
function idText(column: string): Sql {
  return sql.raw(`if(${column} = toFixedString('', 8), '', lower(hex(${column})))`)
}

function ofText(text: Sql, operator: Comparison, value: TraceqlValue): Sql {
  return value.type === 'string' ? compareText(text, operator, value.value) : NEVER
}

function ofWord(column: Sql, type: 'status' | 'kind', operator: Comparison, value: TraceqlValue): Sql {
  if (value.type !== type || (operator !== '=' && operator !== '!=')) return NEVER
  return sql`${column} ${sql.raw(operator)} ${sql.raw(String(value.value))}`
}

const TRACE_ID = /^[0-9a-f]{1,32}$/

/** Ids are compared without leading zeros; one that is asked for as a whole is looked up by its bytes. */
function ofTraceId(column: Sql, operator: Comparison, value: TraceqlValue): Sql {
  if (value.type !== 'string') return NEVER
  const text = value.value.replace(/^0+/, '')
  if (operator === '=') {
    return TRACE_ID.test(text) ? sql`${column} = toFixedString(unhex(${str(text.padStart(32, '0'))}), 16)` : NEVER
  }
  return compareText(sql`replaceRegexpOne(lower(hex(${column})), '^0+', '')`, operator, text)
}
