import type { Scope, TimeRange } from '../../model/index.ts'
import {
  BUCKET_FACTS,
  type Buckets,
  bucketsOf,
  coarserBuckets,
  mergeBuckets,
  ROLLUP_SIZES_MS,
  type RollupSizeMs,
} from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { bigintOf, queryBlocks, textOf } from '../read/rows.ts'
import { sampledIn } from '../read/sampled-in.ts'
import { inTenants } from '../read/scope.ts'
import { seenIn } from '../read/seen.ts'
import { sql } from '../sql.ts'
import { piecesById } from './bucket-pieces.ts'
import { BucketWriter } from './bucket-writer.ts'
import { fetchBuckets } from './fetch-buckets.ts'
import { filledHours, lateHours, markFilled, MS_PER_HOUR } from './rollup-state.ts'

export interface TurnResult {
  /** `idle`: there was nothing to do. `late`: samples had come late for hours that were rolled up before. */
  readonly did: 'idle' | 'new' | 'late'
  readonly hours: number
  readonly rows: number
}

/** What there is to do. */
export interface RollupBacklog {
  /** Closed hours that are not rolled up. */
  readonly newHours: number
  /** Hours of tenants that have to be rolled up again, counted up to a limit. */
  readonly lateHours: number
  /** How long the newest closed hour that is rolled up has been over. */
  readonly lagMs: number
}

/**
 * An hour is closed when samples that come later are noted as late (`LATE_AFTER_MS`), and five minutes after that, for
 * statements and clocks that are slow.
 */
const CLOSED_AFTER_MS = 600_000
/** Of the engine's clock: so much it may be set back without a late sample being overlooked. */
const CLOCK_SLACK_MS = 10_000
/** A turn is to read about so many samples. */
const SAMPLES_PER_TURN = 20_000_000
const MAX_HOURS_PER_TURN = 24
const MAX_LATE_HOURS = 1_000
const MAX_EMPTY_HOURS = 1_000_000
const MAX_SAMPLES = 2_000_000_000
const SERIES_AT_ONCE = 20_000
const SMALL_MS = 300_000
/** Late samples of an hour mostly come one batch after the other: they are waited for, but not for ever. */
const DEFAULT_QUIET_MS = 60_000
const MAX_WAIT_MS = 1_800_000

export interface FillerOptions {
  /** How long nothing late must have come for an hour before it is rolled up again. */
  readonly quietMs?: number
  /** Called between pieces of work, so that others get the engine and the processor. */
  readonly rest?: (signal: AbortSignal) => Promise<void>
}

/**
 * Rolls samples up, a part of a day a turn: what came late first, then the newest hours. All that it has done is in the
 * store; a turn that is broken off is done again from its beginning, and gives the same rows.
 */
export class RollupFiller {
  readonly #client: StoreClient
  readonly #options: FillerOptions
  #lastDid: TurnResult['did'] = 'idle'
  #filled: Set<number> | undefined
  /** Samples in an hour, as it was in the last turn. */
  #perHour = SAMPLES_PER_TURN / 4
  backlog: RollupBacklog = { newHours: 0, lateHours: 0, lagMs: 0 }

  constructor(client: StoreClient, options: FillerOptions = {}) {
    this.#client = client
    this.#options = options
  }

  /** Does what is most urgent. When it rejects nothing is lost; the caller tries again. */
  async turn(signal: AbortSignal): Promise<TurnResult> {
    const result = await this.#next(signal)
    this.#lastDid = result.did
    return result
  }

