/**
 * Walks over the frames of one segment file without ever holding more of it than a window (or one record).
 *
 * Frames stand in sequence without holes, so the scanner always knows which one must come next. Where something else
 * stands, it searches on, byte by byte, for a header that is undamaged *and* whose sequence the lost bytes can
 * explain: N lost bytes held at most N/24 frames. That keeps a block that was written to the wrong place (a copy of
 * an earlier or a later one) from being taken for what should stand there, and its neighbours from being lost for it.
 * Only if the rest of the file has no such header, a header further ahead will do (bytes were cut out of the file).
 */
import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { type OpenFile, readFully } from './file-system.ts'
import { decodeFrameHeader, FRAME_HEADER_BYTES, FRAME_MAGIC } from './format.ts'
import type { WindowPool } from './window-pool.ts'

const DEFAULT_WINDOW_BYTES = 1024 * 1024
const NOTHING = Buffer.alloc(0)

export interface Frame {
  readonly sequence: number
  /** A view of a window. Without a pool it may be kept, and keeps the window alive; else until the pool is told. */
  readonly payload: Uint8Array
  readonly offset: number
  readonly endOffset: number
  /** Where damaged bytes before this frame begin; absent when there are none. */
  readonly damagedFrom?: number
}

export interface FrameScannerOptions {
  readonly file: OpenFile
  readonly seed: number
  /** Where the first frame should stand, and its sequence. */
  readonly offset: number
  readonly sequence: number
  readonly windowBytes?: number
  /** Where windows come from and go to; without one each is new. */
  readonly pool?: WindowPool | undefined
}

interface Located {
  readonly sequence: number
  readonly offset: number
  readonly endOffset: number
}

export class FrameScanner {
  readonly #file: OpenFile
  readonly #seed: number
  readonly #windowBytes: number
  readonly #pool: WindowPool | undefined
  #offset: number
  #expected: number
  #window: Buffer = NOTHING
  #windowAt = 0
  /** The limit of the call under way, and the one that held when the window was read. */
  #below = -1
  #windowBelow = -1

  constructor(options: FrameScannerOptions) {
    this.#file = options.file
    this.#seed = options.seed
    this.#offset = options.offset
    this.#expected = options.sequence
    this.#windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES
    this.#pool = options.pool
  }

  /** Behind the last frame that was found: everything before it has been looked at. */
  get offset(): number {
    return this.#offset
  }

