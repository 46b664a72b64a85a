import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { basename, join } from 'node:path'
import { type Logger, messageOf } from '../core/index.ts'
import { type FileSystem, type OpenFile, readFully, writeFully } from './file-system.ts'

/** Damage that goes on for ever must not fill the disk with copies of itself. */
const MAX_FILES = 256
const MAX_COPY_BYTES = 64 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024

export interface DamagedRange {
  /** Of the segment. */
  readonly base: number
  readonly from: number
  readonly to: number
}

/**
 * Where evidence goes: copies of damaged bytes, and files that are not ours. Nothing here is ever needed to go on, so
 * failing to keep something is logged and otherwise ignored.
 */
export class Quarantine {
  readonly #fs: FileSystem
  readonly #directory: string
  readonly #log: Logger

  constructor(fs: FileSystem, directory: string, log: Logger) {
    this.#fs = fs
    this.#directory = directory
    this.#log = log
  }

  /** Copies a range of a segment. The name follows from the range, so that it is kept once, however often it is met. */
  async keepCopy(file: OpenFile, range: DamagedRange): Promise<void> {
    const name = `${[range.base, range.from, range.to].join('-')}.bytes`
    this.#log.warn({ segment: range.base, from: range.from, to: range.to }, 'log: damaged bytes')
    try {
      const names = await this.#fs.list(this.#directory)
      if (names.includes(name) || names.length >= MAX_FILES) return
      // A second reader of the same log may be doing the same at this moment.
      const unfinished = join(this.#directory, `${name}.${randomUUID()}`)
      await this.#copy(file, range, unfinished)
      await this.#fs.rename(unfinished, join(this.#directory, name))
    } catch (reason) {
      this.#log.warn({ name, error: messageOf(reason) }, 'log: damaged bytes could not be copied to the quarantine')
    }
  }

  /** Moves a file or directory here; tells whether that worked. */
  async moveAside(path: string): Promise<boolean> {
    const to = join(this.#directory, `${basename(path)}.${randomUUID()}`)
    try {
      await this.#fs.rename(path, to)
      this.#log.warn({ path, to }, 'log: not a segment of this log, moved aside')
      return true
    } catch (reason) {
      this.#log.warn({ path, error: messageOf(reason) }, 'log: not a segment of this log, and cannot be moved aside')
      return false
    }
  }

  async #copy(from: OpenFile, range: DamagedRange, path: string): Promise<void> {
    const to = await this.#fs.open(path, 'create')
    try {
      const end = Math.min(range.to, range.from + MAX_COPY_BYTES)
      for (let at = range.from; at < end; at += CHUNK_BYTES) {
        const bytes = await readFully(from, Buffer.alloc(Math.min(CHUNK_BYTES, end - at)), at)
        await writeFully(to, [bytes], at - range.from)
      }
    } finally {
      await to.close()
    }
  }
}
