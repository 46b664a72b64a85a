import type { Scope } from '../../model/index.ts'
import type { MetricSource } from '../metric-source.ts'
import type { Pacer } from '../pacer.ts'
import type { Annotations } from './annotations.ts'
import { tooManySamples } from './errors.ts'
import type { LeafShare } from './leaf-share.ts'
import type { SampleCounts } from './sample-counts.ts'
import type { RowPool, StepGrid } from './values.ts'

/** What operators on rows of steps need. */
export interface StepContext {
  readonly grid: StepGrid
  readonly pacer: Pacer
  readonly annotations: Annotations
}

/** What every part of an evaluation needs. Subqueries get a copy with another grid. */
export interface EvalContext extends StepContext {
  /** The times of the whole query: for `@ start()`, `end()`, `step()` and durations made of these. */
  readonly queryStartMs: number
  readonly queryEndMs: number
  /** 0 in an instant query. */
  readonly queryStepMs: number
  readonly lookbackMs: number
  readonly subqueryStepMs: number
  /** Rates look at when counters began, where that is known. */
  readonly startTimes: boolean
  readonly source: MetricSource
  readonly scope: Scope
  readonly signal: AbortSignal
  readonly samples: SampleBudget
  /** Absent where nobody asks, and in subqueries. */
  readonly counts?: SampleCounts | undefined
  /** What of the query's leaves need not be read again. */
  readonly leaves: LeafShare
  /** Whether all of a leaf is fetched before anything is made of it: slower, and the measure for `streamed`. */
  readonly plan: QueryPlan
  /** Where rows of this grid come from whose consumer lets go of them soon. */
  readonly rows?: RowPool | undefined
}

/** `streamed`: series pass by in pieces, as far as what is made of them allows. `naive`: one step after the other. */
export type QueryPlan = 'streamed' | 'naive'

/** Counts the samples and points that a query holds at once, against a limit. */
export class SampleBudget {
  #left: number
  /** Samples and points counted until now. */
  taken = 0
  /** Most of them that were held at once. */
  peak = 0
  #held = 0

  constructor(limit: number) {
    this.#left = limit
  }

  take(samples: number): void {
    this.check(samples)
    this.#left -= samples
    this.taken += samples
    this.#held += samples
    this.peak = Math.max(this.peak, this.#held)
  }

  /** So many are no longer held. */
  release(samples: number): void {
    this.#left += samples
    this.#held -= samples
  }

  /** Throws if so many more could not be held; takes none. */
  check(samples: number): void {
    if (samples > this.#left) throw tooManySamples()
  }
}
