import type { Scope } from '../../../model/index.ts'
import type { CandidatesRequest, SpanNeed, TraceNeed } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { queryJson } from '../../query-json.ts'
import { sql, type Sql, timeNs, u64 } from '../../sql.ts'
import { inScope, inTenants } from '../scope.ts'
import { type TimeSlice, timeSlices } from '../time-slices.ts'
import { mayMeet } from './need-sql.ts'

/** Ids of one answer; a trace's id is 16 bytes. */
const PAGE = 5_000

/**
 * Ids of traces that may be what is wanted, the newest first. Time is looked through from its end, in slices that grow: who
 * finds enough in the last minutes has not paid for the days. A need of several spans is asked for from each slice's
 * start to the end of the range, because they may lie on both sides of a border.
 */
export async function* findCandidates(
  client: StoreClient,
  scope: Scope,
  request: CandidatesRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const range = { startNs: BigInt(request.startMs) * MS, endNs: BigInt(request.endMs) * MS + 1n }
  const isOfOneSpan = request.need.kind === 'all' || request.need.kind === 'has'
  const seen = new Set<string>()
  for (const slice of timeSlices(range, 'backward')) {
    const within = isOfOneSpan ? slice : { startNs: slice.startNs, endNs: range.endNs }
    for (let offset = 0; ; offset += PAGE) {
      const rows = await queryJson<{ id: string }>(client, statement(scope, request, within, offset), signal)
      const fresh = rows.map(({ id }) => id).filter((id) => !seen.has(id))
      for (const id of fresh) seen.add(id)
      if (fresh.length > 0) yield fresh
      if (rows.length < PAGE) break
    }
  }
}

const MS = 1_000_000n

function statement(scope: Scope, request: CandidatesRequest, slice: TimeSlice, offset: number): Sql {
  const { need, minDurationNs } = request
  const spans = spansOf(need)
  const where = spans === undefined ? sql.raw('true') : sql.or(spans.map(mayMeet))
  return sql`SELECT lower(hex(trace_id)) AS id FROM spans
    WHERE ${inScope(scope)} AND time >= ${timeNs(slice.startNs)} AND time < ${timeNs(slice.endNs)} AND ${where}
      AND ${lastsAtLeast(scope, minDurationNs)}
    GROUP BY trace_id HAVING ${having(need)}
    ORDER BY max(time) DESC, trace_id LIMIT ${u64(PAGE)} OFFSET ${u64(offset)}`
}

/** The needs of spans of which one at least must be met; undefined when there may be a trace that meets none. */
function spansOf(need: TraceNeed): readonly SpanNeed[] | undefined {
  switch (need.kind) {
    case 'all':
      return undefined
    case 'has':
      return [need.span]
    case 'and':
      return need.of.flatMap((one) => spansOf(one) ?? [])
    case 'child':
      return [need.parent, need.child]
    case 'siblings':
      return [need.one, need.other]
    case 'or': {
      const all = need.of.map(spansOf)
      return all.some((spans) => spans === undefined) ? undefined : all.flatMap((spans) => spans ?? [])
    }
  }
}

function having(need: TraceNeed): Sql {
  switch (need.kind) {
    case 'all':
    case 'has':
      return sql.raw('true')
    case 'and':
      return sql.and(need.of.map(inGroup))
    case 'or':
      return sql.or(need.of.map(inGroup))
    case 'child':
      return sql`hasAny(${idsOf('span_id', need.parent)}, ${idsOf('parent_span_id', need.child)})`
    case 'siblings':
      return sql`hasAny(${idsOf('parent_span_id', need.one)}, ${idsOf('parent_span_id', need.other)})`
  }
}

function idsOf(column: 'span_id' | 'parent_span_id', need: SpanNeed): Sql {
  return sql`groupArrayIf(${sql.raw(column)}, ${mayMeet(need)})`
}

function inGroup(need: TraceNeed): Sql {
  return need.kind === 'has' ? sql`max(${mayMeet(need.span)}) = 1` : sql`(${having(need)})`
}

/** A trace lasts at least as long as what of it is in scope. */
function lastsAtLeast(scope: Scope, minDurationNs: bigint | undefined): Sql {
  if (minDurationNs === undefined) return sql.raw('true')
  return sql`trace_id IN (
    SELECT trace_id FROM traces WHERE ${inTenants(scope)} GROUP BY trace_id
    HAVING toUnixTimestamp64Nano(max(end)) - toUnixTimestamp64Nano(min(start)) >= ${u64(minDurationNs)}
  )`
}
