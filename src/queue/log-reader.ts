import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { AppError, type Clock, type Logger, silentLogger, systemClock, systemCode } from '../core/index.ts'
import { type FileSystem, type OpenFile, readFully } from './file-system.ts'
import { decodeSegmentHeader, frameSeed, parseSegmentName, SEGMENT_HEADER_BYTES, segmentName } from './format.ts'
import { type Frame, FrameScanner } from './frame-scanner.ts'
import { epochIn, layoutOf, openMeta } from './layout.ts'
import type { LogRecord } from './log-options.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { Quarantine } from './quarantine.ts'
import { readableParts } from './readable-parts.ts'
import { WindowPool } from './window-pool.ts'

const LONGEST_POLL_MS = 20
/** So often the disk is asked for the same bytes before they count as damaged. */
const READ_ATTEMPTS = 5

/** Sequences `from` to `to` (exclusive) that a reader wanted and that are not there. */
export interface LogGap {
  readonly from: number
  readonly to: number
  /**
   * `removed`: their segment was deleted; `damaged`: the bytes are there, or were, and make no sense; `skipped`: the
   * log left them out when it went on behind a torn end, and nothing acknowledged ever had them.
   */
  readonly reason: 'removed' | 'damaged' | 'skipped'
}

export interface LogReaderOptions {
  /** The directory of the log. */
  readonly dir: string
  /** `DurableLog.durable`, or a function that tells the same. Nothing at or behind it is read. */
  readonly durable: SharedArrayBuffer | (() => number)
  /** The first sequence wanted. */
  readonly from: number
  readonly onGap?: (gap: LogGap) => void
  /** Use memory again: records are then valid until `recycle` says that they are done with. Default false. */
  readonly recycles?: boolean
  readonly log?: Logger
  readonly clock?: Clock
  readonly fs?: FileSystem
}

export interface NextOptions {
  readonly maxRecords: number
  /** Of payload; a single record may be larger. */
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** How long to wait for the first record; default: until the signal aborts. */
  readonly waitMs?: number
}

/** Opens a reader, in any thread: it shares nothing with the writer but the directory and the durable mark. */
export async function openLogReader(options: LogReaderOptions): Promise<LogReader> {
  const fs = options.fs ?? nodeFileSystem
  const epoch = epochIn(await openMeta(fs, layoutOf(options.dir)))
  if (epoch === undefined) throw new AppError('not_found', `read log: there is none in ${options.dir}`)
  return new LogReader(options, epoch)
}

interface OpenSegment {
  readonly base: number
  readonly file: OpenFile
  readonly scanner: FrameScanner
}

/**
 * Reads records in order and holds no more of the log than it returns. One call at a time. What cannot be read is
 * passed over and told to `onGap`; the log goes on behind it.
 */
export class LogReader {
  /** Of the log that is read. */
  readonly epoch: string
  readonly #fs: FileSystem
  readonly #clock: Clock
  readonly #segmentsDirectory: string
  readonly #quarantine: Quarantine
  readonly #durable: () => number
  readonly #onGap: (gap: LogGap) => void
  readonly #pool: WindowPool | undefined
  #position: number
  #open: OpenSegment | undefined
  /** Bases of the segments, as listed when the durable mark stood at `#listedAt`. */
  #bases: readonly number[] = []
  #listedAt = -1
  /** The frames of the open segment are those below this sequence. */
  #below = 0
  /** Calls of `next` that have failed since the last one that did not. */
  #failures = 0

  constructor(options: LogReaderOptions, epoch: string) {
    const layout = layoutOf(options.dir)
    this.epoch = epoch
    this.#fs = options.fs ?? nodeFileSystem
    this.#clock = options.clock ?? systemClock
    this.#segmentsDirectory = layout.segments
    this.#quarantine = new Quarantine(this.#fs, layout.quarantine, options.log ?? silentLogger())
    this.#durable = typeof options.durable === 'function' ? options.durable : markReader(options.durable)
    this.#onGap = options.onGap ?? ((): void => undefined)
    this.#pool = options.recycles === true ? new WindowPool() : undefined
    this.#position = options.from
  }

  /** The sequence behind everything that `next` has returned or passed over: what to commit when that is dealt with. */
  get position(): number {
    return this.#position
  }

  /**
   * The next records; waits for the first. Empty when `waitMs` is over, when the signal aborts, or when all that was
   * there is gone or damaged: `position` may have moved then too. Throws `unavailable` when the disk cannot be read;
   * the call should be repeated after a while. If it keeps failing, what cannot be read is passed over as damaged.
   */
  async next(options: NextOptions): Promise<readonly LogRecord[]> {
    await this.#waitForRecords(options)
    // Loaded once: everything below it was complete before we list a directory or read a byte.
    const durable = this.#durable()
    const records: LogRecord[] = []
    let bytes = 0
    try {
      while (records.length < options.maxRecords && this.#position < durable && !options.signal.aborted) {
        const frame = this.#readyFrame(durable) ?? (await this.#nextFrame(durable))
        if (frame === undefined) continue
        if (records.length > 0 && bytes + frame.payload.length > options.maxBytes) {
          this.#open?.scanner.stepBack(frame)
          break
        }
        this.#position = frame.sequence + 1
        bytes += frame.payload.length
        records.push({ sequence: frame.sequence, bytes: frame.payload })
      }
      this.#failures = 0
    } catch (reason) {
      // What was read before is good, and the position stands behind it: the failure will be met again.
      if (records.length > 0) return records
      this.#failures += 1
      await this.#closeSegment()
      throw AppError.from(reason, 'unavailable', `read log from ${String(this.#position)}`)
    }
    return records
  }

