import type { Batch } from '../../model/index.ts'

/** A record of the log that can never be stored. */
export interface UnstorableRecord {
  /** Of the log that the record comes from. */
  readonly epoch: string
  readonly sequence: number
  /** The record as the log has it. */
  readonly bytes: Uint8Array
  /** What it holds; absent when it is no batch. */
  readonly batch?: Batch
  /** `corrupt`, `undecodable`, `refused_by_engine`. */
  readonly reason: string
  readonly message: string
}

/** Where records go that cannot be stored, so that they block nobody and are not lost. */
export interface UnstorableRecords {
  /** Resolves when the record is safe, or counted as given up. Throws `cancelled` when the signal aborts. */
  keep(record: UnstorableRecord, signal: AbortSignal): Promise<void>
}
