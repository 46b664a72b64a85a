import { AppError } from '../../core/index.ts'
import type { Scope, TimeRange } from '../../model/index.ts'
import {
  type BucketRequest,
  type Buckets,
  bucketsOf,
  coarserBuckets,
  concatBuckets,
  type SeriesBuckets,
} from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { filledStretch } from '../filling/index.ts'
import { piecesById } from '../filling/pieces-by-id.ts'
import { queryJson } from '../query-json.ts'
import { overLimit, type QueryLimits } from '../read/limits.ts'
import { sampledIn } from '../read/sampled-in.ts'
import { inScope, inTenants, isEmptyScope } from '../read/scope.ts'
import { seenIn } from '../read/seen.ts'
import { findSeries, type FoundSeries } from '../read/series-lookup.ts'
import { seriesMatching } from '../read/series-matchers.ts'
import { sql, type Sql } from '../sql.ts'
import { fetchBuckets } from './fetch-buckets.ts'
import { HOURS } from './hours.ts'

/** Which ranges are read from rollups. */
export interface RollupUse {
  /** Shorter ones are read from the samples. */
  readonly minRangeMs: number
}

/** Reading a few hours of samples costs no more than looking up what is rolled up of them. */
export const DEFAULT_ROLLUP_USE: RollupUse = { minRangeMs: 3 * 3_600_000 }

const SMALL_MS = 300_000
const ROWS_PER_ANSWER = 300_000
const MAX_SERIES_PER_ANSWER = 4_000
const ANSWERS_AT_ONCE = 2

/**
 * Reads the middle of a range, which is rolled up, from buckets, and makes the same of the samples before and behind.
 * See `MetricSource.buckets`.
 */
export class BucketReader {
  readonly #client: StoreClient
  readonly #limits: QueryLimits
  readonly #use: RollupUse

  constructor(client: StoreClient, limits: QueryLimits, use: RollupUse) {
    this.#client = client
    this.#limits = limits
    this.#use = use
  }

