import type { Scope } from '../../../model/index.ts'
import type { SpanCount, SpanCountRequest, TraceqlField, TraceqlValue } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { i64, sql, type Sql, timeNs, u64 } from '../../sql.ts'
import { fromTaggedText, TAG } from '../../tagged-text.ts'
import { overLimit } from '../limits.ts'
import type { Block } from '../native-decoder.ts'
import { numberOf, queryBlocks, type Reader, textOf } from '../rows.ts'
import { inScope } from '../scope.ts'
import { contains, doesMeet, lookUp, MAPS, mayMeet, needsReading } from './need-sql.ts'
import { hasTag } from './value-sql.ts'

const MAX_ROWS = 1_000_000

/**
 * Counts spans where they lie. Undefined when a field is none of the plain ones, or when a span turns up whose attributes
 * hold more than plain values: those TraceQL must read itself.
 */
export async function countSpans(
  client: StoreClient,
  scope: Scope,
  request: SpanCountRequest,
  signal: AbortSignal,
): Promise<readonly SpanCount[] | undefined> {
  const { need, startNs, endNs, stepNs, by, measure, buckets } = request
  const groups = by.map(groupOf)
  const number =
    measure === undefined
      ? { value: sql.raw('0'), isInt: sql.raw('false'), isNumber: sql.raw('false') }
      : measureOf(measure)
  if (number === undefined || groups.some((group) => group === undefined)) return undefined
  const known = groups.flatMap((group) => group ?? [])
  const unclear = needsReading(need, [...by, ...(measure === undefined ? [] : [measure])])
  // The next power of two that is not smaller; of 0 and 1 there is none.
  const bucket = buckets
    ? sql`if(${number.isInt} AND ${number.value} >= 2, toString(roundToExp2(toUInt64(${number.value}) - 1) * 2), '')`
    : sql.raw(`''`)
  const values = sql`toFloat64(${number.value})`
  const blocks = await queryBlocks(
    client,
    sql`SELECT toUInt32(intDiv(toUnixTimestamp64Nano(time) - ${i64(startNs)} - 1, ${i64(stepNs)})) AS interval,
        ${sql.join([...known.map((group, i) => sql`${group.value} AS ${sql.raw(`g${String(i)}`)}`), sql`${bucket} AS bucket`], ', ')},
        toUInt8(${unclear}) AS unclear,
        toFloat64(count()) AS spans, toFloat64(countIf(${number.isNumber})) AS numbers,
        sumIf(${values}, ${number.isNumber}) AS total,
        minIf(${values}, ${number.isNumber}) AS least, maxIf(${values}, ${number.isNumber}) AS most
      FROM spans
      WHERE ${inScope(scope)} AND time > ${timeNs(startNs)} AND time <= ${timeNs(endNs)}
        AND ${mayMeet(need)} AND if(${unclear}, true, ${doesMeet(need)})
      GROUP BY interval, ${sql.raw(known.map((_, i) => `g${String(i)}, `).join(''))}bucket, unclear
      LIMIT ${u64(MAX_ROWS + 1)}`,
    signal,
  )
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
  if (rows > MAX_ROWS) throw overLimit('series and intervals', MAX_ROWS)
  const counts: SpanCount[] = []
  for (const block of blocks) {
    if (!readCounts(block, known, buckets, counts)) return undefined
  }
  return counts
}

/** False when the block has spans that must be read. */
function readCounts(block: Block, groups: readonly Group[], buckets: boolean, into: SpanCount[]): boolean {
  if (block.rows === 0) return true
  const interval = numberOf(block, 'interval')
  const unclear = numberOf(block, 'unclear')
  const bucket = textOf(block, 'bucket')
  const spans = numberOf(block, 'spans')
  const numbers = numberOf(block, 'numbers')
  const total = numberOf(block, 'total')
  const least = numberOf(block, 'least')
  const most = numberOf(block, 'most')
  const by = groups.map((group, i) => group.read(textOf(block, `g${String(i)}`)))
  for (let row = 0; row < block.rows; row++) {
    if (unclear(row) !== 0) return false
    const bound = bucket(row)
    if (buckets && bound === '') continue
    into.push({
      interval: interval(row),
      by: by.map((read) => read(row)),
      count: spans(row),
      ...(bound === '' ? {} : { bucket: BigInt(bound) }),
      numbers: numbers(row),
      sum: total(row),
      min: numbers(row) === 0 ? NaN : least(row),
      max: numbers(row) === 0 ? NaN : most(row),
    })
  }
  return true
}

