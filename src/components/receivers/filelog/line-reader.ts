import { isUtf8 } from 'node:buffer'
import { readSync } from 'node:fs'
import type { PartialLine, Stream } from './checkpoint.ts'
import type { FilelogContext } from './context.ts'
import { readBodyFields } from './body-fields.ts'
import type { FileRecord } from './log-batch.ts'
import { type LineFormat, type ParsedLine, parseLine } from './line-format.ts'
import type { TailedFile } from './tailed-file.ts'

const NO_STREAM: Stream = 'stdout'

/** Part of a file in memory: `bytes[0]` is the byte at `offset` of the file. */
export interface Window {
  readonly bytes: Uint8Array
  readonly offset: number
}

/**
 * Turns raw lines into records: takes the format apart, joins partial lines, cuts long ones, repairs what is no
 * UTF-8, looks into JSON bodies. Of a partial line only its place in the file is kept; the text is read again when its
 * last part is there.
 */
export class LineReader {
  readonly #context: FilelogContext
  readonly #format: LineFormat
  readonly #maxBytes: number
  readonly #parseBody: boolean
  /** Text joined of parts; reused. */
  #joined = Buffer.alloc(0)

  constructor(context: FilelogContext) {
    this.#context = context
    this.#format = context.config.format
    this.#maxBytes = context.config.maxLineSize
    this.#parseBody = context.config.parseBody === 'auto'
  }

  /** The record that the raw line at [start, end) of the window completes, if it completes one. */
  read(tail: TailedFile, window: Window, start: number, end: number): FileRecord | undefined {
    const line = parseLine(this.#format, window.bytes, start, end)
    if (line.malformed) this.#count('malformed')
    const stream = line.stream ?? NO_STREAM
    const waiting = tail.partials.get(stream)
    if (line.partial) {
      tail.partials.set(stream, this.#extend(waiting, window.offset + start, end - start))
      return undefined
    }
    if (waiting === undefined) return this.#finish(line, line.text, false)
    tail.partials.delete(stream)
    return this.#join(tail, window, waiting, line)
  }

  /** A record of the line's beginning, for a line that is longer than what is kept. */
  readTooLong(window: Window): FileRecord {
    const line = parseLine(this.#format, window.bytes, 0, window.bytes.length)
    return this.#finish(line, line.text, true)
  }

  /** The records of partial lines whose last part will never come. */
  flush(tail: TailedFile): readonly FileRecord[] {
    const records: FileRecord[] = []
    for (const waiting of tail.partials.values()) {
      this.#count('unfinished')
      const record = this.#join(tail, { bytes: new Uint8Array(), offset: 0 }, waiting, undefined)
      if (record !== undefined) records.push(record)
    }
    tail.partials.clear()
    return records
  }

  /** Once the limit is reached the places of further parts are not kept: they would be cut off anyway. */
  #extend(waiting: PartialLine | undefined, offset: number, length: number): PartialLine {
    if (waiting === undefined) return { ranges: [[offset, length]], bytes: length }
    if (waiting.bytes > this.#maxBytes) return waiting
    return { ranges: [...waiting.ranges, [offset, length]], bytes: waiting.bytes + length }
  }

  #join(tail: TailedFile, window: Window, waiting: PartialLine, last: ParsedLine | undefined): FileRecord | undefined {
    let length = 0
    let first: ParsedLine | undefined
    for (const [offset, size] of waiting.ranges) {
      const raw = rawLine(tail, window, offset, size)
      const part = parseLine(this.#format, raw, 0, raw.length)
      first ??= part
      length = this.#append(length, part.text)
    }
    // Past the limit the parts after it were not kept, so the last one does not follow them.
    const cut = waiting.bytes > this.#maxBytes
    if (last !== undefined && !cut) length = this.#append(length, last.text)
    // It happened when it began.
    const head = first ?? last
    return head === undefined ? undefined : this.#finish(head, this.#joined.subarray(0, length), cut)
  }

  /** Puts the text behind the first `length` bytes of what was joined; returns the new length. */
  #append(length: number, text: Uint8Array): number {
    const needed = length + text.length
    if (needed > this.#joined.length) {
      const bigger = Buffer.alloc(Math.max(needed, 2 * this.#joined.length))
      this.#joined.copy(bigger, 0, 0, length)
      this.#joined = bigger
    }
    this.#joined.set(text, length)
    return needed
  }

  #finish(line: ParsedLine, whole: Uint8Array, cut: boolean): FileRecord {
    const truncated = cut || whole.length > this.#maxBytes
    if (truncated) this.#count('truncated')
    const body = this.#repair(whole.length > this.#maxBytes ? cutText(whole, this.#maxBytes) : whole)
    return {
      ...(this.#parseBody ? readBodyFields(body) : undefined),
      timeUnixNano: line.timeUnixNano,
      observedTimeUnixNano: BigInt(this.#context.clock.now()) * 1_000_000n,
      body,
      stream: line.stream,
      truncated,
    }
  }

  /** OTLP's strings are UTF-8: other bytes are replaced by U+FFFD. */
  #repair(text: Uint8Array): Uint8Array {
    if (isUtf8(text)) return text
    this.#count('invalid_utf8')
    return Buffer.from(Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf8'))
  }

  #count(kind: 'malformed' | 'truncated' | 'unfinished' | 'invalid_utf8'): void {
    this.#context.meters.blemishes.inc({ receiver: this.#context.name, kind })
  }
}

function rawLine(tail: TailedFile, window: Window, offset: number, length: number): Uint8Array {
  const at = offset - window.offset
  if (at >= 0 && at + length <= window.bytes.length) return window.bytes.subarray(at, at + length)
  const bytes = Buffer.alloc(length)
  // It was read a moment ago, so it is in memory; waiting for it synchronously costs microseconds.
  const read = tail.handle === undefined ? 0 : readSync(tail.handle.fd, bytes, 0, length, offset)
  return bytes.subarray(0, read)
}

/** At most `limit` bytes, not ending within a character. */
function cutText(text: Uint8Array, limit: number): Uint8Array {
  let end = limit
  while (end > limit - 4 && ((text[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return text.subarray(0, end)
}
