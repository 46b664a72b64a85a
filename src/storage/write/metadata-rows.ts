import type { BatchContext } from './batch-context.ts'
import { Hash64 } from './hash64.ts'
import { hourOf } from './announced-hour.ts'
import { Sightings } from './sightings.ts'
import type { Tables } from './tables.ts'

/** What `metric_metadata` keeps of a metric family. */
export interface MetricMetadata {
  readonly name: string
  /** A word of OpenMetrics. */
  readonly type: string
  readonly unit: string
  readonly help: string
}

/** Writes a row of `metric_metadata` for each family once an hour. */
export class MetadataDirectory {
  readonly #sightings: Sightings
  readonly #hash = new Hash64()

  constructor(limit: number) {
    this.#sightings = new Sightings(limit)
  }

  /** Whether a row is due for the family that the key, a hash, stands for. Saying so counts as having written it. */
  isDue(batch: BatchContext, keyLow: number, keyHigh: number): boolean {
    const hash = this.#hash
    hash.start(keyLow, keyHigh)
    hash.text(batch.tenant)
    hash.finish()
    const hour = hourOf(batch.receivedAtMs)
    const found = this.#sightings.find(hash.low, hash.high)
    if (found >= 0 && this.#sightings.covers(found, hour, batch.receivedDay)) return false
    const entry = found >= 0 ? found : this.#sightings.add(hash.low, hash.high, hash.low, hash.high)
    this.#sightings.extend(entry, { hour, lastDay: Infinity }, hash.low, hash.high)
    return true
  }

  push(tables: Tables, batch: BatchContext, metadata: MetricMetadata): void {
    const row = tables.metadata.columns
    row.tenant_id.pushText(batch.tenant)
    row.name.pushText(metadata.name)
    row.type.pushText(metadata.type)
    row.unit.pushText(metadata.unit)
    row.help.pushText(metadata.help)
    row.last_seen.pushInteger(batch.receivedAtMs)
  }

  save(): void {
    this.#sightings.save()
  }

  restore(): void {
    this.#sightings.restore()
  }
}
