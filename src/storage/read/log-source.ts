import type { Labels, Scope, TimeRange } from '../../model/index.ts'
import type { LineCondition, LogBlock, LogSelectRequest, LogSource } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, strArray, timeNs, u64 } from '../sql.ts'
import { type LineFilter, passesAll } from './line-filters.ts'
import { DEFAULT_QUERY_LIMITS, overLimit, type QueryLimits } from './limits.ts'
import { LINE_COLUMNS, type LogLine, readLines } from './log-lines.ts'
import { mapLabel, matchesAll } from './matchers.ts'
import { bigintOf, entriesOf, queryBlocks, textOf } from './rows.ts'
import { inScope, isEmptyScope } from './scope.ts'
import { seenIn } from './seen.ts'
import { timeSlices } from './time-slices.ts'

/** Logs in ClickHouse, as LogQL reads them. Lines come in the direction of the request. */
export function createLogSource(client: StoreClient, limits: QueryLimits = DEFAULT_QUERY_LIMITS): LogSource {
  return new StoredLogs(client, limits)
}

interface Selection {
  readonly matchers: LogSelectRequest['matchers']
  readonly range: TimeRange
}

/** A stream of the store; its tenant and cluster lead to its lines. */
interface FoundStream {
  readonly id: bigint
  readonly tenant: string
  readonly cluster: string
  readonly labels: Labels
}

const NS_PER_MS = 1_000_000n
/** With more lines to come than this, looking slice by slice cannot end early often enough. */
const MAX_SLICED_LINES = 10_000

class StoredLogs implements LogSource {
  readonly #client: StoreClient
  readonly #limits: QueryLimits

  constructor(client: StoreClient, limits: QueryLimits) {
    this.#client = client
    this.#limits = limits
  }

