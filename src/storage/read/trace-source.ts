import { AppError } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import type {
  AttributeValue,
  CandidatesRequest,
  Span,
  SpanCount,
  SpanCountRequest,
  SpanParts,
  SpansRequest,
  TagRequest,
  TagScope,
  TraceqlField,
  TraceSource,
} from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, timeMs, timeNs, u64 } from '../sql.ts'
import { DEFAULT_QUERY_LIMITS, overLimit, type QueryLimits } from './limits.ts'
import { queryBlocks } from './rows.ts'
import { inScope, inTenants, isEmptyScope } from './scope.ts'
import { readSpans, SPAN_COLUMNS } from './span-rows.ts'
import { isOneOf } from './trace-ids.ts'
import { findCandidates } from './traces/candidates.ts'
import { countSpans } from './traces/count-spans.ts'
import { columnsOf, readSpanPages } from './traces/span-pages.ts'
import { readTagNames, readTagValues } from './traces/tags.ts'

/** Traces in ClickHouse, as TraceQL reads them. */
export function createTraceSource(client: StoreClient, limits: QueryLimits = DEFAULT_QUERY_LIMITS): TraceSource {
  return new StoredTraces(client, limits)
}

const TRACE_ID = /^[0-9a-f]{1,32}$/
/** Of several traces together; one trace has its own limit. */
const SPANS_AT_ONCE = 1_000_000

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
    const { startMs, endMs } = range
    const from = startMs === undefined ? sql.raw('true') : sql`time >= ${timeMs(startMs)}`
    const to = endMs === undefined ? sql.raw('true') : sql`time <= ${timeMs(endMs)}`
    return await this.#read(
      scope,
      [id.padStart(32, '0')],
      SPAN_COLUMNS,
      sql`${from} AND ${to}`,
      this.#limits.maxSpans,
      signal,
    )
  }

  async *candidates(scope: Scope, request: CandidatesRequest, signal: AbortSignal): AsyncGenerator<readonly string[]> {
    if (!isEmptyScope(scope)) yield* findCandidates(this.#client, scope, request, signal)
  }

  async spansOf(
    scope: Scope,
    traceIds: readonly string[],
    parts: SpanParts,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly Span[]>> {
    const traces = new Map<string, Span[]>()
    for (const span of await this.#read(scope, traceIds, columnsOf(parts), sql.raw('true'), SPANS_AT_ONCE, signal)) {
      const spans = traces.get(span.traceId)
      if (spans === undefined) traces.set(span.traceId, [span])
      else spans.push(span)
    }
    return traces
  }

  async *spans(scope: Scope, request: SpansRequest, signal: AbortSignal): AsyncGenerator<readonly Span[]> {
    if (!isEmptyScope(scope)) yield* readSpanPages(this.#client, scope, request, signal)
  }

  async countSpans(
    scope: Scope,
    request: SpanCountRequest,
    signal: AbortSignal,
  ): Promise<readonly SpanCount[] | undefined> {
    return isEmptyScope(scope) ? [] : await countSpans(this.#client, scope, request, signal)
  }

  async tagNames(
    scope: Scope,
    request: TagRequest & { readonly scopes: readonly TagScope[] },
    signal: AbortSignal,
  ): Promise<Readonly<Record<TagScope, readonly string[]>>> {
    const read = async (tagScope: TagScope): Promise<readonly string[]> => {
      if (isEmptyScope(scope) || !request.scopes.includes(tagScope)) return []
      return await readTagNames(this.#client, scope, tagScope, request, signal)
    }
    return {
      span: await read('span'),
      resource: await read('resource'),
      event: await read('event'),
      link: await read('link'),
      instrumentation: await read('instrumentation'),
    }
  }

  async tagValues(
    scope: Scope,
    request: TagRequest & { readonly field: TraceqlField },
    signal: AbortSignal,
  ): Promise<readonly AttributeValue[]> {
    return isEmptyScope(scope) ? [] : await readTagValues(this.#client, scope, request, signal)
  }

  async #read(
    scope: Scope,
    ids: readonly string[],
    columns: Sql,
    condition: Sql,
    most: number,
    signal: AbortSignal,
  ): Promise<readonly Span[]> {
    if (isEmptyScope(scope) || ids.length === 0) return []
    const extent = await this.#findExtent(scope, ids, signal)
    if (extent === undefined) return []
    const blocks = await queryBlocks(
      this.#client,
      sql`SELECT ${columns} FROM spans WHERE ${inScope(scope)} AND ${within(extent)} AND ${isOneOf(ids)}
        AND ${condition} ORDER BY time, span_id LIMIT ${u64(most + 1)}`,
      signal,
    )
    const spans = blocks.flatMap(readSpans)
    if (spans.length > most) throw overLimit('spans', most)
    return withoutRepeats(spans)
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
}

/** Senders without batch ids may send a span twice. A client and its server may share an id, as Zipkin's do. */
function withoutRepeats(spans: readonly Span[]): readonly Span[] {
  const seen = new Set<string>()
  return spans.filter(({ traceId, spanId, kind, startNs, name }) => {
    const key = `${traceId} ${spanId} ${String(kind)} ${startNs.toString()} ${name}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function within({ startNs, endNs }: Extent): Sql {
  return sql`time >= ${timeNs(startNs)} AND time <= ${timeNs(endNs)}`
}