  /** Goes to another place; records below the oldest are reported as a gap by the next call of `next`. */
  async seek(sequence: number): Promise<void> {
    await this.#closeSegment()
    this.#pool?.forget()
    this.#position = sequence
  }

  /** The memory of records below this sequence may be used again. Does nothing for a reader that does not recycle. */
  recycle(below: number): void {
    this.#pool?.recycle(below)
  }

  async close(): Promise<void> {
    await this.#closeSegment()
  }

  async #waitForRecords({ signal, waitMs = Infinity }: NextOptions): Promise<void> {
    const until = this.#clock.now() + waitMs
    for (let pollMs = 1; this.#durable() <= this.#position && !signal.aborted; pollMs *= 2) {
      const leftMs = until - this.#clock.now()
      if (leftMs <= 0) return
      await this.#clock.sleep(Math.min(pollMs, LONGEST_POLL_MS, leftMs), signal)
    }
  }

  /** The next frame where it is in memory already, and the directory was listed for this mark. */
  #readyFrame(durable: number): Frame | undefined {
    return this.#listedAt === durable ? this.#open?.scanner.ready(this.#position, this.#below) : undefined
  }

  /** The next frame below the durable mark; undefined when only the position has moved, over a gap. */
  async #nextFrame(durable: number): Promise<Frame | undefined> {
    await this.#list(durable)
    const segment = await this.#segmentAtPosition(durable)
    if (segment === undefined) return undefined
    const following = this.#bases.find((base) => base > segment.base) ?? Infinity
    this.#below = Math.min(following, durable)
    const frame = await segment.scanner.next(this.#position, this.#below)
    if (frame === undefined) {
      await this.#leaveSegment(segment, following, durable)
      return undefined
    }
    if (frame.sequence > this.#position) this.#report(frame.sequence, 'damaged')
    if (frame.damagedFrom !== undefined) {
      await this.#quarantine.keepCopy(segment.file, { base: segment.base, from: frame.damagedFrom, to: frame.offset })
    }
    return frame
  }

  /**
   * A segment ends where the next one begins, whatever its file holds, so that no frame may be taken from it before
   * we know of that one. The next one is in the directory before the mark passes its base.
   */
  async #list(durable: number): Promise<void> {
    if (this.#listedAt === durable) return
    const names = await this.#fs.list(this.#segmentsDirectory)
    const bases = names.map(parseSegmentName).filter((base) => base !== undefined)
    this.#bases = bases.sort((a, b) => a - b)
    this.#listedAt = durable
  }

  async #segmentAtPosition(durable: number): Promise<OpenSegment | undefined> {
    const base = this.#bases.findLast((candidate) => candidate <= this.#position)
    if (base === undefined) {
      this.#report(Math.min(this.#bases[0] ?? durable, durable), 'removed')
      return undefined
    }
    if (this.#open?.base === base) return this.#open
    await this.#closeSegment()
    try {
      this.#open = await this.#openSegment(base)
    } catch (reason) {
      if (systemCode(reason) !== 'ENOENT') throw reason
      // Deleted since it was listed.
      this.#listedAt = -1
      return undefined
    }
    return this.#open
  }

  async #openSegment(base: number): Promise<OpenSegment> {
    const file = await this.#openFile(base)
    try {
      const header = decodeSegmentHeader(await readFully(file, Buffer.alloc(SEGMENT_HEADER_BYTES), 0))
      // Without its header, a segment is searched from its first byte.
      const offset = header === undefined ? 0 : SEGMENT_HEADER_BYTES
      const seed = frameSeed(this.epoch)
      return { base, file, scanner: new FrameScanner({ file, seed, offset, sequence: base, pool: this.#pool }) }
    } catch (reason) {
      await file.close()
      throw reason
    }
  }

  async #openFile(base: number): Promise<OpenFile> {
    const file = await this.#fs.open(join(this.#segmentsDirectory, segmentName(base)), 'read')
    return this.#failures < READ_ATTEMPTS ? file : readableParts(file)
  }

  /** The segment has nothing more below the mark: what is missing up to the next segment, or to the mark, is lost. */
  async #leaveSegment(segment: OpenSegment, following: number, durable: number): Promise<void> {
    if (following > durable) {
      this.#report(durable, 'damaged')
      return
    }
    const continues = await this.#continuesOf(following)
    const from = segment.scanner.offset
    const to = await segment.file.size()
    if (this.#position < continues && from < to) {
      await this.#quarantine.keepCopy(segment.file, { base: segment.base, from, to })
    }
    this.#report(Math.min(continues, following), 'damaged')
    this.#report(following, 'skipped')
  }

  async #continuesOf(base: number): Promise<number> {
    try {
      const file = await this.#openFile(base)
      try {
        return decodeSegmentHeader(await readFully(file, Buffer.alloc(SEGMENT_HEADER_BYTES), 0))?.continues ?? base
      } finally {
        await file.close()
      }
    } catch (reason) {
      if (systemCode(reason) !== 'ENOENT') throw reason
      return base
    }
  }

  #report(to: number, reason: LogGap['reason']): void {
    if (to <= this.#position) return
    const gap = { from: this.#position, to, reason }
    this.#position = to
    this.#onGap(gap)
  }

  async #closeSegment(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    open?.scanner.forget()
    await open?.file.close()
  }
}

function markReader(durable: SharedArrayBuffer): () => number {
  const mark = new BigInt64Array(durable)
  return () => Number(Atomics.load(mark, 0))
}
