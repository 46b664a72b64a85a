import { BufferPool } from '../core/index.ts'

/** Of windows that wait to be used again. */
const MAX_FREE_BYTES = 48 * 1024 * 1024

interface Retired {
  readonly window: Buffer
  /** The records in it have lower sequences. */
  readonly below: number
}

/** Memory for what is read from segments. A window is used again once nobody needs its records any more. */
export class WindowPool {
  readonly #buffers = new BufferPool(MAX_FREE_BYTES)
  #retired: Retired[] = []

  /** A buffer of this length with anything in it. */
  take(bytes: number): Buffer {
    return this.#buffers.take(bytes)
  }

  /** The scanner is done with the window; who was given records from it may not be. */
  retire(window: Buffer, below: number): void {
    if (window.length > 0) this.#retired.push({ window, below })
  }

  /** Nobody needs records below this sequence any more. */
  recycle(below: number): void {
    const kept: Retired[] = []
    for (const retired of this.#retired) {
      if (retired.below <= below) this.#buffers.giveBack(retired.window)
      else kept.push(retired)
    }
    this.#retired = kept
  }

  /** Leaves what was retired to the collector: sequences begin anew. */
  forget(): void {
    this.#retired = []
  }
}
