import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AppError, type ErrorCode, messageOf, systemCode } from '../core/index.ts'
import { type ActiveSegment, createSegment } from './active-segment.ts'
import { AppendQueue, type AppendRequest, type RecordParts } from './append-queue.ts'
import { type Cursor, openCursor } from './cursor.ts'
import { encodeFrameHeader, frameSeed, SEGMENT_HEADER_BYTES, segmentName } from './format.ts'
import { FrameScanner } from './frame-scanner.ts'
import type { Layout } from './layout.ts'
import { createLogMetrics, type LogLevels, type LogMetrics } from './log-metrics.ts'
import type { LogSettings } from './log-options.ts'
import type { Recovered, SegmentInfo } from './recovery.ts'
import { type SegmentFacts, SegmentList } from './segment-list.ts'

export interface LogStats extends LogLevels {
  /** When the oldest segment was begun, ms since the epoch; absent when that is unknown. */
  readonly oldestAtMs?: number
  /** Records that were found damaged when the log was opened. */
  readonly damagedRecords: number
  /** Bytes of an unfinished write found when the log was opened. */
  readonly tornBytes: number
  /** Files that were no segments of this log, moved to the quarantine when it was opened. */
  readonly movedAside: number
  /** Records deleted at the size limit before every reader was done with them, since the log was opened. */
  readonly droppedRecords: number
}

/** What `openLog` hands over. */
export interface OpenedLog {
  readonly settings: LogSettings
  readonly layout: Layout
  readonly recovered: Recovered
  readonly active: ActiveSegment | undefined
  readonly unlock: () => Promise<void>
}

const NO_SPACE: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

/**
 * The writer's side of the log; there is one in a process and a directory. Records are opaque. Nothing is held in
 * memory but what waits for its sync.
 */
