/**
 * Source windows that outlive the process: a snapshot in a state file, and the log itself behind it. The snapshot says
 * up to which sequence of the log it knows every id; whatever the log holds from there on is read again at the start.
 *
 *  - An id is added only after its record is durable, so the windows never know more than the log has had.
 *  - The snapshot's position is never beyond a record whose id is not in it: claims that are not settled hold it back.
 *  - A segment is deleted only below that position. Otherwise a crash would forget the ids in it, and their senders,
 *    who may not have heard of our answer, would be let in a second time.
 */
import {
  AppError,
  type Clock,
  type Component,
  createMetrics,
  type Logger,
  messageOf,
  type Metrics,
  systemClock,
} from '../core/index.ts'
import type { BatchId } from '../model/index.ts'
import {
  type DurableLog,
  type FileSystem,
  type LogRecord,
  nodeFileSystem,
  openLogReader,
  openStateFile,
  type StateFile,
} from '../queue/index.ts'
import { InFlightIds } from './in-flight-ids.ts'
import { decodeRecord } from './record.ts'
import { DEFAULT_WINDOW_LIMITS, type SavedWindows, type SourceWindowLimits, SourceWindows } from './source-windows.ts'

const DEFAULT_SAVE_INTERVAL_MS = 10_000
const REPLAY_BYTES = 4 * 1024 * 1024

export interface DurableWindowsOptions {
  /** Where the snapshot is kept; made when it does not exist. */
  readonly dir: string
  readonly durableLog: DurableLog
  readonly limits?: SourceWindowLimits
  /** How often `start` saves a snapshot; default 10 s. It bounds what the next start has to read again. */
  readonly saveIntervalMs?: number
  readonly log: Logger
  readonly metrics?: Metrics
  readonly clock?: Clock
  readonly fs?: FileSystem
}

interface Snapshot extends SavedWindows {
  /** Of the log. */
  readonly epoch: string
  readonly position: number
}

/** Reads the snapshot and what the log holds behind it. */
export async function openSourceWindows(options: DurableWindowsOptions): Promise<DurableWindows> {
  const { dir, durableLog, log, limits = DEFAULT_WINDOW_LIMITS, fs = nodeFileSystem } = options
  await fs.makeDirectory(dir)
  const file = await openStateFile({ fs, directory: dir, name: 'source-windows' })
  if (file.damagedFiles > 0) log.warn({ dir }, 'source windows: snapshot damaged, the one before it is used')
  const saved = parseSnapshot(file.value)
  const windows = new SourceWindows(limits, saved)
  // The ids of a log that was replaced stay: their records were here. The position means nothing in the new one.
  const from = saved?.epoch === durableLog.epoch ? saved.position : 0
  const undecodable = await replay(options, windows, from)
  log.info({ from, to: durableLog.durableEnd, undecodable }, 'source windows: restored')
  const durable = new DurableWindows(options, { windows, file })
  // A log that has lost its last records stands before the saved position, and other records will follow there.
  await durable.save().catch((reason: unknown) => {
    log.error({ error: messageOf(reason) }, 'source windows: cannot be saved')
  })
  return durable
}

export class DurableWindows implements Component {
  readonly name = 'source-windows'
  readonly #options: DurableWindowsOptions
  readonly #windows: SourceWindows
  readonly #inFlight = new InFlightIds()
  readonly #file: StateFile
  readonly #stop = new AbortController()
  #position = 0
  #saving: Promise<void> | undefined

  constructor(options: DurableWindowsOptions, opened: { readonly windows: SourceWindows; readonly file: StateFile }) {
    this.#options = options
    this.#windows = opened.windows
    this.#file = opened.file
    const metrics = options.metrics ?? createMetrics()
    const forgotten = metrics.gauge(
      'fleetglass_source_windows_forgotten',
      'Senders, logs of senders and gaps given up to stay within the limits, since the start.',
      ['what'],
      () => {
        for (const [what, count] of Object.entries(this.#windows.forgotten)) forgotten.set({ what }, Number(count))
      },
    )
  }

  get windows(): SourceWindows {
    return this.#windows
  }

  /** The saved snapshot knows every id in the log below this sequence. */
  get position(): number {
    return this.#position
  }

  /** Resolves when a batch under way that overlaps the id has been appended or not; undefined when there is none. */
  overlapping(id: BatchId): Promise<void> | undefined {
    return this.#inFlight.overlapping(id)
  }

  /** Runs `append` with the id claimed, and adds the id when it has resolved. */
  async appendOnce(id: BatchId, append: () => Promise<unknown>): Promise<void> {
    const settle = this.#inFlight.claim(id, this.#options.durableLog.nextSequence)
    try {
      await append()
      this.#windows.add(id)
    } finally {
      settle()
    }
  }

  /** Saves a snapshot; resolves when it is on disk. */
  async save(): Promise<void> {
    const { durableLog } = this.#options
    let position = 0
    await this.#file.write(() => {
      position = Math.min(this.#inFlight.notBelow, durableLog.durableEnd)
      return { epoch: durableLog.epoch, position, ...this.#windows.save() } satisfies Snapshot
    })
    this.#position = position
  }

  /**
   * Deletes the segments of the log that neither its readers nor the windows need. `positions` are those of the readers
   * in other threads, as they have committed them.
   */
  async release(positions: readonly number[]): Promise<void> {
    if (this.#position < Math.min(...positions)) await this.save()
    await this.#options.durableLog.release([...positions, this.#position])
  }

  /** Saves a snapshot now and then. */
  start(): Promise<void> {
    this.#saving ??= this.#saveRegularly()
    return Promise.resolve()
  }

  /** Saves a last snapshot. */
  async shutdown(): Promise<void> {
    this.#stop.abort()
    await this.#saving
    await this.save()
  }

  async #saveRegularly(): Promise<void> {
    const { clock = systemClock, saveIntervalMs = DEFAULT_SAVE_INTERVAL_MS, log } = this.#options
    const { signal } = this.#stop
    for (;;) {
      await clock.sleep(saveIntervalMs, signal)
      if (signal.aborted) return
      await this.save().catch((reason: unknown) => {
        log.error({ error: messageOf(reason) }, 'source windows: cannot be saved')
      })
    }
  }
}

/** Adds the ids of all records from `from` on; returns how many records could not be decoded. */
async function replay(options: DurableWindowsOptions, windows: SourceWindows, from: number): Promise<number> {
  const { durableLog, log, fs, clock } = options
  const extras = { ...(fs === undefined ? {} : { fs }), ...(clock === undefined ? {} : { clock }) }
  const reader = await openLogReader({ dir: durableLog.dir, durable: durableLog.durable, from, log, ...extras })
  const { signal } = new AbortController()
  let undecodable = 0
  try {
    while (reader.position < durableLog.durableEnd) {
      for (const record of await reader.next({ maxRecords: 10_000, maxBytes: REPLAY_BYTES, waitMs: 0, signal })) {
        undecodable += addIdOf(record, windows) ? 0 : 1
      }
    }
  } finally {
    await reader.close()
  }
  return undecodable
}

function addIdOf(record: LogRecord, windows: SourceWindows): boolean {
  try {
    const { id } = decodeRecord(record.bytes).envelope
    if (id !== undefined) windows.add(id)
    return true
  } catch (reason) {
    if (reason instanceof AppError && reason.code === 'corrupt') return false
    throw reason
  }
}

function parseSnapshot(value: unknown): Snapshot | undefined {
  if (typeof value !== 'object' || value === null || !('position' in value)) return undefined
  // Checksummed, and written by `save`: its shape needs no second check.
  return value as Snapshot
}
