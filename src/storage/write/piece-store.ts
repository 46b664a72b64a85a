import type { StoreRecord } from './batch-context.ts'
import type { BlockInserter } from './block-inserter.ts'
import type { EncodedBlock } from './encoded-block.ts'
import type { FlushPlan } from './flush-plan.ts'
import { Transcoder, type TranscoderOptions } from './transcoder.ts'

/** Why the engine has refused a record's rows, and whether those were its items. */
export interface Refusal {
  readonly message: string
  readonly losesItems: boolean
}

/** Tables whose rows are the items themselves. The rest are directories. */
const ITEM_TABLES: ReadonlySet<string> = new Set(['samples', 'histograms', 'logs', 'spans'])

export interface PieceStoreOptions {
  readonly inserter: BlockInserter
  readonly plan: FlushPlan
  readonly transcoding: TranscoderOptions
  readonly signal: AbortSignal
}

/**
 * Stores the tables of one flush. A block that the engine refuses for good is halved, by sequence, until the record is
 * found that it is about; all others are stored. Each refusal is persisted before its halves are tried: were it not,
 * a crash in between could bring the whole once more, under its own token, after a half is in.
 */
export class PieceStore {
  readonly refusals = new Map<number, Refusal>()
  /** Whether anything was refused, now or before. */
  wasSplit = false
  readonly #options: PieceStoreOptions
  readonly #refused: Set<string>

  constructor(options: PieceStoreOptions) {
    this.#options = options
    this.#refused = new Set(options.plan.refused)
  }

  /** Stores the block, which the records of the whole range make. */
  async store(block: EncodedBlock, records: readonly StoreRecord[]): Promise<void> {
    const { first, last } = this.#options.plan.range
    await this.#store({ table: block.table, first, last, records }, block)
  }

  async #store(piece: Piece, block: EncodedBlock): Promise<void> {
    const { inserter, plan, signal } = this.#options
    const bounds = `${String(piece.first)}-${String(piece.last)}`
    const name = `${piece.table}:${bounds}`
    let message = 'refused by the engine'
    if (!this.#refused.has(name)) {
      const outcome = await inserter.insert(block, `${plan.range.epoch}:${bounds}:${piece.table}`, signal)
      if (outcome.stored) return
      message = outcome.error.message
      this.#refused.add(name)
      await plan.onRefused([...this.#refused])
    }
    this.wasSplit = true
    const [only] = piece.records
    if (only !== undefined && piece.records.length === 1) this.#setAside(only, piece.table, message)
    else for (const half of halve(piece)) await this.#storeHalf(half)
  }

  /** A half is transcoded on its own, knowing nothing of what came before: its rows say more than they need to. */
  async #storeHalf(half: Piece): Promise<void> {
    const { blocks } = new Transcoder(this.#options.transcoding).transcode(half.records)
    const block = blocks.find(({ table }) => table === half.table)
    if (block !== undefined) await this.#store(half, block)
  }

  #setAside(record: StoreRecord, table: string, message: string): void {
    const before = this.refusals.get(record.sequence)
    const losesItems = ITEM_TABLES.has(table) || before?.losesItems === true
    this.refusals.set(record.sequence, { message, losesItems })
  }
}

/** Some records of one table. */
interface Piece {
  readonly table: string
  readonly first: number
  readonly last: number
  readonly records: readonly StoreRecord[]
}

/** By sequence, not by number of records: a repeated flush must come to the same halves even if it finds fewer. */
function halve({ table, first, last, records }: Piece): readonly Piece[] {
  const middle = Math.floor((first + last) / 2)
  return [
    { table, first, last: middle, records: records.filter(({ sequence }) => sequence <= middle) },
    { table, first: middle + 1, last, records: records.filter(({ sequence }) => sequence > middle) },
  ].filter((piece) => piece.records.length > 0)
}
