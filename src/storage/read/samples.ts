import type { Labels, Scope, TimeRange } from '../../model/index.ts'
import type { HistogramSamples, SeriesSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { sql, type Sql, u64, u64Array } from '../sql.ts'
import { overLimit } from './limits.ts'
import { fetchHistograms } from './histograms.ts'
import { fetchStarts, type SampleStarts, startsBeside } from './sample-starts.ts'
import { bigintOf, floatListOf, queryBlocks } from './rows.ts'
import { inTenants } from './scope.ts'
import { ascending, hasConflict } from './sample-order.ts'
import { sampledIn } from './sampled-in.ts'

export interface SamplesRequest {
  readonly scope: Scope
  /** Selects the series, over table `series`. */
  readonly where: Sql
  /** startMs < t ≤ endMs. */
  readonly range: TimeRange
  readonly maxSamples: number
  /** With the times at which counters began. */
  readonly starts?: boolean
}

interface Series {
  readonly id: bigint
  readonly labels: Labels
}

type Samples = Pick<SeriesSamples, 'timesMs' | 'values'>

/** An answer holds at most so many series, so that neither the engine nor we hold all of a large one at once. */
const SERIES_PER_ANSWER = 2_000
const ANSWERS_AT_ONCE = 2

/**
 * The samples of the series, which must be in the order of their ids: floats and native histograms. Series without any
 * are left out.
 */
export async function fetchSamples(
  client: StoreClient,
  series: readonly Series[],
  request: SamplesRequest,
  signal: AbortSignal,
): Promise<readonly SeriesSamples[]> {
  const groups: (readonly Series[])[] = []
  for (let i = 0; i < series.length; i += SERIES_PER_ANSWER) groups.push(series.slice(i, i + SERIES_PER_ANSWER))
  const found: SeriesSamples[][] = groups.map(() => [])
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  let next = 0
  let left = request.maxSamples
  const none = series.length === 0
  const histograms = none ? Promise.resolve(NO_HISTOGRAMS) : fetchHistograms(client, request, either)
  const starts = none || request.starts !== true ? Promise.resolve(NO_STARTS) : fetchStarts(client, request, either)
  const work = async (): Promise<void> => {
    for (let i = next++; i < groups.length; i = next++) {
      const group = groups[i] ?? []
      const floats = await fetchGroup(client, group, { ...request, maxSamples: left }, either)
      const samples = together(group, { floats, histograms: await histograms, starts: await starts })
      found[i] = samples
      for (const one of samples) left -= one.values.length + (one.histograms?.values.length ?? 0)
      if (left < 0) throw overLimit('samples', request.maxSamples)
    }
  }
  try {
    await Promise.all([histograms, starts, ...Array.from({ length: ANSWERS_AT_ONCE }, work)])
  } finally {
    failed.abort()
  }
  return found.flat()
}

const NO_HISTOGRAMS: ReadonlyMap<bigint, HistogramSamples> = new Map()
const NO_STARTS: SampleStarts = new Map()
const NO_FLOATS: Samples = { timesMs: new Float64Array(0), values: new Float64Array(0) }

interface Found {
  readonly floats: ReadonlyMap<bigint, Samples>
  readonly histograms: ReadonlyMap<bigint, HistogramSamples>
  readonly starts: SampleStarts
}

function together(series: readonly Series[], found: Found): SeriesSamples[] {
  return series.flatMap(({ id, labels }) => {
    const floats = found.floats.get(id)
    const histograms = found.histograms.get(id)
    if (floats === undefined && histograms === undefined) return []
    const starts = found.starts.get(id)
    const samples = { labels, ...withStarts(floats ?? NO_FLOATS, starts) }
    return [histograms === undefined ? samples : { ...samples, histograms: withStarts(histograms, starts) }]
  })
}

function withStarts<T extends { readonly timesMs: Float64Array }>(
  samples: T,
  starts: ReadonlyMap<number, number> | undefined,
): T & { readonly startsMs?: Float64Array } {
  const startsMs = startsBeside(samples.timesMs, starts)
  return startsMs === undefined ? samples : { ...samples, startsMs }
}

/** At most one sample more than `maxSamples`. */
async function fetchGroup(
  client: StoreClient,
  series: readonly Series[],
  request: SamplesRequest,
  signal: AbortSignal,
): Promise<Map<bigint, Samples>> {
  const first = series[0]
  const last = series.at(-1)
  if (first === undefined || last === undefined) return new Map()
  const isOfGroup = sql`series IN (
    SELECT id FROM series WHERE id >= ${u64(first.id)} AND id <= ${u64(last.id)} AND ${request.where}
  )`
  const samples = await fetchLists(client, allOf(request, isOfGroup), signal)
  const conflicts = [...samples].filter(([, list]) => hasConflict(list)).map(([id]) => id)
  if (conflicts.length > 0) {
    const lists = await fetchLists(client, lastOf(request, sql`series IN ${u64Array(conflicts)}`), signal)
    for (const [id, list] of lists) samples.set(id, list)
  }
  return samples
}

function selected({ scope, range }: SamplesRequest, isOfGroup: Sql): Sql {
  return sql`${inTenants(scope)} AND ${sampledIn(range)} AND ${isOfGroup}`
}

/** Every row: the fast way, which suffices while no sample was overwritten. */
function allOf(request: SamplesRequest, isOfGroup: Sql): Sql {
  return sql`SELECT series, time, value FROM samples WHERE ${selected(request, isOfGroup)}
    LIMIT ${u64(request.maxSamples + 1)}`
}

/** Of the rows for one time only the one that was written last, which merges may not have come to yet. */
function lastOf(request: SamplesRequest, isOfGroup: Sql): Sql {
  return sql`SELECT series, time, argMax(value, version) AS value FROM samples WHERE ${selected(request, isOfGroup)}
    GROUP BY tenant_id, series, time`
}

/** Times are sent as doubles, which they fit, because a list of doubles can be used where it lies. */
async function fetchLists(client: StoreClient, samples: Sql, signal: AbortSignal): Promise<Map<bigint, Samples>> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT series, groupArray(toFloat64(toUnixTimestamp64Milli(time))) AS times, groupArray(value) AS points
      FROM (${samples}) GROUP BY series`,
    signal,
  )
  const lists = new Map<bigint, Samples>()
  for (const block of blocks) {
    const id = bigintOf(block, 'series')
    const times = floatListOf(block, 'times')
    const points = floatListOf(block, 'points')
    for (let row = 0; row < block.rows; row++) lists.set(id(row), ascending(times(row), points(row)))
  }
  return lists
}
