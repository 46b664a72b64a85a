import type { Scope } from '../../../model/index.ts'
import type { Span, SpanParts, SpansRequest } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { sql, type Sql, timeNs, u64 } from '../../sql.ts'
import { queryBlocks } from '../rows.ts'
import { inScope } from '../scope.ts'
import { readSpans } from '../span-rows.ts'
import { mayMeet } from './need-sql.ts'

const PAGE = 20_000

/**
 * Spans that may meet the need, in pages in the order of their start; only the parts that are wanted are read. A span
 * that is stored twice is there twice, so a page ends behind all that have its last key.
 */
export async function* readSpanPages(
  client: StoreClient,
  scope: Scope,
  { need, startNs, endNs, parts, spread }: SpansRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly Span[]> {
  const where = sql`${inScope(scope)} AND time > ${timeNs(startNs)} AND time <= ${timeNs(endNs)} AND ${mayMeet(need)}`
  if (spread !== undefined) {
    const partNs = (endNs - startNs) / BigInt(spread.parts) + 1n
    const part = sql`intDiv(toUnixTimestamp64Nano(time) - ${sql.raw(String(startNs))}, ${sql.raw(String(partNs))})`
    const chosen = sql`SELECT trace_id, span_id, time FROM spans WHERE ${where}
      ORDER BY time LIMIT ${u64(spread.spansPerPart)} BY ${part}`
    yield await read(
      client,
      parts,
      sql`${where} AND (trace_id, span_id, time) IN (${chosen}) ORDER BY time, trace_id, span_id`,
      signal,
    )
    return
  }
  let after: Span | undefined
  for (;;) {
    const page = await read(
      client,
      parts,
      sql`${where} AND ${behind(after)} ORDER BY time, trace_id, span_id LIMIT ${u64(PAGE)} WITH TIES`,
      signal,
    )
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)
  }
}

function behind(span: Span | undefined): Sql {
  if (span === undefined) return sql.raw('true')
  const key = sql`(${timeNs(span.startNs)}, unhex(${hex(span.traceId, 32)}), unhex(${hex(span.spanId, 16)}))`
  return sql`time >= ${timeNs(span.startNs)} AND (time, trace_id, span_id) > ${key}`
}

function hex(id: string, digits: number): { type: string; value: string } {
  return { type: 'String', value: id.padStart(digits, '0') }
}

async function read(client: StoreClient, parts: SpanParts, where: Sql, signal: AbortSignal): Promise<readonly Span[]> {
  const blocks = await queryBlocks(client, sql`SELECT ${columnsOf(parts)} FROM spans WHERE ${where}`, signal)
  return blocks.flatMap(readSpans)
}

const NO_MAP = `CAST(map(), 'Map(String, String)')`
const NO_MAPS = `CAST([], 'Array(Map(String, String))')`

/** What is not wanted is there and empty. */
export function columnsOf({ attributes, resource, scope, events, links }: SpanParts): Sql {
  const map = (isWanted: boolean, column: string): string => (isWanted ? column : `${NO_MAP} AS ${column}`)
  const array = (isWanted: boolean, column: string, type: string): string =>
    isWanted ? column : `CAST([], '${type}') AS ${column}`
  return sql.raw(
    [
      'name, kind, trace_id, span_id, parent_span_id, trace_state, flags, time, duration, status_code, status_message',
      'scope_name, scope_version',
      map(scope, 'scope_attributes'),
      map(resource, 'resource_attributes'),
      map(attributes, 'attributes'),
      array(events, 'event_times', 'Array(DateTime64(9))'),
      array(events, 'event_names', 'Array(String)'),
      events ? 'event_attributes' : `${NO_MAPS} AS event_attributes`,
      array(links, 'link_trace_ids', 'Array(FixedString(16))'),
      array(links, 'link_span_ids', 'Array(FixedString(8))'),
      array(links, 'link_trace_states', 'Array(String)'),
      links ? 'link_attributes' : `${NO_MAPS} AS link_attributes`,
    ].join(', '),
  )
}
