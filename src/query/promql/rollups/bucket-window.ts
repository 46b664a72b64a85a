import { type Buckets, isChange } from '../../rollups/index.ts'

/** The buckets of one series in one step's window, which they fill exactly. The object is reused. */
export interface BucketWindow {
  buckets: Buckets
  /** First index in the window, and the first behind it. */
  from: number
  to: number
  startMs: number
  endMs: number
  readonly rangeMs: number
}

/** What two buckets on end say of the step from one to the other, and of what is in them. */
interface Joined {
  readonly dropped: number
  readonly resets: number
  readonly changes: number
}

/** The first and the last bucket of a window with samples other than stale markers; undefined if there is none. */
export function filledEdges({ buckets: { count }, from, to }: BucketWindow): readonly [number, number] | undefined {
  let first = from
  while (first < to && count[first] === 0) first += 1
  if (first === to) return undefined
  let last = to - 1
  while (count[last] === 0) last -= 1
  return [first, last]
}

/** What is between all neighbours of a window's samples, within buckets and from one to the next. */
export function joinBuckets({ buckets, from, to }: BucketWindow): Joined {
  const { count, first, last } = buckets
  let [dropped, resets, changes] = [0, 0, 0]
  let previous: number | undefined
  for (let i = from; i < to; i++) {
    if (count[i] === 0) continue
    const value = first[i] ?? 0
    if (previous !== undefined) {
      if (value < previous) {
        dropped += previous
        resets += 1
      }
      if (isChange(previous, value)) changes += 1
    }
    dropped += buckets.dropped[i] ?? 0
    resets += buckets.resets[i] ?? 0
    changes += buckets.changes[i] ?? 0
    previous = last[i]
  }
  return { dropped, resets, changes }
}

export function sumFacts({ from, to }: BucketWindow, fact: Float64Array): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += fact[i] ?? 0
  return sum
}
