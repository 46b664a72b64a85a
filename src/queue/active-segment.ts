import { join } from 'node:path'
import { type FileSystem, type OpenFile, removeIfPresent, writeFully } from './file-system.ts'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader, segmentName } from './format.ts'

/**
 * The segment that is being appended to. `bytes` is where its durable part ends; whatever stands behind does not
 * exist, and is overwritten by the next append.
 */
export class ActiveSegment {
  readonly base: number
  readonly #file: OpenFile
  #bytes: number
  #broken: boolean

  constructor(file: OpenFile, found: { readonly base: number; readonly bytes: number; readonly broken: boolean }) {
    this.#file = file
    this.base = found.base
    this.#bytes = found.bytes
    this.#broken = found.broken
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * Whether the file can no longer be trusted. After a failed fdatasync the kernel may count pages as clean that never
   * reached the disk, so a second fdatasync that succeeds proves nothing.
   */
  get broken(): boolean {
    return this.#broken
  }

  /** Resolves when the parts are durable. If it rejects, nothing was appended. */
  async append(parts: readonly Uint8Array[], bytes: number): Promise<void> {
    try {
      await writeFully(this.#file, parts, this.#bytes)
    } catch (reason) {
      await this.cut()
      throw reason
    }
    try {
      await this.#file.datasync()
    } catch (reason) {
      this.#broken = true
      await this.cut()
      throw reason
    }
    this.#bytes += bytes
  }

  /** Gives back the space behind the durable end, as far as that is possible. */
  async cut(): Promise<void> {
    try {
      await this.#file.truncate(this.#bytes)
    } catch {
      // What stands there would be taken for records once this segment is full; another segment must follow now.
      this.#broken = true
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Makes a segment and its directory entry durable. A file of the same name can hold no durable record. */
export async function createSegment(fs: FileSystem, directory: string, header: SegmentHeader): Promise<ActiveSegment> {
  const path = join(directory, segmentName(header.base))
  await removeIfPresent(fs, path)
  const file = await fs.open(path, 'create')
  try {
    await writeFully(file, [encodeSegmentHeader(header)], 0)
    await file.datasync()
    await fs.syncDirectory(directory)
    return new ActiveSegment(file, { base: header.base, bytes: SEGMENT_HEADER_BYTES, broken: false })
  } catch (reason) {
    await file.close().catch(() => undefined)
    // An empty file costs little and is replaced by the next attempt; the reason is what matters.
    await fs.remove(path).catch(() => undefined)
    throw reason
  }
}

/** Goes on in the last segment that recovery found; one that was not clean counts as broken. */
export async function reopenSegment(
  fs: FileSystem,
  directory: string,
  found: { readonly base: number; readonly bytes: number; readonly broken: boolean },
): Promise<ActiveSegment> {
  return new ActiveSegment(await fs.open(join(directory, segmentName(found.base)), 'write'), found)
}
