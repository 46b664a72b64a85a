import { Buffer } from 'node:buffer'

const SMALLEST_BYTES = 64 * 1024
/** Larger ones are read for single large records: rare, and not worth keeping. */
const LARGEST_BYTES = 1024 * 1024
/** Of windows that wait to be used again. */
const MAX_FREE_BYTES = 48 * LARGEST_BYTES

interface Retired {
  readonly window: Buffer
  /** The records in it have lower sequences. */
  readonly below: number
}

/**
 * Memory for what is read from segments. Buffers of this size are made outside of the collector's heap but count for
 * it: making one for every read keeps it collecting. A window is used again once nobody needs its records any more.
 */
export class WindowPool {
  readonly #free = new Map<number, Buffer[]>()
  #freeBytes = 0
  #retired: Retired[] = []

  /** At least `bytes` long. */
  take(bytes: number): Buffer {
    const size = sizeFor(bytes)
    const window = this.#free.get(size)?.pop()
    if (window === undefined) return Buffer.allocUnsafeSlow(size)
    this.#freeBytes -= size
    return window
  }

  /** The scanner is done with the window; who was given records from it may not be. */
  retire(window: Buffer, below: number): void {
    if (window.length > 0) this.#retired.push({ window, below })
  }

  /** Nobody needs records below this sequence any more. */
  recycle(below: number): void {
    const done = this.#retired.filter((retired) => retired.below <= below)
    if (done.length === 0) return
    this.#retired = this.#retired.filter((retired) => retired.below > below)
    for (const { window } of done) this.#keep(Buffer.from(window.buffer))
  }

  /** Leaves what was retired to the collector: sequences begin anew. */
  forget(): void {
    this.#retired = []
  }

  #keep(window: Buffer): void {
    const size = window.length
    if (sizeFor(size) !== size || size > LARGEST_BYTES || this.#freeBytes + size > MAX_FREE_BYTES) return
    const free = this.#free.get(size) ?? []
    this.#free.set(size, free)
    free.push(window)
    this.#freeBytes += size
  }
}

/** A power of two, so that few sizes serve all; as many bytes as asked for where that is more than the largest. */
function sizeFor(bytes: number): number {
  if (bytes > LARGEST_BYTES) return bytes
  let size = SMALLEST_BYTES
  while (size < bytes) size *= 2
  return size
}
