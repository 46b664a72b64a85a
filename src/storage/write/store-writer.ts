import { type Clock, type Logger, messageOf, type Metrics } from '../../core/index.ts'
import { type Batch, type LedgerSource, sourceOf } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import type { StoreChanges } from '../store-changes.ts'
import type { StoreRecord } from './batch-context.ts'
import { BlockBuffers } from './block-buffers.ts'
import { BlockInserter } from './block-inserter.ts'
import type { UnstorableRecords } from './unstorable.ts'
import type { EncodedBlock } from './encoded-block.ts'
import type { FlushPlan, FlushRange } from './flush-plan.ts'
import { encodeLate, encodeLateHours, encodeLateSlots } from './late-rows.ts'
import { Ledger } from './ledger.ts'
import { PieceStore, type Refusal } from './piece-store.ts'
import { type BatchOutcome, Transcoder, type TranscoderOptions } from './transcoder.ts'
import { createWriterMetrics, type WriterMetrics } from './writer-metrics.ts'

/** A record of the durable log. */
export interface LoggedRecord {
  readonly sequence: number
  readonly bytes: Uint8Array
}

/** What a stored batch was. */
export interface StoredBatch {
  readonly source: LedgerSource
  readonly items: number
  /** Of these, by reason. */
  readonly rejected: ReadonlyMap<string, number>
  /** From when the first program of ours took it in until it could be queried. */
  readonly lagMs: number
}

export interface StoreWriterOptions {
  readonly client: Pick<StoreClient, 'insertNative'>
  /** Throws AppError `corrupt`. */
  readonly decodeRecord: (bytes: Uint8Array) => Batch
  /** Where records go that cannot be stored. */
  readonly unstorable: UnstorableRecords
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly transcoding?: TranscoderOptions
  /** Told of what was written; absent where nobody asks. */
  readonly changes?: StoreChanges
}

/** Records transcoded and ready to be inserted. Only the writer that made it looks into it. */
export interface PreparedFlush {
  readonly records: readonly LoggedRecord[]
  readonly blocks: readonly EncodedBlock[]
  readonly outcomes: readonly BatchOutcome[]
  /** Names of those whose series are among the blocks. */
  readonly metrics: readonly string[]
  /** Records that are no batches at all. */
  readonly corrupt: readonly CorruptRecord[]
  readonly transcoder: Transcoder
}

interface CorruptRecord {
  readonly sequence: number
  readonly message: string
}

