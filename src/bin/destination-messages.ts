import type { DestinationSettings, ScrubSettings } from '../fleet/index.ts'
import type { Signal } from '../model/index.ts'
import type { Backfill, DropReason, LaneReport, SegmentStart } from '../pipeline/destination/index.ts'

/** What the hub gives the worker of one destination. */
export interface DestinationWorkerData {
  readonly name: string
  readonly settings: DestinationSettings
  /** Rules by which what goes there is scrubbed. */
  readonly scrub: readonly ScrubSettings[]
  readonly logDir: string
  /** How far the hub's log is durable. */
  readonly durable: SharedArrayBuffer
  /** Oldest first. */
  readonly segments: readonly SegmentStart[]
  readonly deadLetterDir: string
  readonly version: string
}

export type ToDestinationWorker =
  | { readonly type: 'drop'; readonly signal: Signal; readonly below: number; readonly reason: DropReason }
  | { readonly type: 'stop' }

export type FromDestinationWorker =
  | { readonly type: 'started'; readonly backfills: Partial<Record<Signal, Backfill>> }
  | { readonly type: 'report'; readonly lanes: readonly LaneReport[] }

/** Cursors of the hub's log that belong to destinations. */
export const DESTINATION_CURSOR = 'dest_'
export const cursorName = (destination: string, signal: Signal): string =>
  `${DESTINATION_CURSOR}${destination}_${signal}`
