import type { Scope } from '../../../model/index.ts'
import type { AttributeValue, TagRequest, TagScope, TraceqlField } from '../../../query/index.ts'
import type { StoreClient, StoreSettings } from '../../client.ts'
import { sql, type Sql, timeMs, u64 } from '../../sql.ts'
import { fromTaggedText } from '../../tagged-text.ts'
import { queryBlocks, textOf } from '../rows.ts'
import { inScope } from '../scope.ts'
import { contains, lookUp, MAPS, mayMeet } from './need-sql.ts'

/** Lists are for pickers: they show what they have found when their time is up. */
const SETTINGS: StoreSettings = { max_execution_time: 5, timeout_overflow_mode: 'break' }

/** Names of attributes of the scope, sorted. */
export async function readTagNames(
  client: StoreClient,
  scope: Scope,
  tagScope: TagScope,
  request: TagRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { column, isMany } = MAPS[tagScope]
  const keys = isMany
    ? sql`arrayJoin(arrayFlatten(arrayMap(m -> mapKeys(m), ${column})))`
    : sql`arrayJoin(${column}.keys)`
  return await distinct(client, keys, where(scope, request), request.limit, signal)
}

/** Values of the field, sorted; none for fields whose values nobody would list. */
export async function readTagValues(
  client: StoreClient,
  scope: Scope,
  request: TagRequest & { readonly field: TraceqlField },
  signal: AbortSignal,
): Promise<readonly AttributeValue[]> {
  const found = new Set<string>()
  for (const { value, isPresent } of placesOf(request.field)) {
    const values = await distinct(client, value, sql`${where(scope, request)} AND ${isPresent}`, request.limit, signal)
    for (const one of values) found.add(one)
  }
  return [...found]
    .sort()
    .slice(0, request.limit)
    .map(request.field.kind === 'attribute' ? fromTaggedText : toText)
}

function toText(value: string): AttributeValue {
  return { type: 'string', value }
}

function where(scope: Scope, { startMs, endMs, need }: TagRequest): Sql {
  return sql`${inScope(scope)} AND time >= ${timeMs(startMs)} AND time <= ${timeMs(endMs)} AND ${mayMeet(need)}`
}

interface Place {
  readonly value: Sql
  readonly isPresent: Sql
}

const IS_SET = sql.raw(`found != ''`)

function placesOf(field: TraceqlField): readonly Place[] {
  if (field.kind === 'attribute') {
    if (field.parent) return []
    const scopes =
      field.scope === 'any' ? (['span', 'resource', 'event', 'link', 'instrumentation'] as const) : [field.scope]
    return scopes.map((scope) => placeIn(scope, field.name))
  }
  const column = INTRINSIC_COLUMNS[field.name]
  return column === undefined ? [] : [{ value: sql.raw(column), isPresent: IS_SET }]
}

function placeIn(scope: TagScope, name: string): Place {
  const { column, isMany } = MAPS[scope]
  if (!isMany) return { value: lookUp(column, name), isPresent: contains(column, name) }
  const m = sql.raw('m')
  const value = sql`arrayJoin(arrayMap(m -> ${lookUp(m, name)}, arrayFilter(m -> ${contains(m, name)}, ${column})))`
  return { value, isPresent: sql.raw('true') }
}

const INTRINSIC_COLUMNS: Readonly<Record<string, string | undefined>> = {
  name: 'toString(name)',
  statusMessage: 'status_message',
  rootName: `if(parent_span_id = toFixedString('', 8), toString(name), '')`,
  rootServiceName: `if(parent_span_id = toFixedString('', 8), toString(service_name), '')`,
  'event:name': 'arrayJoin(arrayMap(x -> toString(x), event_names))',
  'instrumentation:name': 'toString(scope_name)',
  'instrumentation:version': 'toString(scope_version)',
}

async function distinct(
  client: StoreClient,
  what: Sql,
  where: Sql,
  limit: number,
  signal: AbortSignal,
): Promise<string[]> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT DISTINCT ${what} AS found FROM spans WHERE ${where} ORDER BY found LIMIT ${u64(limit)}`,
    signal,
    SETTINGS,
  )
  return blocks.flatMap((block) => Array.from({ length: block.rows }, (_, row) => textOf(block, 'found')(row)))
}
