import type { Buckets, RollupSizeMs } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { encodeTable } from '../write/encoded-block.ts'
import { RollupColumns, Table } from '../write/tables.ts'
import { bucketTable } from './bucket-table.ts'

export interface SeriesRows {
  readonly tenant: string
  readonly id: bigint
  /** The last day of arrival of its samples, since the epoch. */
  readonly day: number
  readonly sizeMs: RollupSizeMs
  readonly buckets: Buckets
}

const ROWS_PER_INSERT = 200_000

/** Writes buckets; those with the highest version count. Inserts are awaited, so that what waits has a bound. */
export class BucketWriter {
  readonly #client: StoreClient
  readonly #version: number
  readonly #tables = new Map<string, Table<RollupColumns>>()
  #inserts = 0
  #rows = 0

  constructor(client: StoreClient, version: number) {
    this.#client = client
    this.#version = version
  }

  async add({ tenant, id, day, sizeMs, buckets }: SeriesRows, signal: AbortSignal): Promise<void> {
    const name = bucketTable(sizeMs)
    const table = this.#tables.get(name) ?? new Table(name, new RollupColumns())
    this.#tables.set(name, table)
    const { columns } = table
    const [low, high] = [Number(id & 0xffff_ffffn), Number(id >> 32n)]
    for (let i = 0; i < buckets.endMs.length; i++) {
      const endMs = buckets.endMs[i] ?? 0
      const startMs = endMs - sizeMs
      const hasSamples = buckets.count[i] !== 0
      columns.tenant_id.pushText(tenant)
      columns.series.pushLanes(low, high)
      columns.bucket.push(endMs / 1000)
      columns.count.push(buckets.count[i] ?? 0)
      columns.stale.push(buckets.stale[i] ?? 0)
      columns.ends_stale.push(buckets.endsStale[i] ?? 0)
      columns.first_at.push(hasSamples ? (buckets.firstMs[i] ?? 0) - startMs : 0)
      columns.last_at.push(hasSamples ? (buckets.lastMs[i] ?? 0) - startMs : 0)
      columns.first.pushDouble(buckets.first[i] ?? 0)
      columns.last.pushDouble(buckets.last[i] ?? 0)
      columns.min.pushDouble(buckets.min[i] ?? 0)
      columns.max.pushDouble(buckets.max[i] ?? 0)
      columns.sum.pushDouble(buckets.sum[i] ?? 0)
      columns.dropped.pushDouble(buckets.dropped[i] ?? 0)
      columns.resets.push(buckets.resets[i] ?? 0)
      columns.changes.push(buckets.changes[i] ?? 0)
      columns.version.pushInteger(this.#version)
      columns.received.push(day)
    }
    if (table.block.rows >= ROWS_PER_INSERT) await this.#insert(table, signal)
  }

  /** Resolves with the number of rows when all of them are stored. */
  async finish(signal: AbortSignal): Promise<number> {
    for (const table of this.#tables.values()) await this.#insert(table, signal)
    return this.#rows
  }

  async #insert(table: Table<RollupColumns>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (table.block.rows === 0) return
    const { columns, rows, bytes } = encodeTable(table)
    this.#inserts += 1
    // Whoever rolls the same hours up again begins with a new version: no two inserts have one token.
    const token = `rollup ${String(process.pid)} ${String(this.#version)} ${String(this.#inserts)}`
    await this.#client.insertNative(table.name, columns, bytes, token)
    this.#rows += rows
    table.block.reset()
  }
}
