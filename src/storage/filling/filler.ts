import type { Scope, TimeRange } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql } from '../sql.ts'
import type { FillKind } from './fill-kind.ts'
import { filledUnits, lateUnits, markFilled, unquietUnits } from './fill-state.ts'

export interface TurnResult {
  /** `idle`: there was nothing to do. `late`: samples had come late for units that were done before. */
  readonly did: 'idle' | 'new' | 'late'
  readonly units: number
  readonly rows: number
}

/** What there is to do. */
export interface FillBacklog {
  /** Closed units that are not done. */
  readonly newUnits: number
  /** Units of tenants that have to be done again, counted up to a limit. */
  readonly lateUnits: number
  /** How long the newest closed unit that is done has been over. */
  readonly lagMs: number
}

/** What is to be done in a turn: units that follow each other, of one day. */
export interface FillStretch {
  readonly scope: Scope
  readonly range: TimeRange
  /** Whether they were done before, and may know more than the samples that are left. */
  readonly again: boolean
  /** A higher one than that of any turn before. */
  readonly version: number
}

export interface FillResult {
  readonly samples: number
  /** Written. */
  readonly rows: number
}

/** Does the work of a turn: reads samples and writes what is made of them. Done twice it gives the same. */
export type FillWork = (stretch: FillStretch, signal: AbortSignal) => Promise<FillResult>

/** Of the engine's clock: so much it may be set back without a late sample being overlooked. */
const CLOCK_SLACK_MS = 10_000
/** A turn is to read about so many samples. */
const SAMPLES_PER_TURN = 20_000_000
const MAX_PER_TURN_MS = 24 * 3_600_000
const MAX_LATE_UNITS = 1_000
const MAX_EMPTY_UNITS = 1_000_000
/** Late samples are waited for, but not for ever. */
const MAX_WAIT_MS = 1_800_000
const MS_PER_DAY = 86_400_000

export interface FillerOptions {
  /** Instead of the kind's. */
  readonly quietMs?: number
}

/**
 * Makes something of all samples, a part of a day a turn: of what came late and of the newest units in turns. All that
 * it has done is in the store; a turn that is broken off is done again from its beginning, and gives the same rows.
 */
export class Filler {
  readonly kind: FillKind
  readonly #client: StoreClient
  readonly #work: FillWork
  readonly #quietMs: number
  readonly #unitsPerDay: number
  #lastDid: TurnResult['did'] = 'idle'
  #filled: Set<number> | undefined
  /** Samples in a unit, as it was in the last turn. */
  #perUnit: number
  backlog: FillBacklog = { newUnits: 0, lateUnits: 0, lagMs: 0 }

  constructor(client: StoreClient, kind: FillKind, work: FillWork, { quietMs = kind.quietMs }: FillerOptions = {}) {
    this.#client = client
    this.kind = kind
    this.#work = work
    this.#quietMs = quietMs
    this.#unitsPerDay = MS_PER_DAY / kind.unitMs
    // Until it is known, few units are done at once.
    this.#perUnit = SAMPLES_PER_TURN / 4
  }

  /** Does what is most urgent. When it rejects nothing is lost; the caller tries again. */
  async turn(signal: AbortSignal): Promise<TurnResult> {
    const result = await this.#next(signal)
    this.#lastDid = result.did
    return result
  }