  async *select(scope: Scope, request: LogSelectRequest, signal: AbortSignal): AsyncGenerator<LogBlock> {
    const { direction, expected } = request
    const { startNs, endNs } = halfOpen(request.range)
    if (isEmptyScope(scope) || endNs <= startNs) return
    const range = { startMs: Number(startNs / NS_PER_MS), endMs: Number(endNs / NS_PER_MS) }
    const where = selected(scope, { matchers: request.matchers, range })
    const streams = await this.#findStreams(where, signal)
    if (streams.length === 0) return
    const labels = new Map(streams.map((stream) => [stream.id, stream.labels]))
    const selectedStreams = new Map(streams.map((stream) => [stream.id, { labels: stream.labels }]))
    const filters = filtersOf(request.condition)
    const sliced = (expected ?? Infinity) <= MAX_SLICED_LINES
    let left = this.#limits.maxLines
    for (const slice of sliced ? timeSlices({ startNs, endNs }, direction) : [{ startNs, endNs }]) {
      const statement = sql`SELECT ${LINE_COLUMNS} FROM logs
        WHERE ${inScope(scope)} AND ${ofStreams(streams)} AND stream IN (SELECT id FROM log_streams WHERE ${where})
          AND time >= ${timeNs(slice.startNs)} AND time < ${timeNs(slice.endNs)} AND ${passesAll(filters)}
        ORDER BY time ${sql.raw(direction === 'forward' ? 'ASC' : 'DESC')} LIMIT ${u64(left + 1)}`
      for (const block of await queryBlocks(this.#client, statement, signal)) {
        left -= block.rows
        if (left < 0) throw overLimit('lines', this.#limits.maxLines)
        yield toLogBlock(readLines(block, labels), selectedStreams)
      }
    }
  }

  async streams(scope: Scope, request: Selection, signal: AbortSignal): Promise<readonly Labels[]> {
    if (isEmptyScope(scope)) return []
    return (await this.#findStreams(selected(scope, request), signal)).map(({ labels }) => labels)
  }

  async labelNames(scope: Scope, range: TimeRange, signal: AbortSignal): Promise<readonly string[]> {
    if (isEmptyScope(scope)) return []
    return this.#distinct(sql`arrayJoin(mapKeys(labels))`, selected(scope, { matchers: [], range }), signal)
  }

  async labelValues(scope: Scope, label: string, request: Selection, signal: AbortSignal): Promise<readonly string[]> {
    if (isEmptyScope(scope)) return []
    const value = mapLabel(label)
    return this.#distinct(value, sql`${selected(scope, request)} AND ${value} != ''`, signal)
  }

  async #findStreams(where: Sql, signal: AbortSignal): Promise<readonly FoundStream[]> {
    const { maxSeries } = this.#limits
    const blocks = await queryBlocks(
      this.#client,
      sql`SELECT id, tenant_id, any(cluster) AS of_cluster, any(labels) AS label_map FROM log_streams WHERE ${where}
      GROUP BY tenant_id, id ORDER BY id LIMIT ${u64(maxSeries + 1)}`,
      signal,
    )
    const streams = blocks.flatMap((block) => {
      const id = bigintOf(block, 'id')
      const tenant = textOf(block, 'tenant_id')
      const cluster = textOf(block, 'of_cluster')
      const labels = entriesOf(block, 'label_map')
      return Array.from({ length: block.rows }, (_, row) => ({
        id: id(row),
        tenant: tenant(row),
        cluster: cluster(row),
        labels: Object.fromEntries(labels(row)),
      }))
    })
    if (streams.length > maxSeries) throw overLimit('streams', maxSeries)
    return streams
  }

  async #distinct(what: Sql, where: Sql, signal: AbortSignal): Promise<readonly string[]> {
    const statement = sql`SELECT DISTINCT ${what} AS found FROM log_streams WHERE ${where} ORDER BY found`
    return (await queryJson<{ found: string }>(this.#client, statement, signal)).map(({ found }) => found)
  }
}

function halfOpen({ startNs, endNs, ends }: LogSelectRequest['range']): { startNs: bigint; endNs: bigint } {
  return ends === '[start, end)' ? { startNs, endNs } : { startNs: startNs + 1n, endNs: endNs + 1n }
}

const OPERATORS = { 'line-contains': '|=', 'line-lacks': '!=', 'line-matches': '|~', 'line-fails': '!~' } as const

/** What of the condition is about lines alone and must hold of all. */
function filtersOf(condition: LineCondition): readonly LineFilter[] {
  if (condition.t === 'all') return condition.of.flatMap(filtersOf)
  if (condition.t === 'any' || condition.t === 'label') return []
  const value = 'text' in condition ? condition.text : condition.expression
  return [{ operator: OPERATORS[condition.t], value }]
}

function toLogBlock(
  lines: readonly { readonly stream: bigint; readonly line: LogLine }[],
  streams: ReadonlyMap<bigint, { readonly labels: Labels }>,
): LogBlock {
  const lineAt = (row: number): string => lines[row]?.line.line ?? ''
  return {
    rows: lines.length,
    timesNs: BigInt64Array.from(lines.map(({ line }) => line.timeNs)),
    stream: (row) => streams.get(lines[row]?.stream ?? 0n) ?? { labels: {} },
    line: lineAt,
    bytes: (row) => Buffer.byteLength(lineAt(row)),
    metadata: (row) => Object.entries(lines[row]?.line.structuredMetadata ?? {}).flat(),
  }
}

function selected(scope: Scope, { matchers, range }: Selection): Sql {
  return sql`${inScope(scope)} AND ${seenIn(range)} AND ${matchesAll(matchers, mapLabel)}`
}

/** What is known of the streams beside their ids, in the words of the sorting key: it spares most of the table. */
function ofStreams(streams: readonly FoundStream[]): Sql {
  const tenants = [...new Set(streams.map(({ tenant }) => tenant))]
  const clusters = [...new Set(streams.map(({ cluster }) => cluster))]
  return sql`tenant_id IN ${strArray(tenants)} AND cluster IN ${strArray(clusters)}`
}
