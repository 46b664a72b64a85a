import type { Clock, Logger } from '../../core/index.ts'
import { type Cursor, openCursor, openLogReader } from '../../queue/index.ts'
import { decodeRecord } from '../record.ts'

/** A segment of the log: its first sequence and when it was begun (ms since the epoch, 0 if unknown). */
export interface SegmentStart {
  readonly base: number
  readonly createdAtMs: number
}

export interface StartOptions {
  readonly dir: string
  readonly durable: SharedArrayBuffer
  /** Oldest first. */
  readonly segments: readonly SegmentStart[]
  /** The cursor's name. */
  readonly name: string
  /** How far back a new cursor begins; 0 is with what comes next. */
  readonly backfillMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** How far a new destination's past goes. */
export interface Backfill {
  readonly askedFromMs: number
  /** When the first record was received that the log still holds of it; absent if there is none. */
  readonly fromMs?: number
}

export interface Start {
  readonly cursor: Cursor
  /** Only for a cursor that is new. */
  readonly backfill?: Backfill
}

const NEW = -1

/** Opens a destination's cursor. A new one is put where its past begins, and saved: a restart goes on from there. */
export async function openStart(options: StartOptions): Promise<Start> {
  const { dir, name, log, backfillMs, clock, durable } = options
  const cursor = await openCursor({ dir, name, initial: NEW, log })
  if (cursor.position !== NEW) return { cursor }
  const end = Number(Atomics.load(new BigInt64Array(durable), 0))
  if (backfillMs === 0) {
    await cursor.commit(end)
    return { cursor }
  }
  const askedFromMs = clock.now() - backfillMs
  const found = await findFirst(options, askedFromMs, end)
  await cursor.commit(found?.sequence ?? end)
  return { cursor, backfill: { askedFromMs, ...(found === undefined ? {} : { fromMs: found.receivedAtMs }) } }
}

interface FoundRecord {
  readonly sequence: number
  readonly receivedAtMs: number
}

/** The first record that was received at that time or later. */
async function findFirst(options: StartOptions, fromMs: number, end: number): Promise<FoundRecord | undefined> {
  const { dir, durable, segments, log } = options
  // Records are in the order of their receipt but for moments: the segment before the one that begins later has it.
  const before = segments.findLast(({ createdAtMs }) => createdAtMs <= fromMs) ?? segments[0]
  const reader = await openLogReader({ dir, durable, from: before?.base ?? 0, log })
  const { signal } = new AbortController()
  try {
    while (reader.position < end) {
      for (const { sequence, bytes } of await reader.next({
        maxRecords: 1_000,
        maxBytes: 4 << 20,
        signal,
        waitMs: 0,
      })) {
        const receivedAtMs = receivedAtOf(bytes)
        if (receivedAtMs !== undefined && receivedAtMs >= fromMs) return { sequence, receivedAtMs }
      }
    }
    return undefined
  } finally {
    await reader.close()
  }
}

function receivedAtOf(record: Uint8Array): number | undefined {
  try {
    return decodeRecord(record).envelope.receivedAtMs
  } catch {
    // What is no batch has no time; the lane counts it.
    return undefined
  }
}
