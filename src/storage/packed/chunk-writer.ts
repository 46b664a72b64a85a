import type { StoreClient } from '../client.ts'
import { encodeTable } from '../write/encoded-block.ts'
import { PackedSampleColumns, Table } from '../write/tables.ts'

export interface ChunkRow {
  readonly tenant: string
  readonly metric: number
  readonly series: bigint
  readonly slot: number
  readonly part: number
  /** Copied. */
  readonly data: Uint8Array
  /** The last day of arrival of its samples, since the epoch. */
  readonly day: number
}

const ROWS_PER_INSERT = 200_000

/** Writes chunks; those with the highest version count. Inserts are awaited, so that what waits has a bound. */
export class ChunkWriter {
  readonly #client: StoreClient
  readonly #version: number
  readonly #table = new Table('packed_samples', new PackedSampleColumns())
  #inserts = 0
  #rows = 0

  constructor(client: StoreClient, version: number) {
    this.#client = client
    this.#version = version
  }

  add({ tenant, metric, series, slot, part, data, day }: ChunkRow): void {
    const { columns } = this.#table
    columns.tenant_id.pushText(tenant)
    columns.metric.push(metric)
    columns.series.pushLanes(Number(series & 0xffff_ffffn), Number(series >> 32n))
    columns.slot.push(slot)
    columns.part.push(part)
    columns.data.push(data)
    columns.version.pushInteger(this.#version)
    columns.received.push(day)
  }

  async flushIfLarge(signal: AbortSignal): Promise<void> {
    if (this.#table.block.rows >= ROWS_PER_INSERT) await this.#insert(signal)
  }

  /** Resolves with the number of rows when all of them are stored. */
  async finish(signal: AbortSignal): Promise<number> {
    await this.#insert(signal)
    return this.#rows
  }

  async #insert(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#table.block.rows === 0) return
    const { columns, rows, bytes } = encodeTable(this.#table)
    this.#inserts += 1
    // Whoever packs the same slots again begins with a new version: no two inserts have one token.
    const token = `packed ${String(process.pid)} ${String(this.#version)} ${String(this.#inserts)}`
    await this.#client.insertNative(this.#table.name, columns, bytes, token)
    this.#rows += rows
    this.#table.block.reset()
  }
}