/**
 * Writes records of the durable log into the engine, exactly once as long as the caller repeats unfinished plans as
 * they were. Transcoding and inserting are apart, so that the next flush is made ready while one is under way.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions
  readonly #transcoding: TranscoderOptions
  readonly #metrics: WriterMetrics
  readonly #inserter: BlockInserter
  readonly #buffers = new BlockBuffers()
  #transcoder: Transcoder

  constructor(options: StoreWriterOptions) {
    this.#options = options
    this.#transcoding = options.transcoding ?? {}
    this.#transcoder = new Transcoder(this.#transcoding)
    this.#metrics = createWriterMetrics(options.metrics, () => this.#transcoder)
    this.#inserter = new BlockInserter({ ...options, failures: this.#metrics.failures })
  }

  /** Transcodes records. Flushes must be stored in the order in which they were prepared. */
  prepare(records: readonly LoggedRecord[]): PreparedFlush {
    const endTimer = this.#metrics.flushSeconds.startTimer({ stage: 'transcode' })
    const { decoded, corrupt } = this.#decode(records)
    const { blocks, outcomes, metrics } = this.#transcoder.transcode(decoded, this.#buffers)
    endTimer()
    return { records, blocks, outcomes, metrics, corrupt, transcoder: this.#transcoder }
  }

  /**
   * Inserts a prepared flush, waiting for the engine as long as it takes. What can never be stored goes to the dead
   * letters. Resolves when all else is stored and can be queried; throws `cancelled` when the signal aborts.
   */
  async store(flush: PreparedFlush, plan: FlushPlan, signal: AbortSignal): Promise<readonly StoredBatch[]> {
    // Made ready before the transcoder was replaced: it left out what its rows took for announced.
    const fresh = flush.transcoder === this.#transcoder ? flush : this.prepare(flush.records)
    const endTimer = this.#metrics.flushSeconds.startTimer({ stage: 'insert' })
    const refusals = await this.#storeBlocks(fresh, plan, signal)
    this.#tellOfChanges(fresh)
    await this.#keepUnstorable(fresh, plan.range, refusals, signal)
    const outcomes = fresh.outcomes.map((outcome) => withRefusal(outcome, refusals))
    await this.#noteLate(outcomes, plan.range, signal)
    const nowMs = await this.#storeLedger(outcomes, plan.range, signal)
    endTimer()
    for (const block of fresh.blocks) {
      this.#metrics.rows.inc({ table: block.table }, block.rows)
      // Not where storing was broken off: an insert that nobody waits for may still read its block.
      this.#buffers.giveBack(block)
    }
    return outcomes.map((outcome) => this.#report(outcome, nowMs))
  }

  /** Forgets what was prepared and not stored. For callers that begin again at an earlier record. */
  reset(): void {
    this.#transcoder = new Transcoder(this.#transcoding)
  }

  #decode(records: readonly LoggedRecord[]): { decoded: readonly StoreRecord[]; corrupt: readonly CorruptRecord[] } {
    const decoded: StoreRecord[] = []
    const corrupt: CorruptRecord[] = []
    for (const { sequence, bytes } of records) {
      try {
        decoded.push({ sequence, batch: this.#options.decodeRecord(bytes) })
      } catch (reason) {
        corrupt.push({ sequence, message: messageOf(reason) })
      }
    }
    return { decoded, corrupt }
  }

  async #storeBlocks(
    flush: PreparedFlush,
    plan: FlushPlan,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Refusal>> {
    const pieces = new PieceStore({ inserter: this.#inserter, plan, transcoding: this.#transcoding, signal })
    const records = flush.outcomes.map(({ record }) => record)
    for (const block of flush.blocks) await pieces.store(block, records)
    // What was set aside was announced and added up for nothing: begin with a memory that does not know of it.
    if (pieces.wasSplit) this.reset()
    return pieces.refusals
  }

  async #keepUnstorable(
    flush: PreparedFlush,
    { epoch }: FlushRange,
    refusals: ReadonlyMap<number, Refusal>,
    signal: AbortSignal,
  ): Promise<void> {
    const keep = async (sequence: number, reason: string, message: string, batch?: Batch): Promise<void> => {
      const bytes = flush.records.find((record) => record.sequence === sequence)?.bytes ?? new Uint8Array(0)
      const about = { epoch, sequence, bytes, reason, message, ...(batch === undefined ? {} : { batch }) }
      await this.#options.unstorable.keep(about, signal)
    }
    for (const { sequence, message } of flush.corrupt) await keep(sequence, 'corrupt', message)
    for (const { record, error } of flush.outcomes) {
      const refusal = refusals.get(record.sequence)
      if (error !== undefined) await keep(record.sequence, 'undecodable', error.message, record.batch)
      else if (refusal !== undefined) {
        await keep(record.sequence, 'refused_by_engine', refusal.message, record.batch)
      }
    }
  }

  #tellOfChanges({ blocks, metrics }: PreparedFlush): void {
    const { changes } = this.#options
    changes?.wroteSeries(metrics)
    if (blocks.some(({ table }) => table === 'histograms')) changes?.wrote('histograms')
  }

  /** After the samples, so that who has not read of them here cannot have counted on them. */
  async #noteLate(outcomes: readonly BatchOutcome[], range: FlushRange, signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.clock.now()
    for (const [block, what] of [
      [encodeLateSlots(outcomes, nowMs), 'late-slots'],
      [encodeLateHours(outcomes, nowMs), 'late-hours'],
      [encodeLate(outcomes, range, nowMs), 'late'],
    ] as const) {
      if (block === undefined) continue
      const token = `${range.epoch}:${String(range.first)}-${String(range.last)}:${what}`
      const { stored } = await this.#inserter.insert(block, token, signal)
      if (stored && what === 'late-slots') this.#options.changes?.wrote('slots')
      if (stored) continue
      this.#options.log.error(
        { token },
        'the engine refuses to note what came late; kept results, rollups and packed samples lack it',
      )
    }
  }

  /** The ledger comes last: what stands in it is stored. Returns the time at which that was so. */
  async #storeLedger(outcomes: readonly BatchOutcome[], range: FlushRange, signal: AbortSignal): Promise<number> {
    const ledger = new Ledger()
    for (const outcome of outcomes) ledger.add(outcome)
    const nowMs = this.#options.clock.now()
    const block = ledger.encode(range, nowMs)
    if (block === undefined) return nowMs
    const token = `${range.epoch}:${String(range.first)}-${String(range.last)}:ledger`
    const { stored } = await this.#inserter.insert(block, token, signal)
    if (!stored) this.#options.log.error({ token }, 'the engine refuses the ledger; what it would tell is stored')
    return nowMs
  }

  #report({ record, rejected }: BatchOutcome, nowMs: number): StoredBatch {
    const { signal, identity, items, collectedAtMs } = record.batch.envelope
    const { cluster } = identity
    for (const [reason, count] of rejected) {
      this.#metrics.rejected.inc({ source_cluster: cluster, signal, reason }, count)
    }
    const lagMs = Math.max(0, nowMs - collectedAtMs)
    this.#metrics.lagSeconds.observe({ signal }, lagMs / 1000)
    return { source: sourceOf(record.batch.envelope), items, rejected, lagMs }
  }
}

/** The outcome of a batch whose rows the engine did not take: none of its items is stored. */
function withRefusal(outcome: BatchOutcome, refusals: ReadonlyMap<number, Refusal>): BatchOutcome {
  if (refusals.get(outcome.record.sequence)?.losesItems !== true) return outcome
  return {
    ...outcome,
    rows: 0,
    oldestMs: Infinity,
    slots: new Set(),
    rejected: new Map([['refused_by_engine', outcome.record.batch.envelope.items]]),
  }
}
