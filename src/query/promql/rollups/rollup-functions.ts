import { type BucketFact, isHigher, isLower, sumOf } from '../../rollups/index.ts'
import type { Notes } from '../functions/range-function.ts'
import { type RateKind, seconds, warnOfGauge } from '../functions/rate.ts'
import { addKahan, type KahanSum } from '../kahan.ts'
import { type BucketWindow, filledEdges, joinBuckets, sumFacts } from './bucket-window.ts'

/** A range function over buckets: it gives what the function gives over their samples. */
export interface RollupFunction {
  /** What it looks at. */
  readonly facts: readonly BucketFact[]
  readonly keepName?: boolean
  /** The window holds a bucket, at least; undefined when there are too few samples. */
  compute(window: BucketWindow, notes: Notes): number | undefined
}

function changeFunction(kind: RateKind): RollupFunction {
  const facts = ['count', 'firstMs', 'first', 'lastMs', 'last'] as const
  return {
    facts: kind.counter ? [...facts, 'dropped', 'resets'] : facts,
    compute: (window, notes) => {
      const edges = filledEdges(window)
      const { buckets } = window
      const samples = sumFacts(window, buckets.count)
      if (edges === undefined || samples < 2) return undefined
      if (kind.counter) warnOfGauge(notes)
      const [from, to] = edges
      const first = buckets.first[from] ?? 0
      const difference = (buckets.last[to] ?? 0) - first
      const change = kind.counter ? difference + joinBuckets(window).dropped : difference
      const times = { firstMs: buckets.firstMs[from] ?? 0, lastMs: buckets.lastMs[to] ?? 0, samples }
      return change * factorOf(window, kind, times, { first, change })
    },
  }
}

/** By what to multiply the change between the samples: see `extrapolated` of the function itself. */
function factorOf(
  { startMs, endMs, rangeMs }: BucketWindow,
  { counter, perSecond }: RateKind,
  { firstMs, lastMs, samples }: { readonly firstMs: number; readonly lastMs: number; readonly samples: number },
  { first, change }: { readonly first: number; readonly change: number },
): number {
  const sampled = (lastMs - firstMs) / 1000
  const interval = sampled / (samples - 1)
  const threshold = interval * 1.1
  let toStart = (firstMs - startMs) / 1000
  if (toStart >= threshold) toStart = interval / 2
  if (counter && change > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / change))
  let toEnd = (endMs - lastMs) / 1000
  if (toEnd >= threshold) toEnd = interval / 2
  const factor = (sampled + toStart + toEnd) / sampled
  return perSecond ? factor / seconds(rangeMs) : factor
}

function sum(window: BucketWindow): KahanSum {
  const total: KahanSum = { sum: 0, compensation: 0 }
  const { buckets, from, to } = window
  for (let i = from; i < to; i++) if (buckets.count[i] !== 0) addKahan(total, buckets.sum[i] ?? 0)
  return total
}

function extreme(fact: 'min' | 'max', better: (value: number, best: number) => boolean): RollupFunction {
  return {
    facts: ['count', fact],
    compute: ({ buckets, from, to }) => {
      let best: number | undefined
      for (let i = from; i < to; i++) {
        if (buckets.count[i] === 0) continue
        const value = buckets[fact][i] ?? NaN
        if (best === undefined || better(value, best)) best = value
      }
      return best
    },
  }
}

/** Of a window with samples. */
function ofSome(facts: readonly BucketFact[], compute: (window: BucketWindow) => number): RollupFunction {
  return {
    facts: ['count', ...facts],
    compute: (window) => (filledEdges(window) === undefined ? undefined : compute(window)),
  }
}

function edge(fact: 'first' | 'last', at: 0 | 1): RollupFunction {
  return {
    facts: ['count', fact],
    keepName: true,
    compute: (window) => {
      const edges = filledEdges(window)
      return edges === undefined ? undefined : window.buckets[fact][edges[at]]
    },
  }
}

/** The functions that rollups can answer exactly; all others need the samples. */
const FUNCTIONS: ReadonlyMap<string, RollupFunction> = new Map(
  Object.entries({
    rate: changeFunction({ counter: true, perSecond: true }),
    increase: changeFunction({ counter: true, perSecond: false }),
    delta: changeFunction({ counter: false, perSecond: false }),
    sum_over_time: ofSome(['sum'], (window) => sumOf(sum(window))),
    avg_over_time: ofSome(['sum'], (window) => meanOf(sum(window), sumFacts(window, window.buckets.count))),
    count_over_time: ofSome([], (window) => sumFacts(window, window.buckets.count)),
    present_over_time: ofSome([], () => 1),
    min_over_time: extreme('min', isLower),
    max_over_time: extreme('max', isHigher),
    first_over_time: edge('first', 0),
    last_over_time: edge('last', 1),
    changes: ofSome(['first', 'last', 'changes'], (window) => joinBuckets(window).changes),
    resets: ofSome(['first', 'last', 'resets'], (window) => joinBuckets(window).resets),
  }),
)

export function findRollupFunction(name: string): RollupFunction | undefined {
  return FUNCTIONS.get(name)
}

function meanOf({ sum: total, compensation }: KahanSum, count: number): number {
  return Math.abs(total) === Infinity ? total : total / count + compensation / count
}

/** What an instant selector sees: the last sample of the look-back, unless that is a stale marker. */
export const instantRollup: RollupFunction = {
  facts: ['count', 'endsStale', 'last'],
  keepName: true,
  compute: ({ buckets, to }) => (seesSample(buckets, to) ? buckets.last[to - 1] : undefined),
}

/** When that was, in seconds: for `timestamp()`. */
export const timestampRollup: RollupFunction = {
  facts: ['count', 'endsStale', 'lastMs'],
  compute: ({ buckets, to }) => (seesSample(buckets, to) ? (buckets.lastMs[to - 1] ?? 0) / 1000 : undefined),
}

/** Buckets have samples or stale markers; of the last one before `to`, the last is what counts. */
function seesSample({ count, endsStale }: BucketWindow['buckets'], to: number): boolean {
  return count[to - 1] !== 0 && endsStale[to - 1] === 0
}
