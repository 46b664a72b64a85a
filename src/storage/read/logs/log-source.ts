import type { Labels, Scope, TimeRange } from '../../../model/index.ts'
import type {
  LogBlock,
  LogCountRequest,
  LogCountAnswer,
  LogSelectRequest,
  LogSource,
  LogVolumeRequest,
  LogVolumeSource,
  StreamVolume,
} from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { queryJson } from '../../query-json.ts'
import { sql, type Sql, timeMs, timeNs, u64 } from '../../sql.ts'
import { DEFAULT_QUERY_LIMITS, overLimit, type QueryLimits } from '../limits.ts'
import { mapLabel } from '../matchers.ts'
import { type Block, decodeNative } from '../native-decoder.ts'
import { bigintOf } from '../rows.ts'
import { inScope, isEmptyScope } from '../scope.ts'
import { toRowCondition } from './conditions.ts'
import { countLines } from './counts.ts'
import { INSERTION_ORDER, planLines, toLogBlock } from './line-blocks.ts'
import { metadataTexts } from './metadata-text.ts'
import { Portions, type Span } from './portions.ts'
import { withoutRepetitions } from './repetitions.ts'
import { SEARCH_SETTINGS } from './search-settings.ts'
import { findStreams, ofStreams, selected, type Selection, type StoredStream } from './streams.ts'
import { readVolumes } from './volumes.ts'

/** Logs in ClickHouse, as LogQL reads them. Lines come in the direction of the request. */
export function createLogSource(
  client: StoreClient,
  limits: QueryLimits = DEFAULT_QUERY_LIMITS,
): Required<LogSource> & LogVolumeSource {
  return new StoredLogs(client, limits)
}

const NS_PER_MS = 1_000_000n

class StoredLogs implements Required<LogSource>, LogVolumeSource {
  readonly #client: StoreClient
  readonly #limits: QueryLimits

  constructor(client: StoreClient, limits: QueryLimits) {
    this.#client = client
    this.#limits = limits
  }

  async *select(scope: Scope, request: LogSelectRequest, signal: AbortSignal): AsyncGenerator<LogBlock> {
    const span = halfOpen(request.range)
    const { streams, where } = await this.#findStreams(scope, request.matchers, span, signal)
    if (streams.length === 0) return
    const byId = new Map(streams.map((stream) => [stream.id, stream]))
    const condition = toRowCondition(request.condition, streams, metadataTexts())
    const exact = condition.exact && condition.doubtful.length === 0
    const plan = planLines(request.columns)
    const order = sql.raw(request.direction === 'forward' ? 'ASC' : 'DESC')
    const portions = new Portions(span, request.direction, request.expected)
    for (let portion = portions.next(); portion !== undefined; portion = portions.next()) {
      const { startNs, endNs, rows } = portion
      const statement = sql`SELECT ${plan.columns} FROM logs
        WHERE ${inScope(scope)} AND ${ofStreams(streams, where)} AND time >= ${timeNs(startNs)} AND time < ${timeNs(endNs)}
          AND (${condition.where}) AND ${receivedSince(request)}
        ORDER BY time ${order}, stream ${order}, ${sql.raw(INSERTION_ORDER)} ${order} LIMIT ${u64(rows)}`
      const beganAt = performance.now()
      const bytes = await this.#client.query(statement, { format: 'Native', signal, settings: SEARCH_SETTINGS })
      const blocks = decodeNative(bytes).filter((block) => block.rows > 0)
      const result = {
        rows: rowsIn(blocks),
        bytes: bytes.length,
        lastNs: lastTimeOf(blocks),
        ms: performance.now() - beganAt,
      }
      // Of the last time of a full portion there may be more; it is read again.
      const whole = result.rows < rows ? blocks : before(blocks, result.lastNs)
      portions.took(result)
      const kept = withoutRepetitions(whole, plan, request.direction)
      for (const [i, block] of whole.entries()) {
        if (kept[i]?.length !== 0) yield toLogBlock(block, plan, byId, { rows: kept[i], exact })
      }
    }
  }

  async count(scope: Scope, request: LogCountRequest, signal: AbortSignal): Promise<LogCountAnswer | undefined> {
    const startNs = request.firstEndNs - request.rangeNs + 1n
    const endNs = request.firstEndNs + request.stepNs * BigInt(request.count - 1) + 1n
    const found = await this.#findStreams(scope, request.matchers, { startNs, endNs }, signal)
    if (found.streams.length === 0) return { series: [], lines: 0, bytes: 0 }
    return await countLines(this.#client, found, request, signal)
  }

  async volumes(scope: Scope, request: LogVolumeRequest, signal: AbortSignal): Promise<readonly StreamVolume[]> {
    const span = { startNs: request.startNs, endNs: request.endNs }
    const found = await this.#findStreams(scope, request.matchers, span, signal)
    return found.streams.length === 0 ? [] : await readVolumes(this.#client, found, request, signal)
  }

  async streams(scope: Scope, request: Selection, signal: AbortSignal): Promise<readonly Labels[]> {
    if (isEmptyScope(scope)) return []
    const streams = await findStreams(this.#client, selected(scope, request), this.#limits, signal)
    return streams.map(({ labels }) => labels)
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

  async #findStreams(
    scope: Scope,
    matchers: Selection['matchers'],
    { startNs, endNs }: Span,
    signal: AbortSignal,
  ): Promise<{ readonly streams: readonly StoredStream[]; readonly where: Sql }> {
    const range = { startMs: Number(startNs / NS_PER_MS), endMs: Number(endNs / NS_PER_MS) }
    const where = selected(scope, { matchers, range })
    if (isEmptyScope(scope) || endNs <= startNs) return { streams: [], where }
    return { streams: await findStreams(this.#client, where, this.#limits, signal), where }
  }

  async #distinct(what: Sql, where: Sql, signal: AbortSignal): Promise<readonly string[]> {
    const { maxSeries } = this.#limits
    const statement = sql`SELECT DISTINCT ${what} AS found FROM log_streams WHERE ${where} ORDER BY found
      LIMIT ${u64(maxSeries + 1)}`
    const found = await queryJson<{ found: string }>(this.#client, statement, signal)
    if (found.length > maxSeries) throw overLimit('names', maxSeries)
    return found.map(({ found: one }) => one)
  }
}

function receivedSince({ receivedSinceMs }: LogSelectRequest): Sql {
  return receivedSinceMs === undefined ? sql.raw('true') : sql`hub_received_at >= ${timeMs(receivedSinceMs)}`
}

function halfOpen({ startNs, endNs, ends }: LogSelectRequest['range']): Span {
  return ends === '[start, end)' ? { startNs, endNs } : { startNs: startNs + 1n, endNs: endNs + 1n }
}

function rowsIn(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { rows }) => sum + rows, 0)
}

function lastTimeOf(blocks: readonly Block[]): bigint {
  const last = blocks.at(-1)
  return last === undefined ? 0n : bigintOf(last, 'time')(last.rows - 1)
}

/** The blocks without the rows of their last time. */
function before(blocks: readonly Block[], lastNs: bigint): readonly Block[] {
  return blocks.flatMap((block) => {
    const time = bigintOf(block, 'time')
    let { rows } = block
    while (rows > 0 && time(rows - 1) === lastNs) rows--
    return rows === 0 ? [] : [{ ...block, rows }]
  })
}
