import { createHash } from 'node:crypto'
import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { AppError, type Logger, messageOf } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import { KeySet } from './key-set.ts'

export interface DocumentIdsOptions {
  /** Where the ids are kept; made when it does not exist. */
  readonly dir: string
  readonly log: Logger
  /** Ids of one generation; there are two, and the older one is forgotten when the newer one is full. Default 2 million. */
  readonly generationSize?: number
}

/** The documents of one request. `stored` or `abandon` is to be called, once. */
export interface Claim {
  /** Whether the document need not be stored: it is, or another one of this request or of one under way has its id. */
  isHeld(index: string, id: string): boolean
  /** Whether it is another request that is storing it, of which nobody knows yet how it ends. */
  isPending(index: string, id: string): boolean
  /** These are in the durable log. Resolves when their ids are written down; the others are given up. */
  stored(documents: readonly { readonly index: string; readonly id: string }[]): Promise<void>
  abandon(): void
}

const DEFAULT_GENERATION = 2_000_000
const KEY_BYTES = 8
const FILES = ['ids.0', 'ids.1'] as const

/**
 * The ids of the documents that were stored, so that a document that is sent again is not stored again. Of each id eight
 * bytes of a hash over sender and id are kept: between two and four million of them, in memory and in two files.
 *
 * An id is written after its document is in the durable log, and before the sender hears of it: what ends the program
 * between the two lets those documents in a second time when their sender tries again, and a power cut those of the
 * last moments, for the files are left to the system to sync. No document is ever taken for stored that is not.
 */
export class DocumentIds {
  readonly #options: DocumentIdsOptions
  readonly #limit: number
  readonly #pending = new Set<bigint>()
  #newer = new KeySet()
  #older = new KeySet()
  #file: FileHandle
  #index: number
  #writing: Promise<void> = Promise.resolve()

  constructor(options: DocumentIdsOptions, opened: { newer: KeySet; older: KeySet; file: FileHandle; index: number }) {
    this.#options = options
    this.#limit = options.generationSize ?? DEFAULT_GENERATION
    this.#newer = opened.newer
    this.#older = opened.older
    this.#file = opened.file
    this.#index = opened.index
  }

  get size(): number {
    return this.#newer.size + this.#older.size
  }

  begin({ cluster, tenant }: Identity): Claim {
    const claimed = new Set<bigint>()
    const keyFor = (index: string, id: string): bigint => keyOf(JSON.stringify([tenant, cluster, index, id]))
    const isElsewhere = (key: bigint): boolean => this.#pending.has(key) && !claimed.has(key)
    const giveUp = (): void => {
      for (const key of claimed) this.#pending.delete(key)
    }
    return {
      isHeld: (index, id) => {
        const key = keyFor(index, id)
        if (this.#newer.has(key) || this.#older.has(key) || this.#pending.has(key)) return true
        this.#pending.add(key)
        claimed.add(key)
        return false
      },
      isPending: (index, id) => isElsewhere(keyFor(index, id)),
      stored: async (documents) => {
        const keys = documents.map(({ index, id }) => keyFor(index, id))
        for (const key of keys) this.#newer.add(key)
        giveUp()
        await this.#write(keys)
      },
      abandon: giveUp,
    }
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  async #write(keys: readonly bigint[]): Promise<void> {
    if (keys.length === 0) return
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#file.appendFile(encode(keys))
        if (this.#newer.size >= this.#limit) await this.#turn()
      } catch (reason) {
        // Memory still knows them; what is lost is what a restart would have known.
        this.#options.log.error({ error: messageOf(reason) }, 'elastic: document ids cannot be written')
      }
    })
    await this.#writing
  }

  /** Begins a new generation, in the place of the older one. */
  async #turn(): Promise<void> {
    const index = 1 - this.#index
    const file = await open(fileOf(this.#options.dir, index), 'w', 0o600)
    await this.#file.close()
    this.#file = file
    this.#index = index
    this.#older = this.#newer
    this.#newer = new KeySet()
  }
}

/** Reads what a program before has written. Throws `unavailable` when the directory cannot be used. */
export async function openDocumentIds(options: DocumentIdsOptions): Promise<DocumentIds> {
  try {
    await mkdir(options.dir, { recursive: true, mode: 0o700 })
    const [first, second] = await Promise.all([readKeys(options.dir, 0), readKeys(options.dir, 1)])
    const limit = options.generationSize ?? DEFAULT_GENERATION
    // The generation that is not full is the newer one; a program that died as it turned left an empty file.
    const index = first.size < limit ? 0 : 1
    const [newer, older] = index === 0 ? [first, second] : [second, first]
    const file = await open(fileOf(options.dir, index), 'a', 0o600)
    // A last key that was cut off must not shift those that follow.
    const { size } = await file.stat()
    await file.truncate(size - (size % KEY_BYTES))
    return new DocumentIds(options, { newer, older, file, index })
  } catch (reason) {
    throw AppError.from(reason, 'unavailable', `read the document ids in ${options.dir}`)
  }
}

async function readKeys(dir: string, index: number): Promise<KeySet> {
  const bytes = await readFile(fileOf(dir, index)).catch(() => Buffer.alloc(0))
  const keys = new KeySet()
  for (let at = 0; at + KEY_BYTES <= bytes.length; at += KEY_BYTES) {
    const key = bytes.readBigUInt64LE(at)
    if (key !== 0n) keys.add(key)
  }
  return keys
}

function fileOf(dir: string, index: number): string {
  return path.join(dir, index === 0 ? FILES[0] : FILES[1])
}

function encode(keys: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(KEY_BYTES * keys.length)
  for (const [i, key] of keys.entries()) bytes.writeBigUInt64LE(key, KEY_BYTES * i)
  return bytes
}

/** Never 0. */
function keyOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64LE(0) || 1n
}
