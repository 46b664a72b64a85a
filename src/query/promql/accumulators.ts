import type { Aggregator } from './ast.ts'
import { addKahan, type KahanSum } from './kahan.ts'
import { FLOAT } from './values.ts'

export type SimpleAggregator = Exclude<
  Aggregator,
  'topk' | 'bottomk' | 'count_values' | 'quantile' | 'limitk' | 'limit_ratio'
>

/** Folds the rows of a group, each step on its own. `result` is asked only for steps that got a value. */
export interface Accumulator {
  /** Takes the floats of a row; `count` and `group` take whatever is there. */
  add(values: Float64Array, present: Uint8Array): void
  result(step: number): number
}

export function createAccumulator(operator: SimpleAggregator, count: number): Accumulator {
  switch (operator) {
    case 'sum':
      return sums(count)
    case 'avg':
      return means(count)
    case 'count':
      return counts(count)
    case 'group':
      return { add: () => undefined, result: () => 1 }
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

/** Whether histograms count for the operator as floats do. */
export function countsAnySample(operator: SimpleAggregator): boolean {
  return operator === 'count' || operator === 'group'
}

function counts(count: number): Accumulator {
  const totals = new Float64Array(count)
  return {
    add: (_, present) => {
      for (let step = 0; step < count; step++) if (present[step] !== 0) totals[step] = (totals[step] ?? 0) + 1
    },
    result: (step) => totals[step] ?? 0,
  }
}

function sums(count: number): Accumulator {
  const total = new Float64Array(count)
  const lost = new Float64Array(count)
  const scratch: KahanSum = { sum: 0, compensation: 0 }
  return {
    add: (values, present) => {
      for (let step = 0; step < count; step++) {
        if (present[step] !== FLOAT) continue
        scratch.sum = total[step] ?? 0
        scratch.compensation = lost[step] ?? 0
        addKahan(scratch, values[step] ?? 0)
        total[step] = scratch.sum
        lost[step] = scratch.compensation
      }
    },
    result: (step) => (total[step] ?? 0) + (lost[step] ?? 0),
  }
}

/** As `MeanAccumulator`, which says why it goes on as a running mean, with one array for each of its fields. */
function means(count: number): Accumulator {
  const total = new Float64Array(count)
  const lost = new Float64Array(count)
  const seen = new Float64Array(count)
  const running = new Uint8Array(count)
  const scratch: KahanSum = { sum: 0, compensation: 0 }
  const add = (step: number, value: number): void => {
    const n = (seen[step] ?? 0) + 1
    seen[step] = n
    const [sum, compensation] = [total[step] ?? 0, lost[step] ?? 0]
    scratch.sum = n === 1 ? value : sum
    scratch.compensation = compensation
    if (n > 1) {
      if (running[step] === 0) {
        addKahan(scratch, value)
        if (Math.abs(scratch.sum) === Infinity) {
          running[step] = 1
          scratch.sum = sum / (n - 1)
          scratch.compensation = compensation / (n - 1)
        }
      }
      if (running[step] === 1) {
        const share = (n - 1) / n
        scratch.sum *= share
        scratch.compensation *= share
        addKahan(scratch, value / n)
      }
    }
    total[step] = scratch.sum
    lost[step] = scratch.compensation
  }
  return {
    add: (values, present) => {
      for (let step = 0; step < count; step++) if (present[step] === FLOAT) add(step, values[step] ?? 0)
    },
    result: (step) => {
      const [sum, compensation, n] = [total[step] ?? 0, lost[step] ?? 0, seen[step] ?? 1]
      return running[step] === 1 ? sum + compensation : sum / n + compensation / n
    },
  }
}

function extremes(count: number, better: (value: number, best: number) => boolean): Accumulator {
  const best = new Float64Array(count).fill(NaN)
  return {
    add: (values, present) => {
      for (let step = 0; step < count; step++) {
        if (present[step] !== FLOAT) continue
        const value = values[step] ?? NaN
        const known = best[step] ?? NaN
        if (Number.isNaN(known) || better(value, known)) best[step] = value
      }
    },
    result: (step) => best[step] ?? NaN,
  }
}

/** Welford's running variance. */
function variances(count: number, finish: (variance: number) => number): Accumulator {
  const n = new Float64Array(count)
  const mean = new Float64Array(count)
  const squares = new Float64Array(count)
  const add = (step: number, value: number): void => {
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
  }
  return {
    add: (values, present) => {
      for (let step = 0; step < count; step++) if (present[step] === FLOAT) add(step, values[step] ?? 0)
    },
    result: (step) => finish((squares[step] ?? 0) / (n[step] ?? 1)),
  }
}
