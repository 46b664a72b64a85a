import { AppError } from '../../../core/index.ts'
import type { FilelogContext } from './context.ts'
import type { Delivery } from './delivery.ts'
import { factsOfHandle, readHead, sameBytes } from './file-system.ts'
import { LineReader, type Window } from './line-reader.ts'
import type { TailedFile } from './tailed-file.ts'
import type { FileWatcher } from './watcher.ts'

/** How much of one file is read before the next has its turn. */
const TURN_BYTES = 64 * 1024
/** Room for what stands before the text of a line: time, stream, tags, or JSON. */
const FRAME_BYTES = 4 * 1024
const LINE_FEED = 0x0a

/**
 * Reads the lines of all files, some of each in turn, into batches. There is one buffer for all files: what follows the
 * last line feed is read again next time, so that the memory needed does not grow with the number of files.
 */
export class FileReader {
  readonly #context: FilelogContext
  readonly #watcher: FileWatcher
  readonly #delivery: Delivery
  readonly #lines: LineReader
  readonly #buffer: Buffer

  constructor(context: FilelogContext, watcher: FileWatcher, delivery: Delivery) {
    this.#context = context
    this.#watcher = watcher
    this.#delivery = delivery
    this.#lines = new LineReader(context)
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(TURN_BYTES, context.config.maxLineSize) + FRAME_BYTES)
  }

  /**
   * Gives every file with news a turn. Full batches are handed over at once, the last one when all files are read to
   * their end. True when there is more to read. Rejects with `cancelled` when stopped while a batch waits.
   */
  async round(): Promise<boolean> {
    let more = false
    for (const tail of [...this.#watcher.tails.values()]) {
      if (this.#context.signal.aborted) break
      try {
        more = (await this.#turn(tail)) || more
      } catch (reason) {
        if (reason instanceof AppError) throw reason
        this.#context.reportError('read', tail.location, reason)
      }
      if (this.#delivery.isDue(this.#context.clock.now())) await this.#delivery.handOver()
    }
    if (!more) await this.#delivery.handOver()
    return more
  }

  /** True when the file has more to read. */
  async #turn(tail: TailedFile): Promise<boolean> {
    if (!tail.hasNews) {
      if (this.#isComplete(tail)) await this.#finish(tail)
      return false
    }
    if (!(await this.#watcher.ensureOpen(tail)) || tail.handle === undefined) return false
    const status = tail.status
    await this.#checkHead(tail)
    const window = await this.#fill(tail, TURN_BYTES)
    await this.#readLines(tail, window)
    const readTo = window.offset + window.bytes.length
    if (readTo < status.size) return true
    // What was read beyond the size known is not news either, unless the file changes again.
    tail.readTo = status.size === readTo ? status : undefined
    if (tail.readTo === undefined) await this.#refresh(tail, readTo)
    return false
  }

  /** The file grew while it was read. */
  async #refresh(tail: TailedFile, readTo: number): Promise<void> {
    const facts = tail.handle === undefined ? undefined : await factsOfHandle(tail.handle)
    if (facts === undefined) return
    tail.status = facts
    tail.lastGrowthMs = this.#context.clock.now()
    if (facts.size === readTo) tail.readTo = facts
  }

  /** A file that does not begin as it did, or is shorter than what was read, was cut off and written anew. */
  async #checkHead(tail: TailedFile): Promise<void> {
    if (tail.handle === undefined) return
    const head = await readHead(tail.handle)
    const begins = head.length >= tail.head.length && sameBytes(head.subarray(0, tail.head.length), tail.head)
    if (begins && tail.status.size >= tail.position) {
      if (head.length > tail.head.length) tail.head = head
      return
    }
    await this.#watcher.truncated(tail, head)
  }

  async #fill(tail: TailedFile, bytes: number): Promise<Window> {
    const length = Math.min(bytes, this.#buffer.length)
    const result = await tail.handle?.read(this.#buffer, 0, length, tail.position)
    const window = { bytes: this.#buffer.subarray(0, result?.bytesRead ?? 0), offset: tail.position }
    const full = window.bytes.length === length && length < this.#buffer.length
    return full && !window.bytes.includes(LINE_FEED) ? this.#fill(tail, this.#buffer.length) : window
  }

  async #readLines(tail: TailedFile, window: Window): Promise<void> {
    const { bytes } = window
    let start = 0
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start)
      if (end < 0) break
      if (tail.skipping) tail.skipping = false
      else this.#take(tail, window, start, end)
      start = end + 1
      this.#advance(tail, window.offset + start)
      if (this.#delivery.isFull) await this.#delivery.handOver()
    }
    if (start === 0 && bytes.length === this.#buffer.length) this.#skipTooLong(tail, window)
  }

  #take(tail: TailedFile, window: Window, start: number, end: number): void {
    const record = this.#lines.read(tail, window, start, end)
    if (record !== undefined) this.#delivery.add(tail, record)
  }

  /** The buffer holds no line feed: what it holds becomes a record, the rest of the line is skipped. */
  #skipTooLong(tail: TailedFile, window: Window): void {
    if (!tail.skipping) this.#delivery.add(tail, this.#lines.readTooLong(window))
    tail.skipping = true
    this.#advance(tail, window.offset + window.bytes.length)
  }

  #advance(tail: TailedFile, position: number): void {
    this.#context.meters.readBytes.inc({ receiver: this.#context.name }, position - tail.position)
    tail.position = position
    tail.unsaved = true
  }

  #isComplete(tail: TailedFile): boolean {
    if (tail.detachedAtMs === undefined) return false
    const quietSince = Math.max(tail.detachedAtMs, tail.lastGrowthMs)
    return this.#context.clock.now() - quietSince >= this.#context.config.rotateWait
  }

  /** Nobody writes to it any more: a last line without a line feed is a line, a partial line is all there is. */
  async #finish(tail: TailedFile): Promise<void> {
    const window = await this.#fill(tail, this.#buffer.length)
    if (window.bytes.length > 0) {
      if (!tail.skipping) this.#take(tail, window, 0, window.bytes.length)
      this.#advance(tail, window.offset + window.bytes.length)
    }
    for (const record of this.#lines.flush(tail)) this.#delivery.add(tail, record)
    tail.finished = true
    tail.unsaved = true
    await this.#delivery.handOver()
    await this.#watcher.release(tail)
  }
}
