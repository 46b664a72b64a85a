import { Buffer } from 'node:buffer'

const SMALLEST_BYTES = 16 * 1024
const LARGEST_BYTES = 4 * 1024 * 1024

/**
 * Memory for the bytes of requests, used again. Buffers live outside of the collector's heap but count for it: one or
 * two new ones for each request keep it collecting all the time, which at a high rate costs more than the work itself.
 *
 * Whoever gives a buffer back must be sure that nobody reads it any more. Whoever is not sure just drops it.
 */
export class BufferPool {
  readonly #maxFreeBytes: number
  readonly #free = new Map<number, Buffer[]>()
  /** What is out: nothing else is taken back, and that only once. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #freeBytes = 0

  /** Keeps at most so many bytes that nobody uses. */
  constructor(maxFreeBytes: number) {
    this.#maxFreeBytes = maxFreeBytes
  }

  /** A buffer of this length with anything in it. */
  take(bytes: number): Buffer {
    if (bytes > LARGEST_BYTES) return Buffer.allocUnsafeSlow(bytes)
    const size = sizeFor(bytes)
    const free = this.#free.get(size)?.pop()
    if (free !== undefined) this.#freeBytes -= size
    const whole = free ?? Buffer.allocUnsafeSlow(size)
    this.#lent.add(whole.buffer)
    return whole.subarray(0, bytes)
  }

  /** For what `take` returned, or a view of it. Bytes of another origin are left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return
    const size = buffer.byteLength
    if (this.#freeBytes + size > this.#maxFreeBytes) return
    const whole = Buffer.from(buffer)
    const free = this.#free.get(size)
    if (free === undefined) this.#free.set(size, [whole])
    else free.push(whole)
    this.#freeBytes += size
  }
}

/** A power of two, so that few sizes serve all. */
function sizeFor(bytes: number): number {
  let size = SMALLEST_BYTES
  while (size < bytes) size *= 2
  return size
}