  async #next(signal: AbortSignal): Promise<TurnResult> {
    const nowMs = await this.#engineTime(signal)
    this.#filled ??= await filledUnits(this.#client, this.kind, signal)
    const rule = { limit: MAX_LATE_UNITS, quietSinceMs: nowMs - this.#quietMs, waitedSinceMs: nowMs - MAX_WAIT_MS }
    const late = await lateUnits(this.#client, this.kind, rule, signal)
    const unquiet =
      this.kind.waitsForQuiet && this.#quietMs > 0
        ? await unquietUnits(this.#client, this.kind, rule.quietSinceMs, signal)
        : NONE
    const unfilled = await this.#unfilled({ filled: this.#filled, unquiet, nowMs }, signal)
    this.backlog = {
      newUnits: unfilled.count,
      lateUnits: late.reduce((sum, { units }) => sum + units.length, 0),
      lagMs: this.#lagOf(this.#filled, nowMs),
    }
    const first = late[0]
    const { newest, oldest } = unfilled
    // In turns, so that a cluster whose samples always come late does not keep all others waiting.
    if (first !== undefined && (newest === undefined || this.#lastDid !== 'late')) {
      return await this.#again(first.tenant, first.units, nowMs, signal)
    }
    if (newest === undefined) return IDLE
    return await this.#new({ filled: this.#filled, unquiet, newest, oldest, nowMs }, signal)
  }

  /** Units for which samples of the tenant came late: as many as follow each other, from the newest back. */
  async #again(tenant: string, units: readonly number[], nowMs: number, signal: AbortSignal): Promise<TurnResult> {
    const last = units.at(-1) ?? 0
    let first = last
    while (units.includes(first - 1) && last - first + 1 < this.#unitsPerTurn && !this.#isDayBreak(first)) first -= 1
    const rows = await this.#do({ first, last, tenants: [tenant], again: true, nowMs }, signal)
    await markFilled(this.#client, this.kind, { first, last, tenant, atMs: nowMs - this.#slackMs })
    return { did: 'late', units: last - first + 1, rows }
  }

  async #new({ filled, unquiet, newest, oldest, nowMs }: Candidates, signal: AbortSignal): Promise<TurnResult> {
    const days = await this.#daysWithSamples(signal)
    const isEmpty = (unit: number): boolean => !days.has(this.#dayOf(unit - 1)) && !days.has(this.#dayOf(unit))
    const empty = isEmpty(newest)
    const most = empty ? MAX_EMPTY_UNITS : this.#unitsPerTurn
    let first = newest
    while (
      first > oldest &&
      newest - first + 1 < most &&
      !filled.has(first - 1) &&
      !unquiet.has(first - 1) &&
      isEmpty(first - 1) === empty
    ) {
      if (!empty && this.#isDayBreak(first)) break
      first -= 1
    }
    const rows = empty ? 0 : await this.#do({ first, last: newest, tenants: 'all', again: false, nowMs }, signal)
    await markFilled(this.#client, this.kind, { first, last: newest, tenant: '', atMs: nowMs - this.#slackMs })
    for (let unit = first; unit <= newest; unit++) filled.add(unit)
    return { did: 'new', units: newest - first + 1, rows }
  }

  async #do({ first, last, tenants, again, nowMs }: Units, signal: AbortSignal): Promise<number> {
    const { unitMs } = this.kind
    const range = { startMs: (first - 1) * unitMs, endMs: last * unitMs }
    const stretch = { scope: { tenants }, range, again, version: Math.floor(nowMs) }
    const { samples, rows } = await this.#work(stretch, signal)
    this.#perUnit = Math.max(1, samples / (last - first + 1))
    return rows
  }

  /** What was noted shortly before is taken for unknown. Nothing is looked at that soon, so this repeats no work. */
  get #slackMs(): number {
    return Math.min(CLOCK_SLACK_MS, this.#quietMs)
  }

  get #unitsPerTurn(): number {
    const most = MAX_PER_TURN_MS / this.kind.unitMs
    return Math.max(1, Math.min(most, Math.floor(SAMPLES_PER_TURN / this.#perUnit)))
  }

  /** Closed units that are not done, without those of which samples are coming in. */
  async #unfilled(
    { filled, unquiet, nowMs }: Pick<Candidates, 'filled' | 'unquiet' | 'nowMs'>,
    signal: AbortSignal,
  ): Promise<{ readonly newest: number | undefined; readonly oldest: number; readonly count: number }> {
    const { unitMs, closedAfterMs } = this.kind
    const [row] = await queryJson<{ any: number; ms: number }>(
      this.#client,
      sql`SELECT toFloat64(toUnixTimestamp64Milli(min(time))) AS ms, toUInt8(count() > 0) AS any FROM samples`,
      signal,
    )
    const closed = Math.floor((nowMs - closedAfterMs) / unitMs)
    const oldest = row?.any === 1 ? Math.max(1, Math.ceil(row.ms / unitMs)) : closed + 1
    let newest: number | undefined
    let count = 0
    for (let unit = closed; unit >= oldest; unit--) {
      if (filled.has(unit)) continue
      count += 1
      if (!unquiet.has(unit)) newest ??= unit
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

  #lagOf(filled: ReadonlySet<number>, nowMs: number): number {
    let newest = 0
    for (const unit of filled) newest = Math.max(newest, unit)
    return newest === 0 ? 0 : Math.max(0, nowMs - newest * this.kind.unitMs)
  }

  /** The day (UTC) in which a unit ends, or, if it ends with the day, the next. */
  #dayOf(unit: number): number {
    return Math.floor(unit / this.#unitsPerDay)
  }

  /** Whether the unit is the first of a day: the one before is in another partition. */
  #isDayBreak(unit: number): boolean {
    return unit % this.#unitsPerDay === 1
  }
}

interface Candidates {
  readonly filled: Set<number>
  readonly unquiet: ReadonlySet<number>
  readonly newest: number
  readonly oldest: number
  readonly nowMs: number
}

interface Units {
  readonly first: number
  readonly last: number
  readonly tenants: Scope['tenants']
  readonly again: boolean
  readonly nowMs: number
}

const IDLE: TurnResult = { did: 'idle', units: 0, rows: 0 }
const NONE: ReadonlySet<number> = new Set()