export class DurableLog {
  /** Made anew with the directory; with a sequence it names a record for ever. */
  readonly epoch: string
  readonly dir: string
  /**
   * A `BigInt64Array` of one element: the sequence behind the last durable record. Readers in any thread go that far
   * and no further; `Atomics.wait` on it wakes when it grows.
   */
  readonly durable = new SharedArrayBuffer(8)
  readonly #mark = new BigInt64Array(this.durable)
  readonly #settings: LogSettings
  readonly #layout: Layout
  readonly #seed: number
  readonly #recovered: Recovered
  readonly #segments: SegmentList
  readonly #queue: AppendQueue
  readonly #metrics: LogMetrics
  readonly #cursors = new Map<string, Cursor>()
  readonly #unlock: () => Promise<void>
  #active: ActiveSegment | undefined
  /** Where the log stands, and the sequence of the next record: they differ until a torn end is left behind. */
  #end: number
  #next: number
  #released = 0
  #droppedRecords = 0
  /** Whether the last group failed: senders come back many times, and the log tells it once. */
  #failing = false
  #committing: Promise<void> | undefined
  #removing: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor({ settings, layout, recovered, active, unlock }: OpenedLog) {
    this.epoch = recovered.epoch
    this.dir = settings.dir
    this.#settings = settings
    this.#layout = layout
    this.#seed = frameSeed(recovered.epoch)
    this.#recovered = recovered
    this.#segments = new SegmentList(recovered.segments)
    this.#queue = new AppendQueue(settings)
    this.#metrics = createLogMetrics(settings.metrics, () => this.stats())
    this.#metrics.damaged.inc(recovered.tail?.damagedRecords ?? 0)
    this.#unlock = unlock
    this.#active = active
    this.#end = recovered.end
    this.#next = recovered.next
    this.#publish()
  }

  /** The lowest sequence that may still be in the log. */
  get firstSequence(): number {
    return this.#segments.oldest?.base ?? this.#next
  }

  /** The sequence behind the last durable record. */
  get durableEnd(): number {
    return this.#end
  }

  /** The sequence that the next record will get at the least. */
  get nextSequence(): number {
    return this.#next
  }

  /**
   * Appends one record, given as parts that must not be changed before this settles. Resolves with its sequence once
   * it is on disk. Rejects with `exhausted` (log or disk full, with `retryAfterMs`), `unavailable` (the disk fails) or
   * `too_large`; nothing was appended then.
   */
  append(parts: RecordParts): Promise<number> {
    return this.appendAll([parts])
  }

  /**
   * Appends records with consecutive sequences by one write and one sync; resolves with the first sequence. All or
   * none are acknowledged; a crash before that may leave some of the first ones.
   */
  async appendAll(records: readonly RecordParts[]): Promise<number> {
    try {
      if (this.#closed !== undefined) throw new AppError('unavailable', 'append: the log is closed')
      const durable = this.#queue.add(records, this.#freeBytes())
      this.#committing ??= this.#commitAll()
      return await durable
    } catch (reason) {
      const error = AppError.from(reason)
      this.#metrics.refused.inc({ code: error.code })
      throw error
    }
  }

  stats(): LogStats {
    const createdAtMs = this.#segments.oldest?.createdAtMs ?? 0
    return {
      bytes: this.#segments.bytes,
      limitBytes: this.#settings.maxBytes,
      records: this.#segments.countRecords(this.#end),
      segments: this.#segments.count,
      pendingBytes: this.#queue.bytes,
      ...(createdAtMs > 0 ? { oldestAtMs: createdAtMs } : {}),
      damagedRecords: this.#recovered.tail?.damagedRecords ?? 0,
      tornBytes: this.#recovered.tail?.tornBytes ?? 0,
      movedAside: this.#recovered.movedAside,
      droppedRecords: this.#droppedRecords,
    }
  }

  /** The segments, oldest first; the last one is appended to. */
  segments(): readonly SegmentFacts[] {
    return this.#segments.facts(this.#end)
  }

  /**
   * The cursor of a reader in this thread; `release` respects its position from now on. A new one begins with the
   * oldest record. A reader in another thread uses `openCursor` and tells its positions to whoever calls `release`.
   */
  async cursor(name: string): Promise<Cursor> {
    const { dir, fs, log } = this.#settings
    const known = this.#cursors.get(name)
    if (known !== undefined) return known
    const opened = await openCursor({ dir, name, fs, log, initial: this.firstSequence })
    const cursor = this.#cursors.get(name) ?? opened
    this.#cursors.set(name, cursor)
    return cursor
  }

  /**
   * Deletes the segments that nobody needs any more: those wholly below all of `positions` and of the cursors made by
   * `cursor`. The positions must have been committed before: what is deleted cannot be read again after a crash.
   */
  async release(positions: readonly number[] = []): Promise<void> {
    const all = [...positions, ...[...this.#cursors.values()].map((cursor) => cursor.position)]
    if (all.length === 0 || this.#closed !== undefined) return
    this.#released = Math.max(this.#released, Math.min(...all))
    try {
      await this.#remove(({ end }) => end <= Math.min(...all))
    } catch (reason) {
      throw AppError.from(reason, 'unavailable', `delete segments of ${this.#settings.dir}`)
    }
  }

  /** Waits for what is under way and lets the directory go. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed ??= this.#close()
    await this.#closed
  }

  async #close(): Promise<void> {
    await this.#committing
    await this.#removing
    try {
      await this.#active?.close()
    } finally {
      await this.#unlock()
    }
  }

  async #commitAll(): Promise<void> {
    const { clock, groupCommitMs } = this.#settings
    while (!this.#queue.isEmpty) {
      // Appends that arrive in the same turn of the event loop belong together in any case.
      await (groupCommitMs > 0 ? clock.sleep(groupCommitMs) : setImmediate())
      const group = this.#queue.takeGroup()
      await this.#commit(group)
    }
    this.#committing = undefined
  }

  /** Never rejects: each request of the group learns how it went. */
  async #commit(group: readonly AppendRequest[]): Promise<void> {
    const stop = this.#metrics.syncSeconds.startTimer()
    try {
      let sequence = await this.#write(group)
      this.#queue.settle(group)
      if (this.#failing) this.#settings.log.info('log: appends work again')
      this.#failing = false
      for (const request of group) {
        request.resolve(sequence)
        sequence += request.records.length
      }
    } catch (reason) {
      this.#queue.settle(group)
      const error = this.#toAppError(reason)
      if (!this.#failing) this.#settings.log.error({ error: error.message, code: error.code }, 'log: appends fail')
      this.#failing = true
      for (const request of group) request.reject(error)
    } finally {
      stop()
    }
  }

  /** Returns the sequence of the first record. */
  async #write(group: readonly AppendRequest[]): Promise<number> {
    const bytes = group.reduce((sum, request) => sum + request.bytes, 0)
    if (this.#settings.onFull === 'drop-oldest') await this.#dropFor(bytes)
    const segment = await this.#segmentToWrite()
    const first = this.#next
    const parts: Uint8Array[] = []
    let sequence = first
    for (const record of group.flatMap((request) => request.records)) {
      parts.push(encodeFrameHeader(sequence, record, this.#seed), ...record)
      sequence += 1
    }
    await segment.append(parts, bytes)
    this.#segments.setBytes(segment.base, segment.bytes)
    this.#metrics.appendedRecords.inc(sequence - first)
    this.#metrics.appendedBytes.inc(bytes)
    this.#next = sequence
    this.#end = sequence
    this.#publish()
    return first
  }

  async #segmentToWrite(): Promise<ActiveSegment> {
    const before = this.#active
    if (before !== undefined && !before.broken && before.bytes < this.#settings.segmentBytes) return before
    const { fs, clock } = this.#settings
    const header = { epoch: this.epoch, base: this.#next, continues: this.#end, createdAtMs: clock.now() }
    const created = await createSegment(fs, this.#layout.segments, header)
    // From here on the old segment ends where this one begins, whatever its file holds behind that.
    this.#active = created
    this.#segments.add({ ...header, bytes: created.bytes })
    this.#end = this.#next
    this.#publish()
    await this.#leave(before)
    return created
  }

  async #leave(segment: ActiveSegment | undefined): Promise<void> {
    if (segment === undefined) return
    if (segment.broken) await segment.cut()
    this.#segments.setBytes(segment.base, segment.base === this.#active?.base ? this.#active.bytes : segment.bytes)
    await segment.close().catch((reason: unknown) => {
      this.#settings.log.warn({ error: messageOf(reason) }, 'log: closing a segment failed')
    })
  }

  /** What the log may still grow by: it makes room for itself, or it leaves some for the header of a new segment. */
  #freeBytes(): number {
    const { maxBytes, onFull } = this.#settings
    return onFull === 'refuse' ? maxBytes - this.#segments.bytes - SEGMENT_HEADER_BYTES : Infinity
  }

  #publish(): void {
    Atomics.store(this.#mark, 0, BigInt(this.#end))
    Atomics.notify(this.#mark, 0)
  }

  async #dropFor(bytes: number): Promise<void> {
    const { maxBytes } = this.#settings
    await this.#remove(() => this.#segments.bytes + SEGMENT_HEADER_BYTES + bytes > maxBytes)
  }

  /** Deletes the oldest complete segments as long as the condition holds; one caller at a time. */
  #remove(goes: (oldest: { readonly segment: SegmentInfo; readonly end: number }) => boolean): Promise<void> {
    const removing = this.#removing.then(async () => {
      for (;;) {
        const oldest = this.#segments.oldestSealed
        if (oldest === undefined || !goes(oldest)) return
        const unread = Math.max(oldest.segment.base, this.#lowestPosition())
        if (unread < oldest.end) await this.#showDropped(oldest.segment, unread, oldest.end)
        await this.#settings.fs.remove(this.#pathOf(oldest.segment)).catch(ignoreAbsent)
        this.#segments.removeOldest()
        if (unread < oldest.end) this.#countDropped(unread, oldest.end)
      }
    })
    this.#removing = removing.catch(() => undefined)
    return removing
  }

  #countDropped(from: number, end: number): void {
    this.#droppedRecords += end - from
    this.#metrics.dropped.inc(end - from)
    this.#settings.log.warn({ first: from, last: end - 1 }, 'log: full, the oldest records were deleted unread')
  }

  /** Shows the records that go to whoever counts them by what they are; that they cannot be read changes nothing. */
  async #showDropped(segment: SegmentInfo, from: number, end: number): Promise<void> {
    const { fs, log, onDrop } = this.#settings
    if (onDrop === undefined) return
    try {
      const file = await fs.open(this.#pathOf(segment), 'read')
      try {
        const start = { offset: SEGMENT_HEADER_BYTES, sequence: segment.base }
        const scanner = new FrameScanner({ file, seed: this.#seed, ...start })
        for (let frame = await scanner.next(from, end); frame !== undefined; frame = await scanner.next(from, end)) {
          onDrop({ sequence: frame.sequence, bytes: frame.payload })
        }
      } finally {
        await file.close()
      }
    } catch (reason) {
      log.warn({ error: messageOf(reason) }, 'log: records to be deleted could not be read')
    }
  }

  #lowestPosition(): number {
    const positions = [...this.#cursors.values()].map((cursor) => cursor.position)
    return Math.max(this.#released, positions.length === 0 ? 0 : Math.min(...positions))
  }

  #pathOf(segment: SegmentInfo): string {
    return join(this.#layout.segments, segmentName(segment.base))
  }

  #toAppError(reason: unknown): AppError {
    if (reason instanceof AppError) return reason
    const code: ErrorCode = NO_SPACE.has(systemCode(reason)) ? 'exhausted' : 'unavailable'
    const { retryAfterMs, dir } = this.#settings
    return new AppError(code, `append to ${dir}: ${messageOf(reason)}`, { cause: reason, retryAfterMs })
  }
}

function ignoreAbsent(reason: unknown): void {
  if (systemCode(reason) !== 'ENOENT') throw reason
}
