import { AppError } from '../core/index.ts'
import { FRAME_HEADER_BYTES } from './format.ts'
import type { LogSettings } from './log-options.ts'

/** One record, as parts to be written one after the other. */
export type RecordParts = readonly Uint8Array[]

/** A call of `append` or `appendAll` that waits for its sync. */
export interface AppendRequest {
  readonly records: readonly RecordParts[]
  /** On disk, with the frame headers. */
  readonly bytes: number
  readonly resolve: (firstSequence: number) => void
  readonly reject: (reason: AppError) => void
}

/** What waits to be written. Bounded: whoever does not fit is told to come back, and holds their own bytes meanwhile. */
export class AppendQueue {
  readonly #settings: LogSettings
  #waiting: AppendRequest[] = []
  #bytes = 0

  constructor(settings: LogSettings) {
    this.#settings = settings
  }

  /** Bytes accepted and not yet settled, those of the group under way included. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Resolves with the sequence of the first record. `freeBytes` is what the log may still grow by. */
  add(records: readonly RecordParts[], freeBytes: number): Promise<number> {
    const bytes = this.#admit(records, freeBytes)
    this.#bytes += bytes
    return new Promise<number>((resolve, reject) => {
      this.#waiting.push({ records, bytes, resolve, reject })
    })
  }

  /** Takes the requests that the next write shall hold, in the order in which they came. */
  takeGroup(): readonly AppendRequest[] {
    let bytes = 0
    let count = 0
    for (const request of this.#waiting) {
      if (count > 0 && bytes + request.bytes > this.#settings.maxGroupBytes) break
      bytes += request.bytes
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  /** The group was written, or failed. */
  settle(group: readonly AppendRequest[]): void {
    for (const request of group) this.#bytes -= request.bytes
  }

  #admit(records: readonly RecordParts[], freeBytes: number): number {
    const { maxRecordBytes, maxGroupBytes, maxPendingBytes, retryAfterMs } = this.#settings
    let bytes = 0
    for (const record of records) {
      const length = record.reduce((sum, part) => sum + part.length, 0)
      if (length > maxRecordBytes) {
        throw new AppError('too_large', `append ${String(length)} bytes: records may have ${String(maxRecordBytes)}`)
      }
      bytes += FRAME_HEADER_BYTES + length
    }
    if (records.length === 0) throw new AppError('invalid', 'append: no record')
    if (bytes > maxGroupBytes)
      throw new AppError('too_large', `append ${String(bytes)} bytes at once: too many records`)
    if (this.#bytes > 0 && this.#bytes + bytes > maxPendingBytes) {
      throw new AppError('exhausted', 'append: too many bytes wait for the disk', { retryAfterMs })
    }
    if (this.#bytes + bytes > freeBytes) throw new AppError('exhausted', 'append: the log is full', { retryAfterMs })
    return bytes
  }
}