  async open(
    scope: Scope,
    request: BucketRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<readonly SeriesBuckets[]> | undefined> {
    const { range } = request
    const lengthMs = range.endMs - range.startMs
    if (isEmptyScope(scope) || lengthMs < this.#use.minRangeMs) return undefined
    const where = sql`${inScope(scope)} AND ${seenIn(range)} AND ${seriesMatching(request.matchers)}`
    const rolled = wholeBuckets(await filledStretch(this.#client, HOURS, scope, range, signal), request.sizeMs)
    if (rolled === undefined || 2 * (rolled.endMs - rolled.startMs) < lengthMs) return undefined
    if (await this.#hasRows('histograms', scope, where, range, signal)) return undefined
    if (request.starts === true && (await this.#hasRows('sample_starts', scope, where, range, signal))) return undefined
    return this.#pieces({ scope, where, rolled, request }, signal)
  }

  /** Native histograms and starts of counters are not rolled up, and mean something beside floats. */
  async #hasRows(
    table: 'histograms' | 'sample_starts',
    scope: Scope,
    where: Sql,
    range: TimeRange,
    signal: AbortSignal,
  ): Promise<boolean> {
    const found = await queryJson<{ one: number }>(
      this.#client,
      sql`SELECT 1 AS one FROM ${sql.raw(table)} WHERE ${inTenants(scope)} AND ${sampledIn(range)}
      AND series IN (SELECT id FROM series WHERE ${where}) LIMIT 1`,
      signal,
    )
    return found.length > 0
  }

  async *#pieces(plan: Plan, signal: AbortSignal): AsyncGenerator<readonly SeriesBuckets[]> {
    const { maxSeries, maxSamplesRead } = this.#limits
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    try {
      const { labels } = plan.request
      const series = await findSeries(this.#client, plan.where, { limit: maxSeries + 1, labels }, either)
      if (series.length > maxSeries) throw overLimit('series', maxSeries)
      const size = seriesPerAnswer(plan.request)
      const waiting: Promise<readonly SeriesBuckets[]>[] = []
      let read = 0
      for (let next = 0; waiting.length > 0 || next < series.length; ) {
        while (waiting.length < ANSWERS_AT_ONCE && next < series.length) {
          const asked = this.#read(series.slice(next, next + size), plan, either)
          asked.catch(() => undefined)
          waiting.push(asked)
          next += size
        }
        const piece = (await waiting.shift()) ?? []
        for (const { buckets } of piece) read += buckets.endMs.length
        if (read > maxSamplesRead) throw overLimit('samples', maxSamplesRead)
        if (piece.length > 0) yield piece
      }
    } finally {
      ended.abort(new AppError('cancelled', 'nobody waits for these buckets'))
    }
  }

  async #read(series: readonly FoundSeries[], plan: Plan, signal: AbortSignal): Promise<readonly SeriesBuckets[]> {
    const { request, rolled, scope } = plan
    const { range, sizeMs, facts, windows } = request
    const [before, stored, behind] = await Promise.all([
      this.#fromSamples(series, plan, { startMs: range.startMs, endMs: rolled.startMs }, signal),
      fetchBuckets(
        this.#client,
        {
          sizeMs,
          tenants: inTenants(scope),
          ids: series.map(({ id }) => id),
          range: rolled,
          facts,
          windows: windows && { ...windows, originMs: range.endMs },
          maxRows: this.#limits.maxSamplesRead,
        },
        signal,
      ),
      this.#fromSamples(series, plan, { startMs: rolled.endMs, endMs: range.endMs }, signal),
    ])
    return series.flatMap(({ id, labels }) => {
      const parts = [before.get(id), stored.get(id), behind.get(id)].filter((part) => part !== undefined)
      return parts.length === 0 ? [] : [{ labels, buckets: concatBuckets(parts, facts) }]
    })
  }

  /** What is not rolled up yet, in the same buckets. */
  async #fromSamples(
    series: readonly FoundSeries[],
    { scope, where, request }: Plan,
    range: TimeRange,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<bigint, Buckets>> {
    const found = new Map<bigint, Buckets>()
    if (range.startMs >= range.endMs) return found
    const samples = { scope, where, range, maxSamples: this.#limits.maxSamplesRead }
    for await (const piece of piecesById(this.#client, series, samples, signal)) {
      for (const [id, one] of piece) {
        const small = bucketsOf(one, SMALL_MS)
        const buckets = request.sizeMs === SMALL_MS ? small : coarserBuckets(small, request.sizeMs)
        endBy(buckets, range.endMs)
        found.set(id, buckets)
      }
    }
    return found
  }
}

interface Plan {
  readonly scope: Scope
  readonly where: Sql
  readonly rolled: TimeRange
  readonly request: BucketRequest
}

/** The whole buckets of a range. */
function wholeBuckets(range: TimeRange | undefined, sizeMs: number): TimeRange | undefined {
  if (range === undefined) return undefined
  const startMs = Math.ceil(range.startMs / sizeMs) * sizeMs
  return { startMs, endMs: Math.max(startMs, Math.floor(range.endMs / sizeMs) * sizeMs) }
}

/** The last bucket may be a part of one, which ends where the range does. */
function endBy({ endMs }: Buckets, latestMs: number): void {
  const last = endMs.length - 1
  if (last >= 0) endMs[last] = Math.min(latestMs, endMs[last] ?? latestMs)
}

function seriesPerAnswer({ range, sizeMs, windows }: BucketRequest): number {
  const part = windows === undefined ? 1 : windows.spanMs / windows.everyMs
  const rows = Math.max(1, (part * (range.endMs - range.startMs)) / sizeMs)
  return Math.min(MAX_SERIES_PER_ANSWER, Math.max(1, Math.floor(ROWS_PER_ANSWER / rows)))
}
