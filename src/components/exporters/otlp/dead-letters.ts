import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../../core/index.ts'

/** A record that the hub refuses for good, or that cannot be read. */
export interface DeadLetter {
  readonly epoch: string
  readonly sequence: number
  readonly reason: string
  /** What is known of the record, for people. */
  readonly about: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
}

/**
 * Keeps refused records as files, so that somebody can look at them and send them again: `<epoch>-<sequence>.bin`
 * holds the payload as it would have travelled, and `.json` beside it says what it is and why it was refused.
 */
export class DeadLetters {
  readonly #directory: string
  readonly #limitBytes: number
  #bytes: number | undefined

  constructor(directory: string, limitBytes: number) {
    this.#directory = directory
    this.#limitBytes = limitBytes
  }

  /**
   * Resolves with whether the letter was kept, once it is on disk; false when the directory is full. Throws
   * `unavailable` or `exhausted` if it could not be written.
   */
  async keep(letter: DeadLetter): Promise<boolean> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      this.#bytes ??= await sizeOf(this.#directory)
      if (this.#bytes + letter.bytes.length > this.#limitBytes) return false
      const { epoch, sequence, reason, about, bytes } = letter
      const name = path.join(this.#directory, `${epoch.replace(/[^A-Za-z0-9-]/g, '_')}-${String(sequence)}`)
      await writeDurably(`${name}.bin`, bytes)
      await writeDurably(`${name}.json`, Buffer.from(`${JSON.stringify({ sequence, reason, ...about }, null, 2)}\n`))
      this.#bytes += bytes.length
      return true
    } catch (reason) {
      throw AppError.from(reason, 'unavailable', `keep a refused record in ${this.#directory}`)
    }
  }
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory)
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(directory, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The record leaves the log after this, so it must not be lost with the page cache. */
async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  const directory = await open(path.dirname(file))
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
