import { METRIC_NAME } from '../../model/index.ts'
import type { MapColumn } from '../native/array-columns.ts'
import type { StringColumn } from '../native/string-column.ts'
import type { BatchContext } from './batch-context.ts'
import { Hash64 } from './hash64.ts'
import { hourEndMs, hourOf, hourStartMs } from './announced-hour.ts'
import { Sightings } from './sightings.ts'
import type { Tables } from './tables.ts'

/** Who knows the labels of a series, asked only when they are needed: for a new series, and once an hour. */
export interface SeriesSource {
  /** With `__name__`, without empty values, canonical labels in. Undefined when they are no valid set. */
  labels(): ReadonlyMap<string, string> | undefined
}

/**
 * The directory of series: finds a series' id by a cheap key (a hash of the bytes that name it, as the sender wrote
 * them), and writes a row of `series` when it is new or seen in an hour for which there is none yet.
 */
export class SeriesDirectory {
  /** The id that `resolve` found. */
  idLow = 0
  idHigh = 0
  readonly #sightings: Sightings
  readonly #hash = new Hash64()

  constructor(limit: number) {
    this.#sightings = new Sightings(limit)
  }

  /** Finds the id of the series behind the key. False when its source has no valid labels. */
  resolve(tables: Tables, batch: BatchContext, key: SeriesKey, source: SeriesSource): boolean {
    const sightings = this.#sightings
    const hour = hourOf(key.ms, key.low)
    const entry = sightings.find(key.low, key.high)
    if (entry >= 0 && sightings.covers(entry, hour, batch.receivedDay)) {
      this.idLow = sightings.idLow(entry)
      this.idHigh = sightings.idHigh(entry)
      return true
    }
    const labels = source.labels()
    if (labels === undefined) return false
    const sorted = sortLabels(labels)
    hashLabels(this.#hash, batch.tenant, sorted)
    this.idLow = this.#hash.low
    this.idHigh = this.#hash.high
    const known = entry >= 0 ? entry : sightings.add(key.low, key.high, this.idLow, this.idHigh)
    const lastDay = lastDayOf(batch)
    sightings.extend(known, { hour, lastDay }, key.low, key.high)
    this.#announce(tables, batch, sorted)
    const row = tables.series.columns
    row.first_seen.pushInteger(hourStartMs(sightings.firstHour(known), key.low))
    row.last_seen.pushInteger(hourEndMs(sightings.lastHour(known), key.low))
    row.received.push(lastDay)
    return true
  }

  save(): void {
    this.#sightings.save()
  }

  restore(): void {
    this.#sightings.restore()
  }

  #announce(tables: Tables, batch: BatchContext, sorted: readonly LabelPair[]): void {
    const row = tables.series.columns
    row.tenant_id.pushText(batch.tenant)
    row.name.pushText(sorted.find(([name]) => name === METRIC_NAME)?.[1] ?? '')
    row.id.pushLanes(this.idLow, this.idHigh)
    row.cluster.pushText(batch.identity.cluster)
    pushLabels(row.labels, sorted)
    row.hub_received_at.pushInteger(batch.receivedAtMs)
  }
}

/** What a series is looked up by: 64 bits of hash, and the time of its sample. Reused from sample to sample. */
export interface SeriesKey {
  readonly low: number
  readonly high: number
  readonly ms: number
}

/** The directory of log streams. */
export class StreamDirectory {
  idLow = 0
  idHigh = 0
  #sorted: readonly LabelPair[] = []
  readonly #sightings: Sightings
  readonly #hash = new Hash64()

  constructor(limit: number) {
    this.#sightings = new Sightings(limit)
  }

  /** Turns to the stream with these labels. */
  begin(batch: BatchContext, labels: ReadonlyMap<string, string>): void {
    this.#sorted = sortLabels(labels)
    hashLabels(this.#hash, batch.tenant, this.#sorted)
    this.idLow = this.#hash.low
    this.idHigh = this.#hash.high
  }

  /** Notes that the stream has a record at this time. */
  see(tables: Tables, batch: BatchContext, ms: number): void {
    const sightings = this.#sightings
    const hour = hourOf(ms, this.idLow)
    const found = sightings.find(this.idLow, this.idHigh)
    if (found >= 0 && sightings.covers(found, hour, batch.receivedDay)) return
    const entry = found >= 0 ? found : sightings.add(this.idLow, this.idHigh, this.idLow, this.idHigh)
    const lastDay = lastDayOf(batch)
    sightings.extend(entry, { hour, lastDay }, this.idLow, this.idHigh)
    const row = tables.logStreams.columns
    row.tenant_id.pushText(batch.tenant)
    row.id.pushLanes(this.idLow, this.idHigh)
    row.cluster.pushText(batch.identity.cluster)
    pushLabels(row.labels, this.#sorted)
    row.first_seen.pushInteger(hourStartMs(sightings.firstHour(entry), this.idLow))
    row.last_seen.pushInteger(hourEndMs(sightings.lastHour(entry), this.idLow))
    row.received.push(lastDay)
  }

  save(): void {
    this.#sightings.save()
  }

  restore(): void {
    this.#sightings.restore()
  }
}

/** A row is good for the next day as well, so that live ids need none at midnight: they have a new one each hour. */
function lastDayOf(batch: BatchContext): number {
  return batch.receivedDay + 1
}

type LabelPair = readonly [name: string, value: string]

function sortLabels(labels: ReadonlyMap<string, string>): readonly LabelPair[] {
  return [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The id: a hash of the tenant and all labels in order. It is on disk, so it never changes. */
function hashLabels(hash: Hash64, tenant: string, sorted: readonly LabelPair[]): void {
  hash.start()
  hash.text(tenant)
  for (const [name, value] of sorted) {
    hash.text(name)
    hash.text(value)
  }
  hash.finish()
}

function pushLabels(column: MapColumn<StringColumn, StringColumn>, sorted: readonly LabelPair[]): void {
  for (const [name, value] of sorted) {
    if (name === METRIC_NAME) continue
    column.keys.pushText(name)
    column.values.pushText(value)
  }
  column.endRow()
}