  /**
   * The next frame whose sequence is at least `from` and less than `below`. Undefined when the file has no more of
   * them; the scanner then stays where it is, and the call may be repeated once `below` has grown.
   */
  async next(from: number, below: number): Promise<Frame | undefined> {
    this.#below = below
    for (;;) {
      const ready = this.ready(from, below)
      if (ready !== undefined) return ready
      // What was not below the limit when the window was read may have been written again since.
      if (below !== this.#windowBelow) this.forget()
      const start = this.#offset
      const found = (await this.#locate(from, below, 'explained')) ?? (await this.#locateAhead(from, below))
      if (found === undefined) {
        this.forget()
        return undefined
      }
      this.#offset = found.endOffset
      this.#expected = found.sequence + 1
      if (found.sequence < from) continue
      const payload = await this.#view(found.offset + FRAME_HEADER_BYTES, found.endOffset)
      return { ...found, payload: payload ?? NOTHING, ...(found.offset > start ? { damagedFrom: start } : {}) }
    }
  }

  /**
   * The same as `next` where nothing is to be waited for: the frame that must come next stands whole and undamaged in
   * memory. Undefined in any other case. (Most frames are found so; a promise for each would cost more than the rest.)
   */
  ready(from: number, below: number): Frame | undefined {
    const sequence = this.#expected
    if (sequence < from || sequence >= Math.min(below, this.#windowBelow)) return undefined
    const at = this.#offset - this.#windowAt
    if (at < 0 || at + FRAME_HEADER_BYTES > this.#window.length) return undefined
    const header = decodeFrameHeader(this.#window.subarray(at, at + FRAME_HEADER_BYTES), this.#seed)
    if (header?.sequence !== sequence) return undefined
    const end = at + FRAME_HEADER_BYTES + header.length
    if (end > this.#window.length) return undefined
    const payload = this.#window.subarray(at + FRAME_HEADER_BYTES, end)
    if (crc32(payload) !== header.payloadCrc) return undefined
    const frame = { sequence, payload, offset: this.#offset, endOffset: this.#windowAt + end }
    this.#offset = frame.endOffset
    this.#expected = sequence + 1
    return frame
  }

  /** Goes back to a frame that `next` returned, so that it returns it again. */
  stepBack(frame: Frame): void {
    this.#offset = frame.offset
    this.#expected = frame.sequence
  }

  /** Drops what was read ahead. */
  forget(): void {
    this.#pool?.retire(this.#window, this.#expected)
    this.#window = NOTHING
  }

  /** A frame further ahead than the lost bytes explain; not tried where simply nothing more has been written. */
  async #locateAhead(from: number, below: number): Promise<Located | undefined> {
    if (this.#expected >= below) return undefined
    return this.#locate(from, below, 'ahead')
  }

  async #locate(from: number, below: number, accept: 'explained' | 'ahead'): Promise<Located | undefined> {
    const start = this.#offset
    for (let at: number | undefined = start; at !== undefined; at = await this.#nextMagic(at + 1)) {
      const bytes = await this.#view(at, at + FRAME_HEADER_BYTES)
      if (bytes === undefined) return undefined
      const header = decodeFrameHeader(bytes, this.#seed)
      if (header === undefined || header.sequence < this.#expected) continue
      const reach = accept === 'ahead' ? Infinity : Math.floor((at - start) / FRAME_HEADER_BYTES)
      if (header.sequence - this.#expected > reach) continue
      if (header.sequence >= below) {
        if (accept === 'ahead') continue
        return undefined
      }
      const endOffset = at + FRAME_HEADER_BYTES + header.length
      // A record that is only passed over is not read.
      const whole =
        header.sequence < from ? await this.#reaches(endOffset) : await this.#isIntact(at, endOffset, header)
      if (whole) return { sequence: header.sequence, offset: at, endOffset }
    }
    return undefined
  }

  async #isIntact(at: number, endOffset: number, header: { readonly payloadCrc: number }): Promise<boolean> {
    if (!(await this.#reaches(endOffset))) return false
    const frame = await this.#view(at, endOffset)
    return frame !== undefined && crc32(frame.subarray(FRAME_HEADER_BYTES)) === header.payloadCrc
  }

  async #reaches(endOffset: number): Promise<boolean> {
    return endOffset <= this.#windowAt + this.#window.length || endOffset <= (await this.#file.size())
  }

  /** Where the magic of a frame stands next, at `from` or behind; undefined at the end of the file. */
  async #nextMagic(from: number): Promise<number | undefined> {
    let at = from
    for (;;) {
      if ((await this.#view(at, at + FRAME_HEADER_BYTES)) === undefined) return undefined
      const found = this.#window.indexOf(FRAME_MAGIC, at - this.#windowAt)
      if (found >= 0) return this.#windowAt + found
      // The magic may lie across the end of the window.
      at = this.#windowAt + this.#window.length - FRAME_MAGIC.length + 1
    }
  }

  /** The bytes from `at` to `end`, or undefined when the file is shorter. */
  async #view(at: number, end: number): Promise<Buffer | undefined> {
    if (at < this.#windowAt || end > this.#windowAt + this.#window.length) {
      const size = await this.#file.size()
      if (end > size) return undefined
      const want = Math.min(size - at, Math.max(end - at, this.#windowBytes))
      this.forget()
      const memory = this.#pool?.take(want) ?? Buffer.allocUnsafeSlow(want)
      this.#window = await readFully(this.#file, memory, at)
      this.#windowAt = at
      this.#windowBelow = this.#below
      // The file was cut while we read it.
      if (end > at + this.#window.length) return undefined
    }
    return this.#window.subarray(at - this.#windowAt, end - this.#windowAt)
  }
}
