/**
 * A small JSON value that survives a crash at any moment. It is kept in two files that are written in turn:
 *
 *     <name>.0, <name>.1:   fleetglass-state 1 <generation> <bytes of JSON> <CRC32, hex>\n<JSON>
 *
 * The one with the higher generation holds. A write goes over the *older* file, in place, and is synced: if it is
 * torn, the newer file is untouched and still holds the value before. In place, because it then needs no new disk
 * block: a full disk is emptied by readers that move on, and they must be able to say so. (A temporary file and a
 * rename would need space, and a second sync for the directory.)
 */
import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { AppError, systemCode } from '../core/index.ts'
import { type FileSystem, type OpenFile, readFully, writeFully } from './file-system.ts'

const HEAD = /^fleetglass-state 1 (\d{1,15}) (\d{1,12}) ([0-9a-f]{8})$/
const LONGEST_HEAD_BYTES = 100

interface Slot {
  readonly generation: number
  readonly value: unknown
}

export interface StateFileOptions {
  readonly fs: FileSystem
  readonly directory: string
  /** Two files are made: `<name>.0` and `<name>.1`. */
  readonly name: string
}

/** Reads what is there. The directory must exist; nothing is written before `write`. */
export async function openStateFile(options: StateFileOptions): Promise<StateFile> {
  const slots = [await readSlot(options, 0), await readSlot(options, 1)] as const
  return new StateFile(options, slots)
}

export class StateFile {
  readonly #options: StateFileOptions
  readonly #damagedFiles: number
  #value: unknown
  #generation: number
  /** Whether the directory entry of each file is known to be durable. */
  readonly #entryDurable: [boolean, boolean] = [false, false]
  #lastWrite: Promise<void> = Promise.resolve()

  constructor(options: StateFileOptions, slots: readonly [Slot | 'damaged' | undefined, Slot | 'damaged' | undefined]) {
    this.#options = options
    this.#damagedFiles = slots.filter((slot) => slot === 'damaged').length
    this.#generation = -1
    // Even generations live in file 0, odd ones in file 1.
    for (const slot of slots) {
      if (slot === undefined || slot === 'damaged' || slot.generation <= this.#generation) continue
      this.#generation = slot.generation
      this.#value = slot.value
    }
  }

  /** The value last written, or undefined when there was none that could be read. */
  get value(): unknown {
    return this.#value
  }

  /** How many of the two files held bytes that made no sense when it was opened. */
  get damagedFiles(): number {
    return this.#damagedFiles
  }

  /**
   * Resolves when the value is on disk. Writes are done one after the other, in the order of the calls, and `produce`
   * is called when its turn has come: it sees in `value` what the writes before it left.
   */
  write(produce: () => unknown): Promise<void> {
    const write = this.#lastWrite.then(() => this.#write(produce()))
    // The next write must run whether or not this one fails; its caller learns of the failure.
    this.#lastWrite = write.catch(() => undefined)
    return write
  }

  /**
   * Makes sure that the value is on disk and not merely readable. Whoever acts upon it must call this first: the
   * process before us may have died after a sync that failed, and then only the memory of the kernel has the value.
   */
  async confirm(): Promise<void> {
    // The same bytes over themselves: even torn, they are what was there.
    if (this.#generation >= 0) await this.#store(this.#generation, this.#value)
  }

  async #write(value: unknown): Promise<void> {
    await this.#store(this.#generation + 1, value)
    this.#generation += 1
    this.#value = value
  }

  async #store(generation: number, value: unknown): Promise<void> {
    const { fs, directory, name } = this.#options
    const index = generation % 2 === 0 ? 0 : 1
    try {
      const file = await openOrCreate(fs, slotPath(this.#options, index))
      try {
        await writeFully(file, [encodeSlot(generation, value)], 0)
        await file.datasync()
      } finally {
        await file.close()
      }
      if (!this.#entryDurable[index]) await fs.syncDirectory(directory)
      this.#entryDurable[index] = true
    } catch (reason) {
      throw AppError.from(reason, 'unavailable', `write state ${join(directory, name)}`)
    }
  }
}

async function openOrCreate(fs: FileSystem, path: string): Promise<OpenFile> {
  try {
    return await fs.open(path, 'write')
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw reason
    return fs.open(path, 'create')
  }
}

function slotPath(options: StateFileOptions, index: 0 | 1): string {
  return join(options.directory, `${options.name}.${String(index)}`)
}

function encodeSlot(generation: number, value: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(value))
  const head = [generation, json.length, slotCrc(generation, json)].join(' ')
  return Buffer.concat([Buffer.from(`fleetglass-state 1 ${head}\n`), json])
}

function slotCrc(generation: number, json: Buffer): string {
  return crc32(json, crc32(String(generation)))
    .toString(16)
    .padStart(8, '0')
}

async function readSlot(options: StateFileOptions, index: 0 | 1): Promise<Slot | 'damaged' | undefined> {
  const path = slotPath(options, index)
  try {
    const file = await options.fs.open(path, 'read')
    try {
      const slot = decodeSlot(await readFully(file, Buffer.alloc(await file.size()), 0))
      // A slot in the wrong file would be overwritten as if it were the older one.
      return slot !== undefined && slot.generation % 2 === index ? slot : 'damaged'
    } finally {
      await file.close()
    }
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') return undefined
    throw AppError.from(reason, 'unavailable', `read state ${path}`)
  }
}

function decodeSlot(bytes: Buffer): Slot | undefined {
  const headEnd = bytes.subarray(0, LONGEST_HEAD_BYTES).indexOf('\n')
  const head = HEAD.exec(bytes.toString('latin1', 0, Math.max(0, headEnd)))
  if (head === null) return undefined
  const generation = Number(head[1])
  const json = bytes.subarray(headEnd + 1, headEnd + 1 + Number(head[2]))
  if (json.length !== Number(head[2]) || slotCrc(generation, json) !== head[3]) return undefined
  try {
    return { generation, value: JSON.parse(json.toString()) as unknown }
  } catch {
    return undefined
  }
}
