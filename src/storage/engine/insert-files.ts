import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemCode } from '../../core/index.ts'
import { EngineError } from './engine-error.ts'

/**
 * Data on its way into the engine. The binding takes text only, so the bytes of an insert go through a file that the
 * engine reads; the page cache makes that cheap. Files of an earlier process are removed at start.
 */
export class InsertFiles {
  readonly #dir: string

  private constructor(dir: string) {
    this.#dir = dir
  }

  static async open(dir: string): Promise<InsertFiles> {
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { recursive: true, mode: 0o700 })
    return new InsertFiles(dir)
  }

  /** Runs the work with a file that holds the data, and removes the file. */
  async with<T>(data: Readable, work: (file: string) => Promise<T>): Promise<T> {
    const file = path.join(this.#dir, randomUUID())
    try {
      await this.#write(data, file)
      return await work(file)
    } finally {
      await rm(file, { force: true })
    }
  }

  async #write(data: Readable, file: string): Promise<void> {
    try {
      await pipeline(data, createWriteStream(file, { mode: 0o600 }))
    } catch (reason) {
      if (systemCode(reason) !== 'ENOSPC') throw reason
      throw EngineError.of('NOT_ENOUGH_SPACE', 'No space on the disk for the data of an insert.', reason)
    }
  }
}