  async #next(signal: AbortSignal): Promise<TurnResult> {
    const nowMs = await this.#engineTime(signal)
    this.#filled ??= await filledHours(this.#client, signal)
    const late = await lateHours(this.#client, this.#lateRule(nowMs), signal)
    const unfilled = await this.#unfilled(this.#filled, nowMs, signal)
    this.backlog = {
      newHours: unfilled.count,
      lateHours: late.reduce((sum, { hours }) => sum + hours.length, 0),
      lagMs: lagOf(this.#filled, nowMs),
    }
    const first = late[0]
    const { newest } = unfilled
    // In turns, so that a cluster whose samples always come late does not keep all others waiting.
    if (first !== undefined && (newest === undefined || this.#lastDid !== 'late')) {
      return await this.#again(first.tenant, first.hours, nowMs, signal)
    }
    return newest === undefined ? IDLE : await this.#new(this.#filled, newest, unfilled.oldest, nowMs, signal)
  }

  #lateRule(nowMs: number): Parameters<typeof lateHours>[1] {
    const { quietMs = DEFAULT_QUIET_MS } = this.#options
    return { limit: MAX_LATE_HOURS, quietSinceMs: nowMs - quietMs, waitedSinceMs: nowMs - MAX_WAIT_MS }
  }

  /** Hours for which samples of the tenant came late: as many as follow each other, from the newest back. */
  async #again(tenant: string, hours: readonly number[], nowMs: number, signal: AbortSignal): Promise<TurnResult> {
    const last = hours.at(-1) ?? 0
    let first = last
    while (hours.includes(first - 1) && last - first + 1 < this.#hoursPerTurn && !isDayBreak(first)) first -= 1
    const rows = await this.#roll({ first, last, tenants: [tenant], merge: true, nowMs }, signal)
    await markFilled(this.#client, { first, last, tenant, atMs: nowMs - this.#slackMs })
    return { did: 'late', hours: last - first + 1, rows }
  }

  async #new(
    filled: Set<number>,
    newest: number,
    oldest: number,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<TurnResult> {
    const days = await this.#daysWithSamples(signal)
    const isEmpty = (hour: number): boolean => !days.has(dayOf(hour - 1)) && !days.has(dayOf(hour))
    const empty = isEmpty(newest)
    const most = empty ? MAX_EMPTY_HOURS : this.#hoursPerTurn
    let first = newest
    while (first > oldest && newest - first + 1 < most && !filled.has(first - 1) && isEmpty(first - 1) === empty) {
      if (!empty && isDayBreak(first)) break
      first -= 1
    }
    const rows = empty ? 0 : await this.#roll({ first, last: newest, tenants: 'all', merge: false, nowMs }, signal)
    await markFilled(this.#client, { first, last: newest, tenant: '', atMs: nowMs - this.#slackMs })
    for (let hour = first; hour <= newest; hour++) filled.add(hour)
    return { did: 'new', hours: newest - first + 1, rows }
  }

  /** What was noted shortly before is taken for unknown. Nothing is looked at that soon, so this repeats no work. */
  get #slackMs(): number {
    return Math.min(CLOCK_SLACK_MS, this.#options.quietMs ?? DEFAULT_QUIET_MS)
  }

  get #hoursPerTurn(): number {
    return Math.max(1, Math.min(MAX_HOURS_PER_TURN, Math.floor(SAMPLES_PER_TURN / this.#perHour)))
  }

  async #roll({ first, last, tenants, merge, nowMs }: Roll, signal: AbortSignal): Promise<number> {
    const range = { startMs: (first - 1) * MS_PER_HOUR, endMs: last * MS_PER_HOUR }
    const scope: Scope = { tenants }
    const series = await this.#seriesIn(scope, range, signal)
    const days = await this.#arrivals(scope, range, signal)
    const writer = new BucketWriter(this.#client, Math.floor(nowMs))
    let samples = 0
    for (const [tenant, ids] of series) {
      const day = Math.max(Math.floor(range.endMs / MS_PER_DAY), days.get(tenant) ?? 0)
      const one = { tenants: [tenant] }
      for (let at = 0; at < ids.length; at += SERIES_AT_ONCE) {
        const some = ids.slice(at, at + SERIES_AT_ONCE)
        const request = { scope: one, where: sql.raw('true'), range, maxSamples: MAX_SAMPLES }
        const named = some.map((id) => ({ id }))
        for await (const piece of piecesById(this.#client, named, request, signal)) {
          const small = piece.map(([id, list]) => {
            samples += list.timesMs.length
            return [id, bucketsOf(list, SMALL_MS)] as const
          })
          const known = merge ? await this.#known(one, small, range, signal) : undefined
          for (const [id, buckets] of small) {
            for (const { sizeMs, buckets: all } of sizesOf(id, buckets, known)) {
              await writer.add({ tenant, id, day, sizeMs, buckets: all }, signal)
            }
          }
          await this.#options.rest?.(signal)
        }
      }
    }
    const rows = await writer.finish(signal)
    this.#perHour = Math.max(1, samples / (last - first + 1))
    return rows
  }

  /** What is stored of these series already, by size. */
  async #known(
    scope: Scope,
    found: readonly (readonly [bigint, Buckets])[],
    range: TimeRange,
    signal: AbortSignal,
  ): Promise<Known> {
    const fetch = async (sizeMs: RollupSizeMs): Promise<readonly [RollupSizeMs, ReadonlyMap<bigint, Buckets>]> => {
      const request = { tenants: inTenants(scope), ids: found.map(([id]) => id), range, facts: BUCKET_FACTS }
      return [sizeMs, await fetchBuckets(this.#client, { ...request, sizeMs, maxRows: MAX_SAMPLES }, signal)]
    }
    return new Map(await Promise.all(ROLLUP_SIZES_MS.map(fetch)))
  }

  async #seriesIn(scope: Scope, range: TimeRange, signal: AbortSignal): Promise<ReadonlyMap<string, bigint[]>> {
    const found = new Map<string, bigint[]>()
    const blocks = await queryBlocks(
      this.#client,
      sql`SELECT toString(tenant_id) AS tenant, id FROM series WHERE ${exactly(scope)} AND ${seenIn(range)}
      ORDER BY tenant, id LIMIT 1 BY tenant, id`,
      signal,
    )
    for (const block of blocks) {
      const [tenant, id] = [textOf(block, 'tenant'), bigintOf(block, 'id')]
      for (let row = 0; row < block.rows; row++) {
        const ids = found.get(tenant(row)) ?? []
        found.set(tenant(row), ids)
        ids.push(id(row))
      }
    }
    return found
  }

  /** The last day (since the epoch) on which something of the range arrived, by tenant: age counts from there. */
  async #arrivals(scope: Scope, range: TimeRange, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const rows = await queryJson<{ tenant: string; day: number }>(
      this.#client,
      sql`SELECT tenant_id AS tenant, toUInt32(max(received)) AS day FROM samples
      WHERE ${exactly(scope)} AND ${sampledIn(range)} GROUP BY tenant_id`,
      signal,
    )
    return new Map(rows.map(({ tenant, day }) => [tenant, day]))
  }

  /** Closed hours that are not rolled up. */
  async #unfilled(
    filled: ReadonlySet<number>,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly newest: number | undefined; readonly oldest: number; readonly count: number }> {
    const [row] = await queryJson<{ any: number; ms: number }>(
      this.#client,
      sql`SELECT toFloat64(toUnixTimestamp64Milli(min(time))) AS ms, toUInt8(count() > 0) AS any FROM samples`,
      signal,
    )
    const closed = Math.floor((nowMs - CLOSED_AFTER_MS) / MS_PER_HOUR)
    const oldest = row?.any === 1 ? Math.max(1, Math.ceil(row.ms / MS_PER_HOUR)) : closed + 1
    let newest: number | undefined
    let count = 0
    for (let hour = closed; hour >= oldest; hour--) {
      if (filled.has(hour)) continue
      newest ??= hour
      count += 1
    }
    return { newest, oldest, count }
  }

  /** Days since the epoch (UTC) of which there are samples. */
  async #daysWithSamples(signal: AbortSignal): Promise<ReadonlySet<number>> {
    const rows = await queryJson<{ day: number }>(
      this.#client,
      sql`SELECT toUInt32(toDate(time)) AS day, toUInt8(count() > 0) AS any FROM samples GROUP BY toDate(time)`,
      signal,
    )
    return new Set(rows.map(({ day }) => day))
  }

  async #engineTime(signal: AbortSignal): Promise<number> {
    const [row] = await queryJson<{ ms: number }>(
      this.#client,
      sql`SELECT toFloat64(toUnixTimestamp64Milli(now64(3))) AS ms`,
      signal,
    )
    return row?.ms ?? 0
  }
}

interface Roll {
  readonly first: number
  readonly last: number
  readonly tenants: Scope['tenants']
  /** Whether buckets of these hours are stored that may know more than the samples that are left. */
  readonly merge: boolean
  readonly nowMs: number
}

type Known = ReadonlyMap<RollupSizeMs, ReadonlyMap<bigint, Buckets>>

const IDLE: TurnResult = { did: 'idle', hours: 0, rows: 0 }
const MS_PER_DAY = 86_400_000

/** The small buckets, and the large ones made of them. */
function* sizesOf(
  id: bigint,
  found: Buckets,
  known: Known | undefined,
): Generator<{ readonly sizeMs: RollupSizeMs; readonly buckets: Buckets }> {
  const merged = (sizeMs: RollupSizeMs, buckets: Buckets): Buckets => {
    const stored = known?.get(sizeMs)?.get(id)
    return stored === undefined ? buckets : mergeBuckets(stored, buckets)
  }
  const small = merged(SMALL_MS, found)
  yield { sizeMs: SMALL_MS, buckets: small }
  for (const sizeMs of ROLLUP_SIZES_MS) {
    if (sizeMs !== SMALL_MS) yield { sizeMs, buckets: merged(sizeMs, coarserBuckets(small, sizeMs)) }
  }
}

/** These tenants and no others; joint tenants are among them by their own names. */
function exactly({ tenants }: Scope): ReturnType<typeof sql> {
  return tenants === 'all' ? sql.raw('true') : sql`tenant_id IN ${{ type: 'Array(String)', value: tenants }}`
}

function lagOf(filled: ReadonlySet<number>, nowMs: number): number {
  let newest = 0
  for (const hour of filled) newest = Math.max(newest, hour)
  return newest === 0 ? 0 : Math.max(0, nowMs - newest * MS_PER_HOUR)
}

/** The day (UTC) in which an hour ends, or, if it ends with the day, the next. */
function dayOf(hour: number): number {
  return Math.floor(hour / 24)
}

/** Whether the hour is the first of a day: the one before is in another partition. */
function isDayBreak(hour: number): boolean {
  return hour % 24 === 1
}