interface Group {
  /** A text. */
  readonly value: Sql
  read(texts: Reader<string>): Reader<TraceqlValue>
}

const NIL: TraceqlValue = { type: 'nil' }
/** Stands for an attribute that is not there; no tagged text is like it. */
const ABSENT = String.fromCharCode(TAG.escape)

function groupOf(field: TraceqlField): Group | undefined {
  if (field.kind === 'attribute') {
    const value = attributeValue(field)
    return value === undefined ? undefined : { value, read: readTagged }
  }
  switch (field.name) {
    case 'name':
      return { value: sql.raw('toString(name)'), read: readTexts }
    case 'statusMessage':
      return { value: sql.raw('status_message'), read: readTexts }
    case 'instrumentation:name':
      return { value: sql.raw('toString(scope_name)'), read: readTexts }
    case 'instrumentation:version':
      return { value: sql.raw('toString(scope_version)'), read: readTexts }
    case 'status':
      return {
        value: sql.raw('toString(status_code)'),
        read: (texts) => (row) => ({ type: 'status', value: Number(texts(row)) }),
      }
    case 'kind':
      return {
        value: sql.raw('toString(kind)'),
        read: (texts) => (row) => ({ type: 'kind', value: Number(texts(row)) }),
      }
    default:
      return undefined
  }
}

function readTexts(texts: Reader<string>): Reader<TraceqlValue> {
  return (row) => ({ type: 'string', value: texts(row) })
}

function readTagged(texts: Reader<string>): Reader<TraceqlValue> {
  return (row) => {
    const text = texts(row)
    if (text === ABSENT) return NIL
    const value = fromTaggedText(text)
    switch (value.type) {
      case 'string':
      case 'int':
      case 'bool':
        return value
      case 'double':
        return { type: 'float', value: value.value }
      case 'json':
      case 'bytes':
        return NIL
    }
  }
}

/** The attribute's tagged text, `ABSENT` if it is not there. */
function attributeValue({ scope, name }: TraceqlField & { readonly kind: 'attribute' }): Sql | undefined {
  const absent = sql.raw(`char(${String(TAG.escape)})`)
  const of = (map: Sql, otherwise: Sql): Sql => sql`if(${contains(map, name)}, ${lookUp(map, name)}, ${otherwise})`
  switch (scope) {
    case 'any':
      return of(MAPS.span.column, of(MAPS.resource.column, absent))
    case 'span':
    case 'resource':
    case 'instrumentation':
      return of(MAPS[scope].column, absent)
    case 'event':
    case 'link':
      return undefined
  }
}

interface Measure {
  readonly value: Sql
  readonly isInt: Sql
  readonly isNumber: Sql
}

function measureOf(field: TraceqlField): Measure | undefined {
  if (field.kind === 'intrinsic') {
    const isTrue = sql.raw('true')
    return field.name === 'duration' ? { value: sql.raw('duration'), isInt: isTrue, isNumber: isTrue } : undefined
  }
  const v = attributeValue(field)
  if (v === undefined) return undefined
  const isInt = hasTag(v, TAG.int)
  const isNumber = sql`(${isInt} OR (${hasTag(v, TAG.double)} AND NOT isNaN(toFloat64OrZero(substring(${v}, 2)))))`
  const value = sql`if(${isInt}, toFloat64(toInt64OrZero(substring(${v}, 2))), toFloat64OrZero(substring(${v}, 2)))`
  return { value, isInt, isNumber }
}
