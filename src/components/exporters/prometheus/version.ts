import type { Clock } from '../../../core/index.ts'

export type WriteVersion = '1.0' | '2.0'

/** How long a server that did not know 2.0 is left alone with it. */
const PROBE_AGAIN_MS = 3_600_000

/** Which version of remote write the server speaks, as far as it has shown it. */
export class SpokenVersion {
  readonly #fixed: WriteVersion | undefined
  readonly #clock: Clock
  #proven: WriteVersion | undefined
  #fellBackAtMs = 0

  /** `auto` is 2.0 until the server shows that it does not know it. */
  constructor(wanted: 'auto' | WriteVersion, clock: Clock) {
    this.#fixed = wanted === 'auto' ? undefined : wanted
    this.#clock = clock
  }

  /** To be used for the next request. */
  get next(): WriteVersion {
    if (this.#fixed !== undefined) return this.#fixed
    const isDue = this.#clock.now() - this.#fellBackAtMs >= PROBE_AGAIN_MS
    return this.#proven === '1.0' && !isDue ? '1.0' : '2.0'
  }

  /** Whether an answer that 2.0 is not understood may mean just that. */
  get mayFallBack(): boolean {
    return this.#fixed === undefined && this.#proven !== '2.0'
  }

  prove(version: WriteVersion): void {
    this.#proven = version
    if (version === '1.0') this.#fellBackAtMs = this.#clock.now()
  }
}
