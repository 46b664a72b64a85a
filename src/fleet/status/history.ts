import type { ClusterSnapshot } from '../../contract/index.ts'
import { type Signal, SIGNALS } from '../../model/index.ts'
import { Buckets } from '../../core/index.ts'

const STEP_MS = 30_000
const STEPS = 120
const RATE_SECONDS = 30
/** A bucket that has only begun says nothing about a rate. */
const MIN_ELAPSED_MS = 5_000

/**
 * How much of each signal a cluster sent: per second over the last half minute, and in steps over the last hour; in the
 * same steps, how long that took to become queryable.
 */
export class History {
  readonly #startedAtMs: number
  readonly #rates: Readonly<Record<Signal, Buckets>>
  readonly #steps: Readonly<Record<Signal, Buckets>>
  readonly #heard = new Buckets(STEP_MS, STEPS + 2)
  readonly #stored = new Buckets(STEP_MS, STEPS + 2)
  /** Milliseconds times items. */
  readonly #lagP50 = new Buckets(STEP_MS, STEPS + 2)
  readonly #lagP99 = new Buckets(STEP_MS, STEPS + 2)

  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs
    this.#rates = bySignal(() => new Buckets(1_000, RATE_SECONDS + 2))
    this.#steps = bySignal(() => new Buckets(STEP_MS, STEPS + 2))
  }

  add(atMs: number, signal: Signal, items: number): void {
    this.#rates[signal].add(atMs, items)
    this.#steps[signal].add(atMs, items)
  }

  stored(atMs: number, items: number, lag: { readonly p50Ms: number; readonly p99Ms: number }): void {
    this.#stored.add(atMs, items)
    this.#lagP50.add(atMs, lag.p50Ms * items)
    this.#lagP99.raise(atMs, lag.p99Ms)
  }

  /** Without this, a stretch without items is not known to be empty. */
  heard(atMs: number): void {
    this.#heard.add(atMs, 1)
  }

  /** Items per second over the last 30 whole seconds, or those since the start. */
  rates(nowMs: number): Record<Signal, number> {
    const last = Math.floor(nowMs / 1_000) - 1
    const since = Math.max(last - RATE_SECONDS + 1, Math.floor(this.#startedAtMs / 1_000))
    const seconds = last - since + 1
    return bySignal((signal) => (seconds <= 0 ? 0 : this.#rates[signal].sum(since, last) / seconds))
  }

  read(nowMs: number): ClusterSnapshot['history'] {
    const current = this.#heard.bucketOf(nowMs)
    const first = current - STEPS + 1
    const steps = Array.from({ length: STEPS }, (_, i) => first + i)
    const valuesOf = (signal: Signal): (number | null)[] =>
      steps.map((step) => {
        const coveredMs = this.#coveredMs(step, nowMs)
        if (coveredMs < MIN_ELAPSED_MS || !this.#isKnown(step, current)) return null
        return this.#steps[signal].at(step) / (coveredMs / 1_000)
      })
    const ifStored = (value: (step: number, items: number) => number): (number | null)[] =>
      steps.map((step) => (this.#stored.at(step) > 0 ? value(step, this.#stored.at(step)) : null))
    return {
      startMs: first * STEP_MS,
      stepMs: STEP_MS,
      ...bySignal(valuesOf),
      lagP50Ms: ifStored((step, items) => Math.round(this.#lagP50.at(step) / items)),
      lagP99Ms: ifStored((step) => this.#lagP99.at(step)),
    }
  }

  /** How much of the step lies between the start and now. */
  #coveredMs(step: number, nowMs: number): number {
    return Math.min((step + 1) * STEP_MS, nowMs) - Math.max(step * STEP_MS, this.#startedAtMs)
  }

  /** Whether the cluster was heard in the step; one that speaks once a minute skips a step without being away. */
  #isKnown(step: number, current: number): boolean {
    if (this.#heard.at(step) > 0) return true
    return this.#heard.at(step - 1) > 0 && (step === current || this.#heard.at(step + 1) > 0)
  }
}

function bySignal<T>(make: (signal: Signal) => T): Record<Signal, T> {
  // SIGNALS has every signal once, so the record is complete.
  return Object.fromEntries(SIGNALS.map((signal) => [signal, make(signal)])) as Record<Signal, T>
}
