import { AppError } from '../../core/index.ts'
import { type Labels, METRIC_NAME, type Scope, type TimeRange } from '../../model/index.ts'
import type { MetricMetadata, MetricSource, NamesRequest, SelectRequest, SeriesSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import type { StoreChanges } from '../store-changes.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, str, u64 } from '../sql.ts'
import { DEFAULT_QUERY_LIMITS, overLimit, type QueryLimits } from './limits.ts'
import { seriesLabel } from './matchers.ts'
import { mayBePacked, packedStretch, SLOT_MS } from '../packed/index.ts'
import { fetchBesides } from './besides.ts'
import { samplePieces } from './samples.ts'
import { BucketReader, type RollupUse } from '../rollups/index.ts'
import { inScope, inTenants, isEmptyScope } from './scope.ts'
import { seenIn } from './seen.ts'
import { findSeries } from './series-lookup.ts'
import { StoreMemory } from './store-memory.ts'
import { seriesMatching, seriesMatchingAny } from './series-matchers.ts'

/**
 * Metrics in ClickHouse, as PromQL reads them. Without `rollups` everything is read from the samples; without `changes`
 * nothing is remembered from one query to the next.
 */
export function createMetricSource(
  client: StoreClient,
  limits: QueryLimits = DEFAULT_QUERY_LIMITS,
  rollups?: RollupUse,
  changes?: StoreChanges,
): MetricSource {
  const samples = new StoredMetrics(client, limits, new StoreMemory(changes))
  if (rollups === undefined) return samples
  const reader = new BucketReader(client, limits, rollups)
  const buckets: MetricSource['buckets'] = (scope, request, signal) => reader.open(scope, request, signal)
  return Object.assign(samples, { buckets })
}

class StoredMetrics implements MetricSource {
  readonly #client: StoreClient
  readonly #limits: QueryLimits
  readonly #memory: StoreMemory

  constructor(client: StoreClient, limits: QueryLimits, memory: StoreMemory) {
    this.#memory = memory
    this.#client = client
    this.#limits = limits
  }

  async select(scope: Scope, request: SelectRequest, signal: AbortSignal): Promise<readonly SeriesSamples[]> {
    const { maxSamples } = this.#limits
    const found: SeriesSamples[] = []
    for await (const piece of this.#pieces(scope, request, maxSamples, signal)) {
      for (const series of piece) found.push(ownCopy(series))
    }
    return found
  }

  pieces(scope: Scope, request: SelectRequest, signal: AbortSignal): AsyncIterable<readonly SeriesSamples[]> {
    return this.#pieces(scope, request, this.#limits.maxSamplesRead, signal)
  }

  async *#pieces(
    scope: Scope,
    { matchers, range, starts = false, labels }: SelectRequest,
    maxSamples: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SeriesSamples[]> {
    if (isEmptyScope(scope)) return
    const { maxSeries } = this.#limits
    const matching = (seen: TimeRange): Sql =>
      sql`${inScope(scope)} AND ${seenIn(seen)} AND ${seriesMatching(matchers)}`
    const where = matching(range)
    // Who stops in the middle, too, leaves nothing behind that goes on.
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    try {
      const samples = { scope, where, range, maxSamples }
      const memory = this.#memory
      const besides = fetchBesides(this.#client, samples, { withStarts: starts, memory }, either)
      const [series, packed] = await Promise.all([
        memory.series({ scope, matchers, labels, range }, (seen) =>
          findSeries(this.#client, matching(seen), { limit: maxSeries + 1, labels }, either),
        ),
        mayBePacked(range, Date.now())
          ? memory.packed(scope, range, SLOT_MS, (slots) => packedStretch(this.#client, scope, slots, either))
          : undefined,
      ])
      if (series.length > maxSeries) throw overLimit('series', maxSeries)
      yield* samplePieces(this.#client, series, { ...samples, packed }, besides, either)
    } finally {
      ended.abort(new AppError('cancelled', 'nobody waits for these samples'))
    }
  }

  async series(scope: Scope, request: NamesRequest, signal: AbortSignal): Promise<readonly Labels[]> {
    if (isEmptyScope(scope)) return []
    const { maxSeries } = this.#limits
    const series = await findSeries(
      this.#client,
      named(scope, request),
      { limit: request.limit ?? maxSeries + 1 },
      signal,
    )
    if (series.length > maxSeries) throw overLimit('series', maxSeries)
    return series.map(({ labels }) => labels)
  }

  async labelNames(scope: Scope, request: NamesRequest, signal: AbortSignal): Promise<readonly string[]> {
    if (isEmptyScope(scope)) return []
    const names = sql`arrayJoin(arrayPushBack(mapKeys(labels), ${str(METRIC_NAME)}))`
    return this.#distinct(names, named(scope, request), request.limit, signal)
  }

  async labelValues(
    scope: Scope,
    label: string,
    request: NamesRequest,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    if (isEmptyScope(scope)) return []
    const value = seriesLabel(label)
    return this.#distinct(value, sql`${named(scope, request)} AND ${value} != ''`, request.limit, signal)
  }

  async metadata(scope: Scope, metric: string | undefined, signal: AbortSignal): Promise<readonly MetricMetadata[]> {
    if (isEmptyScope(scope)) return []
    const isMetric = metric === undefined ? sql.raw('true') : sql`name = ${str(metric)}`
    return queryJson<MetricMetadata>(
      this.#client,
      sql`SELECT DISTINCT name, type, unit, help FROM metric_metadata
      WHERE ${inTenants(scope)} AND ${isMetric} AND ${hasSeriesIn(scope)} ORDER BY name, type, unit, help`,
      signal,
    )
  }

  async #distinct(what: Sql, where: Sql, limit: number | undefined, signal: AbortSignal): Promise<readonly string[]> {
    const upTo = limit === undefined ? sql.raw('') : sql`LIMIT ${u64(limit)}`
    const statement = sql`SELECT DISTINCT ${what} AS found FROM series WHERE ${where} ORDER BY found ${upTo}`
    return (await queryJson<{ found: string }>(this.#client, statement, signal)).map(({ found }) => found)
  }
}

/** The arrays of a piece are used again. */
function ownCopy(series: SeriesSamples): SeriesSamples {
  return { ...series, timesMs: series.timesMs.slice(), values: series.values.slice() }
}

function named(scope: Scope, request: NamesRequest): Sql {
  return sql`${inScope(scope)} AND ${seenIn(request.range)} AND ${seriesMatchingAny(request.matcherSets)}`
}

/**
 * Metadata is a tenant's; a scope of few clusters sees that of the metrics which those have. A family's name is that
 * of its series, or theirs without what the types of metrics append.
 */
function hasSeriesIn(scope: Scope): Sql {
  if (scope.clusters === undefined) return sql.raw('true')
  return sql`name IN (
    SELECT arrayJoin([name, replaceRegexpOne(name, '_(total|bucket|count|sum|info|created)$', '')])
    FROM series WHERE ${inScope(scope)}
  )`
}
