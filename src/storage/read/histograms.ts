import { isStaleAt, type Scope, type TimeRange } from '../../model/index.ts'
import {
  bucketsFromSpans,
  clampTimeMs,
  type FloatHistogram,
  type HistogramSamples,
  hintAfter,
  type ResetHint,
} from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { sql, type Sql, u64 } from '../sql.ts'
import type { Block } from './native-decoder.ts'
import { bigintOf, floatsOf, numberListOf, numberOf, queryBlocks } from './rows.ts'
import type { SamplesRequest } from './samples.ts'
import { sampledIn } from './sampled-in.ts'
import { inTenants } from './scope.ts'

/**
 * What a histogram says of the one before it is found by looking at that, which may lie before the range. One that lies
 * further back is taken for none.
 */
const LOOK_BEFORE_MS = 15 * 60_000

/** As in the table: `Histogram.ResetHint` of remote write. */
const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge']

/** A histogram with its time; undefined is a stale marker. */
interface Point {
  readonly timeMs: number
  readonly value: FloatHistogram | undefined
}

/** The native histograms of the series, by their ids. Most series have none and are not among them. */
export async function fetchHistograms(
  client: StoreClient,
  request: SamplesRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<bigint, HistogramSamples>> {
  const blocks = await queryBlocks(client, lastOf(request), signal)
  const points = new Map<bigint, Point[]>()
  for (const block of blocks) {
    const id = bigintOf(block, 'series')
    const point = pointOf(block)
    for (let row = 0; row < block.rows; row++) {
      const list = points.get(id(row)) ?? []
      points.set(id(row), list)
      list.push(point(row))
    }
  }
  const found = new Map<bigint, HistogramSamples>()
  for (const [id, list] of points) {
    const samples = samplesOf(list, request)
    if (samples.values.length > 0) found.set(id, samples)
  }
  return found
}

/** Most tenants have no histograms at all, which is said at once, without looking for the series. */
export async function hasNoHistograms(
  client: StoreClient,
  scope: Scope,
  range: TimeRange,
  signal: AbortSignal,
): Promise<boolean> {
  const any = sql`SELECT 1 AS found FROM histograms WHERE ${inTenants(scope)} AND ${sampledIn(reached(range))} LIMIT 1`
  return (await queryBlocks(client, any, signal, { max_threads: 1 })).length === 0
}

function reached(range: TimeRange): TimeRange {
  return { ...range, startMs: clampTimeMs(range.startMs - LOOK_BEFORE_MS) }
}

/** For each time the row that was written last. */
function lastOf({ scope, range, where, maxSamples }: SamplesRequest): Sql {
  return sql`SELECT series, toFloat64(toUnixTimestamp64Milli(time)) AS ms, toInt32(schema) AS schema,
      reset_hint, count, sum, zero_threshold, zero_count, positive_offsets, positive_lengths, positive_counts,
      negative_offsets, negative_lengths, negative_counts, custom_values
    FROM histograms
    WHERE ${inTenants(scope)} AND ${sampledIn(reached(range))}
      AND series IN (SELECT id FROM series WHERE ${where})
    ORDER BY series, time, version DESC LIMIT 1 BY series, time LIMIT ${u64(maxSamples + 1)}`
}

function pointOf(block: Block): (row: number) => Point {
  const ms = numberOf(block, 'ms')
  const sums = floatsOf(block, 'sum')
  const sumBits = new Uint32Array(sums.buffer, sums.byteOffset, 2 * sums.length)
  const schema = numberOf(block, 'schema')
  const resetHint = numberOf(block, 'reset_hint')
  const [count, zeroThreshold, zeroCount] = [
    numberOf(block, 'count'),
    numberOf(block, 'zero_threshold'),
    numberOf(block, 'zero_count'),
  ]
  const positive = bucketsOf(block, 'positive')
  const negative = bucketsOf(block, 'negative')
  const customValues = numberListOf(block, 'custom_values')
  return (row) => {
    // The stale marker of a histogram is its sum.
    if (isStaleAt(sumBits, row)) return { timeMs: ms(row), value: undefined }
    const value: FloatHistogram = {
      schema: schema(row),
      resetHint: HINTS[resetHint(row)] ?? 'unknown',
      count: count(row),
      sum: sums[row] ?? NaN,
      zeroThreshold: zeroThreshold(row),
      zeroCount: zeroCount(row),
      positive: positive(row),
      negative: negative(row),
      customValues: Array.from(customValues(row)),
    }
    return { timeMs: ms(row), value }
  }
}

function bucketsOf(block: Block, sign: 'positive' | 'negative'): (row: number) => FloatHistogram['positive'] {
  const offsets = numberListOf(block, `${sign}_offsets`)
  const lengths = numberListOf(block, `${sign}_lengths`)
  const counts = numberListOf(block, `${sign}_counts`)
  return (row) => bucketsFromSpans(offsets(row), lengths(row), counts(row))
}

/** Those within the range, with what each says of the one before it. */
function samplesOf(points: readonly Point[], { range }: SamplesRequest): HistogramSamples {
  const inside: Point[] = []
  let previous: FloatHistogram | undefined
  for (const point of points) {
    const { value } = point
    const told = value === undefined ? undefined : { ...value, resetHint: hintAfter(previous, value) }
    previous = told
    if (point.timeMs > range.startMs) inside.push({ ...point, value: told })
  }
  return { timesMs: Float64Array.from(inside, ({ timeMs }) => timeMs), values: inside.map(({ value }) => value) }
}
