import { AppError, type Clock } from '../../../core/index.ts'

export interface AdmissionOptions {
  readonly clock: Clock
  /** Of all reservations together. */
  readonly limitBytes: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

/** Memory that a request may use. Give it back exactly once or more often: only the first time counts. */
export interface Reservation {
  readonly bytes: number
  /** Says what is really needed: gives back the rest, or takes more, which later requests have to wait for. */
  resize(bytes: number): void
  release(): void
}

interface Waiting {
  readonly bytes: number
  readonly admit: () => void
}

/**
 * Bounds the memory of all requests that are being taken in. Before the first byte of a request is read, the most it
 * may need is reserved; what it really needs is known after decoding. Requests wait in line, and are turned away with
 * `unavailable` and a time to come back when the line is full or the wait gets long.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #waiting = new Set<Waiting>()
  #reservedBytes = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  get reservedBytes(): number {
    return this.#reservedBytes
  }

  get waiting(): number {
    return this.#waiting.size
  }

  async reserve(bytes: number, signal: AbortSignal): Promise<Reservation> {
    // A request that may be as large as everything is let in when it is alone.
    const wanted = Math.min(bytes, this.#options.limitBytes)
    if (this.#waiting.size > 0 || !this.#fits(wanted)) await this.#wait(wanted, signal)
    else this.#reservedBytes += wanted
    return this.#createReservation(wanted)
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    const { clock, maxWaiting, maxWaitMs } = this.#options
    if (this.#waiting.size >= maxWaiting) throw this.#full()
    let admit = (): void => undefined
    const admitted = new Promise<void>((resolve) => {
      admit = resolve
    })
    const entry: Waiting = { bytes, admit }
    this.#waiting.add(entry)
    const settled = new AbortController()
    await Promise.race([admitted, clock.sleep(maxWaitMs, AbortSignal.any([signal, settled.signal]))])
    settled.abort()
    const wasAdmitted = !this.#waiting.delete(entry)
    if (wasAdmitted) return
    this.#admitNext()
    throw signal.aborted ? new AppError('cancelled', 'the sender has gone') : this.#full()
  }

  #createReservation(reserved: number): Reservation {
    let bytes = reserved
    let released = false
    const resize = (to: number): void => {
      if (released) return
      this.#reservedBytes += to - bytes
      bytes = to
      this.#admitNext()
    }
    return {
      get bytes() {
        return bytes
      },
      resize,
      release: () => {
        resize(0)
        released = true
      },
    }
  }

  #admitNext(): void {
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.bytes)) return
      this.#waiting.delete(waiting)
      this.#reservedBytes += waiting.bytes
      waiting.admit()
    }
  }

  #fits(bytes: number): boolean {
    return this.#reservedBytes + bytes <= this.#options.limitBytes
  }

  #full(): AppError {
    return new AppError('unavailable', 'too much is being taken in at once, try again', { retryAfterMs: 1_000 })
  }
}
