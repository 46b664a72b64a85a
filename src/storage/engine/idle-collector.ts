import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const WORTH_COLLECTING_BYTES = 64 * 1024 * 1024
const IDLE_MS = 1_000

/**
 * Gives the memory of large answers back when they have been sent. They lie outside V8's heap, so V8 sees no reason
 * to collect the small objects that hold them, and an engine at rest would keep hundreds of megabytes.
 */
export class IdleCollector {
  readonly #collect: () => void
  #bytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc') as () => void
  }

  /** Notes that so many bytes have been answered. */
  answered(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < WORTH_COLLECTING_BYTES) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#bytes = 0
      this.#collect()
    }, IDLE_MS).unref()
  }
}
