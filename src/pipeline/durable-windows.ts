/**
 * Source windows that outlive the process: a snapshot in a state file, and the log itself behind it. The snapshot says
 * up to which sequence of the log it knows every id; whatever the log holds from there on is read again at the start.
 *
 * The books of what came in (`ledger/`) are saved with them, exact as of the snapshot's position.
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
import type { BatchId, Envelope } from '../model/index.ts'
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
import { IntakeBooks, type SavedBooks } from './ledger/intake-books.ts'
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
  readonly books?: SavedBooks
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
  const position = saved?.epoch === durableLog.epoch ? saved.position : 0
  // A log that has lost its end begins again before what is counted: that goes on being owed.
  const books = new IntakeBooks(durableLog.epoch, Math.min(position, durableLog.durableEnd), {
    isNew: durableLog.nextSequence === 0,
    ...(saved?.books === undefined ? {} : { saved: saved.books }),
  })
  const undecodable = await replay(options, position, (envelope, sequence) => {
    if (envelope.id !== undefined) windows.add(envelope.id)
    books.logged(envelope, sequence)
  })
  log.info({ from: position, to: durableLog.durableEnd, undecodable }, 'source windows: restored')
  const durable = new DurableWindows(options, { windows, books, file })
  // A log that has lost its last records stands before the saved position, and other records will follow there.
  await durable.save().catch((reason: unknown) => {
    log.error({ error: messageOf(reason) }, 'source windows: cannot be saved')
  })
  return durable
}

interface OpenedWindows {
  readonly windows: SourceWindows
  readonly books: IntakeBooks
  readonly file: StateFile
}

export class DurableWindows implements Component {
  readonly name = 'source-windows'
  readonly #options: DurableWindowsOptions
  readonly books: IntakeBooks
  readonly #windows: SourceWindows
  readonly #inFlight = new InFlightIds()
  readonly #file: StateFile
  readonly #stop = new AbortController()
  #position = 0
  #saving: Promise<void> | undefined

  constructor(options: DurableWindowsOptions, opened: OpenedWindows) {
    this.#options = options
    this.books = opened.books
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

  /** Runs `append` with the batch's id claimed; when it has resolved, the id is added and the batch is in the books. */
  async append(envelope: Envelope, append: () => Promise<number>): Promise<void> {
    const { id } = envelope
    const settle = this.#inFlight.claim(id, this.#options.durableLog.nextSequence)
    try {
      const sequence = await append()
      if (id !== undefined) this.#windows.add(id)
      this.books.logged(envelope, sequence)
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
      const books = this.books.save(position)
      if (books === undefined) throw new AppError('unavailable', 'source windows: too many batches are under way')
      return { epoch: durableLog.epoch, position, books, ...this.#windows.save() } satisfies Snapshot
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

/** Shows the envelopes of all records from `from` on; returns how many records could not be decoded. */
async function replay(
  options: DurableWindowsOptions,
  from: number,
  show: (envelope: Envelope, sequence: number) => void,
): Promise<number> {
  const { durableLog, log, fs, clock } = options
  const extras = { ...(fs === undefined ? {} : { fs }), ...(clock === undefined ? {} : { clock }) }
  const reader = await openLogReader({ dir: durableLog.dir, durable: durableLog.durable, from, log, ...extras })
  const { signal } = new AbortController()
  let undecodable = 0
  try {
    while (reader.position < durableLog.durableEnd) {
      for (const record of await reader.next({ maxRecords: 10_000, maxBytes: REPLAY_BYTES, waitMs: 0, signal })) {
        undecodable += showEnvelope(record, show) ? 0 : 1
      }
    }
  } finally {
    await reader.close()
  }
  return undecodable
}

function showEnvelope(record: LogRecord, show: (envelope: Envelope, sequence: number) => void): boolean {
  let envelope: Envelope
  try {
    envelope = decodeRecord(record.bytes).envelope
  } catch (reason) {
    if (reason instanceof AppError && reason.code === 'corrupt') return false
    throw reason
  }
  show(envelope, record.sequence)
  return true
}

function parseSnapshot(value: unknown): Snapshot | undefined {
  if (typeof value !== 'object' || value === null || !('position' in value)) return undefined
  // Checksummed, and written by `save`: its shape needs no second check.
  return value as Snapshot
}
