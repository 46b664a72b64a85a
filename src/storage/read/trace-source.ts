import { AppError } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import type { AttributeValue, Span, TraceSearchRequest, TraceSource, TraceSummary } from '../../query/index.ts'
import type { StoreClient, StoreSettings } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, str, timeMs, timeNs, u64 } from '../sql.ts'
import { fromTaggedText } from '../tagged-text.ts'
import { DEFAULT_QUERY_LIMITS, overLimit, type QueryLimits } from './limits.ts'
import { queryBlocks, textOf } from './rows.ts'
import { inScope, inTenants, isEmptyScope } from './scope.ts'
import { meetsAll } from './span-conditions.ts'
import { readSpans, SPAN_COLUMNS } from './span-rows.ts'
import { isOneOf } from './trace-ids.ts'

/** Traces in ClickHouse, as TraceQL reads them. */
export function createTraceSource(client: StoreClient, limits: QueryLimits = DEFAULT_QUERY_LIMITS): TraceSource {
  return new StoredTraces(client, limits)
}

const TRACE_ID = /^[0-9a-f]{1,32}$/
const HOUR_MS = 3_600_000
const MAX_TAGS = 1_000
/** Lists of tags are for pickers: they look at a day, and show what they have found when their time is up. */
const TAG_LOOKBACK_MS = 24 * HOUR_MS
const TAG_SETTINGS: StoreSettings = { max_execution_time: 10, timeout_overflow_mode: 'break' }

/** From the earliest start to the latest end of some traces. */
interface Extent {
  readonly startNs: bigint
  readonly endNs: bigint
}

class StoredTraces implements TraceSource {
  readonly #client: StoreClient
  readonly #limits: QueryLimits

  constructor(client: StoreClient, limits: QueryLimits) {
    this.#client = client
    this.#limits = limits
  }

  async trace(
    scope: Scope,
    traceId: string,
    range: { readonly startMs?: number; readonly endMs?: number },
    signal: AbortSignal,
  ): Promise<readonly Span[]> {
    const id = traceId.toLowerCase()
    if (!TRACE_ID.test(id)) throw new AppError('invalid', `'${traceId}' is no trace id`)
    if (isEmptyScope(scope)) return []
    const ids = [id.padStart(32, '0')]
    const extent = await this.#findExtent(scope, ids, signal)
    if (extent === undefined) return []
    const { startMs, endMs } = range
    const from = startMs === undefined ? sql.raw('true') : sql`time >= ${timeMs(startMs)}`
    const to = endMs === undefined ? sql.raw('true') : sql`time <= ${timeMs(endMs)}`
    const { maxSpans } = this.#limits
    const spans = await this.#findSpans(
      sql`${inScope(scope)} AND ${within(extent)} AND ${isOneOf(ids)} AND ${from} AND ${to}
        ORDER BY time, span_id LIMIT ${u64(maxSpans + 1)}`,
      signal,
    )
    if (spans.length > maxSpans) throw overLimit('spans', maxSpans)
    return spans
  }

  async search(scope: Scope, request: TraceSearchRequest, signal: AbortSignal): Promise<readonly TraceSummary[]> {
    const { limit, spansPerTrace } = request
    if (limit * Math.max(1, spansPerTrace) > this.#limits.maxSpans) throw overLimit('spans', this.#limits.maxSpans)
    if (isEmptyScope(scope) || limit <= 0) return []
    const found = await this.#findCandidates(scope, request, signal)
    const ids = found.map(({ id }) => id)
    const extent = ids.length === 0 ? undefined : await this.#findExtent(scope, ids, signal)
    if (extent === undefined) return []
    const [summaries, spans] = await Promise.all([
      this.#summarize(scope, ids, extent, signal),
      this.#findSpans(
        sql`${inScope(scope)} AND ${startedIn(request)} AND ${isOneOf(ids)} AND ${meetsAll(request.conditions)}
          ORDER BY time, span_id LIMIT ${u64(spansPerTrace)} BY trace_id`,
        signal,
      ),
    ])
    return found.flatMap(({ id, matched }) => {
      const summary = summaries.get(id)
      return summary === undefined
        ? []
        : [{ ...summary, matched, spans: spans.filter(({ traceId }) => traceId === id) }]
    })
  }

  async tagNames(scope: Scope, signal: AbortSignal): Promise<{ readonly resource: string[]; readonly span: string[] }> {
    if (isEmptyScope(scope)) return { resource: [], span: [] }
    const keys = (column: string): Promise<string[]> =>
      this.#distinct(sql`arrayJoin(${sql.raw(column)}.keys)`, lately(scope), signal)
    const [resource, span] = await Promise.all([keys('resource_attributes'), keys('attributes')])
    return { resource, span }
  }

  async tagValues(scope: Scope, tag: string, signal: AbortSignal): Promise<readonly AttributeValue[]> {
    if (isEmptyScope(scope)) return []
    if (tag === 'name') {
      const names = await this.#distinct(sql.raw('name'), lately(scope), signal)
      return names.map((value) => ({ type: 'string', value }))
    }
    const found = new Set<string>()
    for (const { column, name } of columnsOf(tag)) {
      const isPresent = sql`mapContains(${column}, ${str(name)})`
      const values = await this.#distinct(sql`${column}[${str(name)}]`, sql`${lately(scope)} AND ${isPresent}`, signal)
      for (const value of values) found.add(value)
    }
    return [...found].sort().map(fromTaggedText)
  }

  /** Traces with a span that meets all conditions, the newest first. */
  async #findCandidates(
    scope: Scope,
    request: TraceSearchRequest,
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly matched: number }[]> {
    return queryJson(
      this.#client,
      sql`SELECT lower(hex(trace_id)) AS id, toUInt32(count()) AS matched FROM spans
        WHERE ${inScope(scope)} AND ${startedIn(request)} AND ${lasts(scope, request)}
          AND ${meetsAll(request.conditions)}
        GROUP BY trace_id ORDER BY max(time) DESC, trace_id LIMIT ${u64(request.limit)}`,
      signal,
    )
  }

  /** Where in time the traces lie, so that their spans need not be looked for everywhere. */
  async #findExtent(scope: Scope, ids: readonly string[], signal: AbortSignal): Promise<Extent | undefined> {
    const [row] = await queryJson<{ n: number; start: string; end: string }>(
      this.#client,
      sql`SELECT toUInt32(count()) AS n, toString(toUnixTimestamp64Nano(min(start))) AS start,
          toString(toUnixTimestamp64Nano(max(end))) AS end
        FROM traces WHERE ${inTenants(scope)} AND ${isOneOf(ids)}`,
      signal,
    )
    return row === undefined || row.n === 0 ? undefined : { startNs: BigInt(row.start), endNs: BigInt(row.end) }
  }

  async #findSpans(where: Sql, signal: AbortSignal): Promise<readonly Span[]> {
    const blocks = await queryBlocks(this.#client, sql`SELECT ${SPAN_COLUMNS} FROM spans WHERE ${where}`, signal)
    return blocks.flatMap(readSpans)
  }

  /** Of each trace, as far as it is in scope. Without a root there are no names. */
  async #summarize(
    scope: Scope,
    ids: readonly string[],
    extent: Extent,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Omit<TraceSummary, 'matched' | 'spans'>>> {
    const rows = await queryJson<{ id: string; service: string; root: string; start: string; duration: string }>(
      this.#client,
      sql`SELECT lower(hex(trace_id)) AS id,
          argMinIf(service_name, time, ${IS_ROOT}) AS service,
          argMinIf(name, time, ${IS_ROOT}) AS root,
          toString(toUnixTimestamp64Nano(min(time))) AS start,
          toString(${DURATION}) AS duration
        FROM spans WHERE ${inScope(scope)} AND ${within(extent)} AND ${isOneOf(ids)} GROUP BY trace_id`,
      signal,
    )
    return new Map(
      rows.map((row) => [
        row.id,
        {
          traceId: row.id,
          rootServiceName: row.service,
          rootTraceName: row.root,
          startNs: BigInt(row.start),
          durationNs: BigInt(row.duration),
        },
      ]),
    )
  }

  async #distinct(what: Sql, where: Sql, signal: AbortSignal): Promise<string[]> {
    const blocks = await queryBlocks(
      this.#client,
      sql`SELECT DISTINCT ${what} AS found FROM spans WHERE ${where} ORDER BY found LIMIT ${u64(MAX_TAGS)}`,
      signal,
      TAG_SETTINGS,
    )
    return blocks.flatMap((block) => Array.from({ length: block.rows }, (_, row) => textOf(block, 'found')(row)))
  }
}

