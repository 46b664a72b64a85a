import { AppError, type Clock } from '../../core/index.ts'
import type { RetryHints } from './retry-hints.ts'

export interface AdmissionOptions {
  readonly clock: Clock
  readonly hints: RetryHints
  /** Of all reservations together. */
  readonly limitBytes: number
  /** Which part of it one owner may hold while it is not alone with one request: in (0, 1]; by default a half. */
  readonly ownerShare?: number
  /** Requests that may wait, of all owners together. */
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
  readonly settle: (admitted: boolean) => void
}

/** What one sender holds, and its requests that wait, in order. */
interface Owner {
  heldBytes: number
  readonly waiting: Waiting[]
}

/**
 * Bounds the memory of all requests that are being taken in, by whatever receiver. Before the first byte of a request
 * is read, the most it may need is reserved; what it really needs is known after decoding. Requests wait in line, and
 * are turned away with `unavailable` and a time to come back when the line is full or the wait gets long.
 *
 * Every owner (a cluster) has a line of its own. The owner that holds least is served next, and the longest line gives
 * up its place when there is no more: whoever floods the hub waits for itself and not for the others.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #ownerLimitBytes: number
  /** Only those that hold or wait for something. */
  readonly #owners = new Map<string, Owner>()
  #reservedBytes = 0
  #waiting = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#ownerLimitBytes = options.limitBytes * (options.ownerShare ?? 0.5)
  }

  get reservedBytes(): number {
    return this.#reservedBytes
  }

  get waiting(): number {
    return this.#waiting
  }

  async reserve(owner: string, bytes: number, signal: AbortSignal): Promise<Reservation> {
    // A request that may be as large as everything is let in when it is alone.
    const wanted = Math.min(bytes, this.#options.limitBytes)
    const state = this.#owners.get(owner) ?? { heldBytes: 0, waiting: [] }
    this.#owners.set(owner, state)
    let admitted: boolean | undefined
    let wake: (() => void) | undefined
    const entry: Waiting = {
      bytes: wanted,
      settle: (isAdmitted) => {
        admitted = isAdmitted
        wake?.()
      },
    }
    this.#enqueue(state, entry)
    if (admitted === undefined) {
      const settled = new Promise<void>((resolve) => {
        wake = resolve
      })
      await this.#wait(settled, signal)
    }
    if (admitted === true && !signal.aborted) return this.#createReservation(owner, state, wanted)
    if (admitted === true) this.#give(owner, state, wanted)
    else if (admitted === undefined) this.#leave(state, entry)
    this.#forget(owner, state)
    throw signal.aborted ? new AppError('cancelled', 'the sender has gone') : this.#full()
  }

  async #wait(settled: Promise<void>, signal: AbortSignal): Promise<void> {
    const done = new AbortController()
    await Promise.race([
      settled,
      this.#options.clock.sleep(this.#options.maxWaitMs, AbortSignal.any([signal, done.signal])),
    ])
    done.abort()
  }

  /** Puts the request at the end of its owner's line, for which the longest line may have to give up its last one. */
  #enqueue(state: Owner, entry: Waiting): void {
    state.waiting.push(entry)
    this.#waiting += 1
    this.#admitNext()
    if (this.#waiting <= this.#options.maxWaiting) return
    let longest = state
    for (const other of this.#owners.values()) if (other.waiting.length > longest.waiting.length) longest = other
    const last = longest.waiting.pop()
    this.#waiting -= 1
    last?.settle(false)
  }

  #leave(state: Owner, entry: Waiting): void {
    const at = state.waiting.indexOf(entry)
    if (at === -1) return
    state.waiting.splice(at, 1)
    this.#waiting -= 1
    this.#admitNext()
  }

  #createReservation(owner: string, state: Owner, reserved: number): Reservation {
    let bytes = reserved
    let released = false
    const resize = (to: number): void => {
      if (released) return
      this.#reservedBytes += to - bytes
      state.heldBytes += to - bytes
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
        this.#forget(owner, state)
      },
    }
  }

  /** Gives back what was admitted to somebody who is not there any more. */
  #give(owner: string, state: Owner, bytes: number): void {
    this.#reservedBytes -= bytes
    state.heldBytes -= bytes
    this.#forget(owner, state)
    this.#admitNext()
  }

  #forget(owner: string, state: Owner): void {
    if (state.heldBytes === 0 && state.waiting.length === 0 && this.#owners.get(owner) === state) {
      this.#owners.delete(owner)
    }
  }

  /** Admits whoever is next, as long as there is room for it. */
  #admitNext(): void {
    while (this.#waiting > 0) {
      const next = this.#next()
      const [first] = next?.waiting ?? []
      // Nobody steps past a large request that is next: it would wait for ever.
      if (next === undefined || first === undefined || !this.#fits(first.bytes)) return
      next.waiting.shift()
      this.#waiting -= 1
      next.heldBytes += first.bytes
      this.#reservedBytes += first.bytes
      first.settle(true)
    }
  }

  /** Of the owners that wait and may have more, the one that holds least. */
  #next(): Owner | undefined {
    let next: Owner | undefined
    for (const owner of this.#owners.values()) {
      const [first] = owner.waiting
      if (first === undefined) continue
      const mayHaveMore = owner.heldBytes === 0 || owner.heldBytes + first.bytes <= this.#ownerLimitBytes
      if (mayHaveMore && (next === undefined || owner.heldBytes < next.heldBytes)) next = owner
    }
    return next
  }

  #fits(bytes: number): boolean {
    return this.#reservedBytes + bytes <= this.#options.limitBytes
  }

  #full(): AppError {
    const retryAfterMs = this.#options.hints.next()
    return new AppError('unavailable', 'too much is being taken in at once, try again', { retryAfterMs })
  }
}
