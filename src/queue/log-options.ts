import { AppError, type Clock, createMetrics, type Logger, type Metrics, systemClock } from '../core/index.ts'
import type { FileSystem } from './file-system.ts'
import { FRAME_HEADER_BYTES } from './format.ts'
import { nodeFileSystem } from './node-file-system.ts'

const MIB = 1024 * 1024
const LONGEST_GROUP_COMMIT_MS = 5
/** A full log is emptied segment by segment, so it must always consist of several. */
const LEAST_SEGMENTS = 4

/** What a reader of the log gets. */
export interface LogRecord {
  readonly sequence: number
  /** A view of memory that is never written again. */
  readonly bytes: Uint8Array
}

export interface LogOptions {
  /** Made when it does not exist. */
  readonly dir: string
  /** On disk, for all segments together. */
  readonly maxBytes: number
  /** What happens at `maxBytes`: appends fail with `exhausted`, or the oldest segment goes, read or not. */
  readonly onFull: 'refuse' | 'drop-oldest'
  /** A new segment is begun above this; default 64 MiB, never more than a quarter of `maxBytes`. */
  readonly segmentBytes?: number
  /** Larger records are refused with `too_large`; default 32 MiB, never more than a quarter of `maxBytes`. */
  readonly maxRecordBytes?: number
  /** Bytes accepted but not yet synced, in memory; above it appends fail with `exhausted`. Default 64 MiB. */
  readonly maxPendingBytes?: number
  /**
   * How long a sync waits for company, 0 to 5. Default 0: whatever arrives while one sync runs shares the next, which
   * makes groups as large as the disk is slow.
   */
  readonly groupCommitMs?: number
  /** What `exhausted` tells senders to wait. Default 1000. */
  readonly retryAfterMs?: number
  /** Called for each record that `drop-oldest` deletes before all readers were done with it. Must not throw. */
  readonly onDrop?: (record: LogRecord) => void
  readonly log: Logger
  readonly metrics?: Metrics
  readonly clock?: Clock
  readonly fs?: FileSystem
}

export interface LogSettings extends Required<Omit<LogOptions, 'onDrop'>> {
  readonly onDrop: ((record: LogRecord) => void) | undefined
  /** The most that one write to a segment may hold. */
  readonly maxGroupBytes: number
}

/** Checks the options and fills in the defaults. */
export function completeOptions(options: LogOptions): LogSettings {
  const { groupCommitMs = 0, maxBytes } = options
  const share = Math.floor(maxBytes / LEAST_SEGMENTS)
  if (!(groupCommitMs >= 0 && groupCommitMs <= LONGEST_GROUP_COMMIT_MS)) {
    throw new AppError('invalid', `log ${options.dir}: groupCommitMs ${String(groupCommitMs)} is not in 0 to 5`)
  }
  if (!(share > FRAME_HEADER_BYTES)) throw new AppError('invalid', `log ${options.dir}: maxBytes is too small`)
  const maxRecordBytes = Math.min(options.maxRecordBytes ?? 32 * MIB, share - FRAME_HEADER_BYTES)
  const maxGroupBytes = Math.max(8 * MIB, maxRecordBytes + FRAME_HEADER_BYTES)
  return {
    ...options,
    segmentBytes: Math.min(options.segmentBytes ?? 64 * MIB, share),
    maxRecordBytes,
    maxGroupBytes,
    maxPendingBytes: options.maxPendingBytes ?? 64 * MIB,
    groupCommitMs,
    retryAfterMs: options.retryAfterMs ?? 1000,
    onDrop: options.onDrop,
    metrics: options.metrics ?? createMetrics(),
    clock: options.clock ?? systemClock,
    fs: options.fs ?? nodeFileSystem,
  }
}