const IS_ROOT = sql.raw(`parent_span_id = toFixedString('', 8)`)

/** Of the spans of a group, from the first start to the last end, in nanoseconds. */
const DURATION = sql.raw('max(toUnixTimestamp64Nano(time) + duration) - min(toUnixTimestamp64Nano(time))')

function within({ startNs, endNs }: Extent): Sql {
  return sql`time >= ${timeNs(startNs)} AND time <= ${timeNs(endNs)}`
}

function startedIn({ startMs, endMs }: TraceSearchRequest): Sql {
  return sql`time >= ${timeMs(startMs)} AND time <= ${timeMs(endMs)}`
}

function lately(scope: Scope): Sql {
  return sql`${inScope(scope)} AND time >= now64(3) - toIntervalMillisecond(${u64(TAG_LOOKBACK_MS)})`
}

/** Spans of traces whose duration, as far as they are in scope, is within the request's bounds. */
function lasts(scope: Scope, { startMs, endMs, minDurationNs, maxDurationNs }: TraceSearchRequest): Sql {
  if (minDurationNs === undefined && maxDurationNs === undefined) return sql.raw('true')
  const least = sql`${DURATION} >= ${u64(minDurationNs ?? 0n)}`
  const most = maxDurationNs === undefined ? sql.raw('true') : sql`${DURATION} <= ${u64(maxDurationNs)}`
  return sql`trace_id IN (
    SELECT trace_id FROM spans
    WHERE ${inScope(scope)} AND time >= ${timeMs(startMs - HOUR_MS)} AND time <= ${timeMs(endMs + HOUR_MS)}
    GROUP BY trace_id HAVING ${least} AND ${most}
  )`
}

const SPAN_ATTRIBUTES = sql.raw('attributes')
const RESOURCE_ATTRIBUTES = sql.raw('resource_attributes')

function columnsOf(tag: string): readonly { readonly column: Sql; readonly name: string }[] {
  if (tag.startsWith('span.')) return [{ column: SPAN_ATTRIBUTES, name: tag.slice(5) }]
  if (tag.startsWith('resource.')) return [{ column: RESOURCE_ATTRIBUTES, name: tag.slice(9) }]
  const name = tag.startsWith('.') ? tag.slice(1) : tag
  return [SPAN_ATTRIBUTES, RESOURCE_ATTRIBUTES].map((column) => ({ column, name }))
}
