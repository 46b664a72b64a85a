import { addKahan, type KahanSum, MeanAccumulator } from '../kahan.ts'
import { interpolatedQuantile } from '../quantile.ts'
import { type PromqlFunction, rangeFunction, type SampleWindow } from './function.ts'

function sum({ values, from, to }: SampleWindow): number {
  const total: KahanSum = { sum: 0, compensation: 0 }
  for (let i = from; i < to; i++) addKahan(total, values[i] ?? 0)
  return Math.abs(total.sum) === Infinity ? total.sum : total.sum + total.compensation
}

function average({ values, from, to }: SampleWindow): number {
  const mean = new MeanAccumulator()
  for (let i = from; i < to; i++) mean.add(values[i] ?? 0)
  return mean.mean()
}

function extreme(better: (value: number, best: number) => boolean): (window: SampleWindow) => number {
  return ({ values, from, to }) => {
    let best = values[from] ?? NaN
    for (let i = from + 1; i < to; i++) {
      const value = values[i] ?? NaN
      if (Number.isNaN(best) || better(value, best)) best = value
    }
    return best
  }
}

function variance({ values, from, to }: SampleWindow): number {
  const mean: KahanSum = { sum: 0, compensation: 0 }
  const squares: KahanSum = { sum: 0, compensation: 0 }
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0
    const delta = value - (mean.sum + mean.compensation)
    addKahan(mean, delta / (i - from + 1))
    addKahan(squares, delta * (value - (mean.sum + mean.compensation)))
  }
  return (squares.sum + squares.compensation) / (to - from)
}

/** How often a sample and its predecessor satisfy the condition. */
function countSteps(counts: (previous: number, value: number) => boolean): (window: SampleWindow) => number {
  return ({ values, from, to }) => {
    let count = 0
    for (let i = from + 1; i < to; i++) if (counts(values[i - 1] ?? 0, values[i] ?? 0)) count += 1
    return count
  }
}

function quantile({ values, from, to }: SampleWindow, [q = NaN]: readonly number[]): number {
  return interpolatedQuantile(q, values.subarray(from, to))
}

export const overTimeFunctions: Readonly<Record<string, PromqlFunction>> = {
  sum_over_time: rangeFunction(sum),
  avg_over_time: rangeFunction(average),
  min_over_time: rangeFunction(extreme((value, best) => value < best)),
  max_over_time: rangeFunction(extreme((value, best) => value > best)),
  count_over_time: rangeFunction(({ from, to }) => to - from),
  present_over_time: rangeFunction(() => 1),
  last_over_time: rangeFunction(({ values, to }) => values[to - 1], { keepName: true }),
  first_over_time: rangeFunction(({ values, from }) => values[from], { keepName: true }),
  stdvar_over_time: rangeFunction(variance),
  stddev_over_time: rangeFunction((window) => Math.sqrt(variance(window))),
  quantile_over_time: rangeFunction(quantile, { args: ['scalar', 'matrix'] }),
  changes: rangeFunction(
    countSteps((previous, value) => value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))),
  ),
  resets: rangeFunction(countSteps((previous, value) => value < previous)),
}
