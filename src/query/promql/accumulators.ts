import type { Aggregator } from './ast.ts'
import { addKahan, type KahanSum, MeanAccumulator } from './kahan.ts'

export type SimpleAggregator = Exclude<
  Aggregator,
  'topk' | 'bottomk' | 'count_values' | 'quantile' | 'limitk' | 'limit_ratio'
>

/** Folds the values of a group, for each step on its own. `result` is asked only for steps that got a value. */
export interface Accumulator {
  add(step: number, value: number): void
  result(step: number): number
}

export function createAccumulator(operator: SimpleAggregator, count: number): Accumulator {
  switch (operator) {
    case 'sum':
      return sums(count)
    case 'avg':
      return means(count)
    case 'count':
      return folded(count, (total) => total + 1)
    case 'group':
      return folded(count, () => 1)
    case 'min':
      return extremes(count, (value, best) => value < best)
    case 'max':
      return extremes(count, (value, best) => value > best)
    case 'stdvar':
      return variances(count, (variance) => variance)
    case 'stddev':
      return variances(count, Math.sqrt)
  }
}

function folded(count: number, fold: (total: number) => number): Accumulator {
  const totals = new Float64Array(count)
  return {
    add: (step) => {
      totals[step] = fold(totals[step] ?? 0)
    },
    result: (step) => totals[step] ?? 0,
  }
}

function sums(count: number): Accumulator {
  const total = new Float64Array(count)
  const lost = new Float64Array(count)
  const scratch: KahanSum = { sum: 0, compensation: 0 }
  return {
    add: (step, value) => {
      scratch.sum = total[step] ?? 0
      scratch.compensation = lost[step] ?? 0
      addKahan(scratch, value)
      total[step] = scratch.sum
      lost[step] = scratch.compensation
    },
    result: (step) => (total[step] ?? 0) + (lost[step] ?? 0),
  }
}

function means(count: number): Accumulator {
  const steps = Array.from({ length: count }, () => new MeanAccumulator())
  return {
    add: (step, value) => {
      steps[step]?.add(value)
    },
    result: (step) => steps[step]?.mean() ?? NaN,
  }
}

function extremes(count: number, better: (value: number, best: number) => boolean): Accumulator {
  const best = new Float64Array(count).fill(NaN)
  return {
    add: (step, value) => {
      const known = best[step] ?? NaN
      if (Number.isNaN(known) || better(value, known)) best[step] = value
    },
    result: (step) => best[step] ?? NaN,
  }
}

/** Welford's running variance. */
function variances(count: number, finish: (variance: number) => number): Accumulator {
  const n = new Float64Array(count)
  const mean = new Float64Array(count)
  const squares = new Float64Array(count)
  return {
    add: (step, value) => {
      const size = (n[step] ?? 0) + 1
      n[step] = size
      if (size === 1) {
        mean[step] = value
        squares[step] = Number.isFinite(value) ? 0 : NaN
        return
      }
      const delta = value - (mean[step] ?? 0)
      mean[step] = (mean[step] ?? 0) + delta / size
      squares[step] = (squares[step] ?? 0) + delta * (value - (mean[step] ?? 0))
    },
    result: (step) => finish((squares[step] ?? 0) / (n[step] ?? 1)),
  }
}
