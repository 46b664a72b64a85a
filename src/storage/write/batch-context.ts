import type { Batch, Envelope, Identity } from '../../model/index.ts'
import { ProtoReader } from '../../wire/index.ts'
import { SLOT_MS } from '../packed/slots.ts'

/** A batch as the durable log numbers it. */
export interface StoreRecord {
  /** The log's sequence: the version of its samples. */
  readonly sequence: number
  readonly batch: Batch
}

const MS_PER_DAY = 86_400_000

/** Items further ahead of the time of receipt than this are refused: their sender's clock is wrong. */
const MAX_FUTURE_MS = 10 * 60_000

/** The oldest time that can be stored: ClickHouse's DateTime64 begins here. */
export const OLDEST_STORABLE_MS = Date.UTC(1900, 0, 1)

/**
 * Why an item could not become a row. The words stand in the ledger and in metrics, beside `refused_by_engine` for
 * batches that became rows which the engine does not take.
 */
export type RejectReason =
  | 'undecodable'
  | 'no_time'
  | 'too_new'
  | 'too_old'
  | 'no_name'
  | 'no_value'
  | 'no_sum'
  | 'bad_labels'
  | 'bad_id'
  | 'bad_histogram'
  | 'bad_temporality'
  | 'delta_out_of_order'

/** What is known of a batch while its payload is walked over, and what becomes of its items. */
export class BatchContext {
  readonly sequence: number
  readonly envelope: Envelope
  readonly identity: Identity
  readonly tenant: string
  readonly receivedAtMs: number
  /** The same as days since the epoch, UTC. */
  readonly receivedDay: number
  readonly reader: ProtoReader
  /** Rows of samples, histograms, logs or spans; not those of series and other directories. */
  rows = 0
  /** The oldest time of those accepted; Infinity if there was none. */
  oldestMs = Infinity
  /** The slots of those accepted, by their ends: n is the end of (n - 1, n], in slots since the epoch. */
  readonly slots = new Set<number>()
  readonly rejected = new Map<RejectReason, number>()
  readonly #latestMs: number
  #slotEndMs = -Infinity

  constructor(record: StoreRecord) {
    const { envelope, payload } = record.batch
    this.sequence = record.sequence
    this.envelope = envelope
    this.identity = envelope.identity
    this.tenant = envelope.identity.tenant
    this.receivedAtMs = envelope.receivedAtMs
    this.receivedDay = Math.floor(envelope.receivedAtMs / MS_PER_DAY)
    this.reader = new ProtoReader(payload)
    this.#latestMs = envelope.receivedAtMs + MAX_FUTURE_MS
  }

  reject(reason: RejectReason, items = 1): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + items)
  }

  /** Whether the time lies between the oldest and the newest that are stored. */
  isStorable(ms: number): boolean {
    return ms >= OLDEST_STORABLE_MS && ms <= this.#latestMs
  }

  /** Whether the time can be stored; if not, the item is counted as rejected. */
  acceptsTime(ms: number): boolean {
    const isAccepted = this.#checkTime(ms)
    if (!isAccepted) return false
    if (ms < this.oldestMs) this.oldestMs = ms
    if (ms > this.#slotEndMs || ms <= this.#slotEndMs - SLOT_MS) this.#noteSlot(ms)
    return true
  }

  #noteSlot(ms: number): void {
    const slot = Math.ceil(ms / SLOT_MS)
    this.#slotEndMs = slot * SLOT_MS
    this.slots.add(slot)
  }

  #checkTime(ms: number): boolean {
    if (ms > this.#latestMs) {
      this.reject('too_new')
      return false
    }
    if (ms < OLDEST_STORABLE_MS) {
      this.reject('too_old')
      return false
    }
    return true
  }
}
