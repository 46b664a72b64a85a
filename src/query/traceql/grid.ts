import { AppError } from '../../core/index.ts'

/** When series have values: at `startNs`, then every `stepNs` up to `endNs`; instant, only at the end. Nanoseconds. */
export interface MetricsGrid {
  readonly startNs: bigint
  readonly endNs: bigint
  /** Without a step there is one interval, from start to end, both included. */
  readonly stepNs?: bigint
}

/**
 * The intervals of a grid. Of a range each is open to the left and closed to the right and stands at its end; the
 * whole is widened to multiples of the step, with one interval before the start.
 */
export interface Intervals {
  /** Spans start behind it. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly stepNs: bigint
  /** What rates are divided by. */
  readonly lengthNs: bigint
  readonly count: number
  /** The interval in which the time lies; undefined outside of all. */
  indexOf(ns: bigint): number | undefined
  timeMsOf(index: number): number
}

/** Throws AppError `invalid` for an empty range, a step that is none, and more intervals than `most`. */
export function intervalsOf({ startNs, endNs, stepNs }: MetricsGrid, most: number): Intervals {
  if (endNs <= startNs) throw new AppError('invalid', 'end must be greater than start')
  if (stepNs === undefined) return instant(startNs, endNs)
  if (stepNs <= 0n) throw new AppError('invalid', 'step must be positive')
  const aligned = startNs - (startNs % stepNs)
  const first = aligned > stepNs ? aligned - stepNs : aligned
  const rest = endNs % stepNs
  const last = rest === 0n ? endNs : endNs + stepNs - rest
  const count = Number((last - first) / stepNs)
  if (count > most) {
    throw new AppError('invalid', `the range has ${String(count)} steps, more than ${String(most)}: use a longer step`)
  }
  return {
    startNs: first,
    endNs: last,
    stepNs,
    lengthNs: stepNs,
    count,
    indexOf: (ns) => (ns <= first || ns > last ? undefined : Number((ns - first - 1n) / stepNs)),
    timeMsOf: (index) => Number((first + BigInt(index + 1) * stepNs) / 1_000_000n),
  }
}

function instant(startNs: bigint, endNs: bigint): Intervals {
  return {
    startNs: startNs - 1n,
    endNs,
    stepNs: endNs - startNs + 1n,
    lengthNs: endNs - startNs,
    count: 1,
    indexOf: (ns) => (ns < startNs || ns > endNs ? undefined : 0),
    timeMsOf: () => Number(endNs / 1_000_000n),
  }
}
