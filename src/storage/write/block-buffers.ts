import { ByteBuffer } from '../native/byte-buffer.ts'
import type { EncodedBlock } from './encoded-block.ts'

/** Two flushes are on their way at once. */
const KEPT_PER_TABLE = 2
const SMALL_BYTES = 1024 * 1024
/** A buffer that was filled to less than this part was made for a rush that is over. */
const LEAST_USE = 1 / 8

/**
 * The memory of encoded blocks, used again from flush to flush: made anew each time, it would be most of what the
 * collector of the store worker has to do.
 */
export class BlockBuffers {
  readonly #free = new Map<string, ByteBuffer[]>()

  take(table: string): ByteBuffer {
    return this.#free.get(table)?.pop() ?? new ByteBuffer(65_536)
  }

  /** For blocks that nobody reads any more. */
  giveBack({ table, buffer }: EncodedBlock): void {
    if (buffer === undefined) return
    const free = this.#free.get(table) ?? []
    this.#free.set(table, free)
    const isTooLarge = buffer.bytes.length > SMALL_BYTES && buffer.length < buffer.bytes.length * LEAST_USE
    if (!isTooLarge && free.length < KEPT_PER_TABLE) free.push(buffer)
  }
}
