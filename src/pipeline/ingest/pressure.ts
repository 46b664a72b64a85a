import { AppError, type Clock } from '../../core/index.ts'
import type { RetryHints } from './retry-hints.ts'

/** Something that can run short: the memory, the durable log. */
export interface PressureSource {
  /** For people: `memory`, `durable log`. */
  readonly name: string
  /** How much of it is used, from 0 to 1; undefined when that is not known. Cheap, and never throws. */
  readonly usage: () => number | undefined
  /** From this on requests are refused, until the usage is below `low` again. */
  readonly high: number
  readonly low: number
  /** The least that refused senders are told to wait. */
  readonly retryAfterMs: number
  /**
   * Refuse only while requests under way hold more than this. Memory that a process once had it often keeps, used or not:
   * where little is under way, refusing frees nothing, and would never end.
   */
  readonly aboveInFlightBytes?: number
}

const LOOK_EVERY_MS = 250

/** Refuses requests long before something runs out, and takes them again when there is room, with a distance between. */
export class Pressure {
  readonly #clock: Clock
  readonly #hints: RetryHints
  readonly #sources: readonly { readonly source: PressureSource; isHigh: boolean }[]
  #lookedAtMs = -Infinity

  constructor(clock: Clock, hints: RetryHints, sources: readonly PressureSource[]) {
    this.#clock = clock
    this.#hints = hints
    this.#sources = sources.map((source) => ({ source, isHigh: false }))
  }

  /** The names of what is short. */
  get short(): readonly string[] {
    this.#look()
    return this.#sources.filter(({ isHigh }) => isHigh).map(({ source }) => source.name)
  }

  /** Throws `unavailable` with a time to come back. `inFlightBytes` is what requests under way hold. */
  check(inFlightBytes: number): void {
    this.#look()
    for (const { source, isHigh } of this.#sources) {
      if (!isHigh || inFlightBytes <= (source.aboveInFlightBytes ?? -1)) continue
      const retryAfterMs = this.#hints.next(source.retryAfterMs)
      throw new AppError('unavailable', `the hub is short of room (${source.name}), try again later`, { retryAfterMs })
    }
  }

  #look(): void {
    const nowMs = this.#clock.now()
    if (Math.abs(nowMs - this.#lookedAtMs) < LOOK_EVERY_MS) return
    this.#lookedAtMs = nowMs
    for (const state of this.#sources) {
      const usage = state.source.usage() ?? 0
      state.isHigh = usage >= (state.isHigh ? state.source.low : state.source.high)
    }
  }
}
