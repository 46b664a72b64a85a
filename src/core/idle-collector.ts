import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const WORTH_COLLECTING_BYTES = 64 * 1024 * 1024
const IDLE_MS = 1_000

/**
 * Gives memory back when there is nothing to do. Large answers and arrays lie outside V8's heap, so V8 sees no reason to
 * collect the small objects that hold them, and a thread at rest would keep hundreds of megabytes. Collects what the
 * thread has that made it.
 */
export class IdleCollector {
  readonly #collect: () => void
  #bytes = 0
  #restingBytes = usedBytes()
  #timer: NodeJS.Timeout | undefined

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc') as () => void
  }

  /** Notes that so many bytes have been used and are not needed any more. */
  used(bytes: number): void {
    this.#bytes += bytes
    this.#collectLater()
  }

  /** The thread has nothing to do: what it holds more than when it last rested is not needed any more. */
  rests(): void {
    this.#bytes = usedBytes() - this.#restingBytes
    this.#collectLater()
  }

  /** The thread has something to do. */
  works(): void {
    clearTimeout(this.#timer)
  }

  #collectLater(): void {
    if (this.#bytes < WORTH_COLLECTING_BYTES) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#bytes = 0
      this.#collect()
      this.#restingBytes = usedBytes()
    }, IDLE_MS).unref()
  }
}

/** In V8's heap, with the pages that it keeps for more, and outside it. */
function usedBytes(): number {
  const { total_heap_size, external_memory } = getHeapStatistics()
  return total_heap_size + external_memory
}
