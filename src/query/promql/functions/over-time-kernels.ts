import { addKahan, type KahanSum, MeanAccumulator, roundingLoss } from '../kahan.ts'
import { SortedWindow } from '../sorted-window.ts'
import { FLOAT } from '../values.ts'
import type { FloatKernel, FloatWindows } from './float-windows.ts'

/*
 * Functions over time for the many windows of plain floats. Each gives what its function in over-time.ts gives, bit for bit.
 */

/** `count_over_time`, or 1 wherever there is a sample. */
export function countKernel(counts: 'all' | 'any'): FloatKernel {
  return ({ froms, tos, first, count }, row) => {
    let any = false
    for (let k = 0; k < count; k++) {
      const samples = (tos[k] ?? 0) - (froms[k] ?? 0)
      if (samples === 0) continue
      row.values[first + k] = counts === 'all' ? samples : 1
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

export function edgeKernel(edge: 'first' | 'last'): FloatKernel {
  return ({ values, froms, tos, first, count }, row) => {
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      row.values[first + k] = values[edge === 'first' ? from : to - 1] ?? NaN
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

/**
 * The smallest or largest of each window: of what is in it only those are remembered that nothing behind them beats, so
 * that each sample comes and goes once however long windows are. NaN is remembered by nobody.
 */
export function extremeKernel(kind: 'min' | 'max'): FloatKernel {
  const sign = kind === 'min' ? 1 : -1
  // Their indexes, from `head` up to `tail`: the values ascend (descend) strictly.
  let best = new Int32Array(0)
  let [head, tail, next] = [0, 0, 0]
  return (windows, row) => {
    const { values, froms, tos, first, count } = windows
    // Where windows hardly overlap nothing need be remembered, and one may be as long as the series.
    const remembers = windows.overlap >= 2
    if (first === 0) {
      head = 0
      tail = 0
      next = 0
      if (remembers && best.length < values.length) best = new Int32Array(values.length)
    }
    const indexes = best
    let [low, high, at] = [head, tail, next]
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      if (!remembers) {
        row.values[first + k] = extremeOf(values, from, to, sign)
        row.present[first + k] = FLOAT
        any = true
        continue
      }
      if (at < from) {
        at = from
        low = 0
        high = 0
      }
      for (; at < to; at++) {
        const value = values[at] ?? NaN
        if (Number.isNaN(value)) continue
        const ranked = sign * value
        while (high > low && sign * (values[indexes[high - 1] ?? 0] ?? NaN) >= ranked) high -= 1
        indexes[high] = at
        high += 1
      }
      while (low < high && (indexes[low] ?? 0) < from) low += 1
      row.values[first + k] = values[low < high ? (indexes[low] ?? 0) : to - 1] ?? NaN
      row.present[first + k] = FLOAT
      any = true
    }
    head = low
    tail = high
    next = at
    return any
  }
}

function extremeOf(values: Float64Array, from: number, to: number, sign: number): number {
  let best = values[from] ?? NaN
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? NaN
    if (Number.isNaN(best) || sign * value <= sign * best) best = value
  }
  return best
}

/** Below this, sums of whole numbers and differences of such sums are exact. */
const EXACT = 2 ** 52
/** Running sums pay where a sample is in so many windows. */
const OVERLAP = 3

/**
 * Sums of all samples before each one, for series of whole numbers: these are exact in whatever order they are added up, so
 * that the sum of a window is a difference. Undefined where it is not so, or does not pay.
 */
class RunningSums {
  #sums = new Float64Array(0)
  #isExact = false

  of(windows: FloatWindows): Float64Array | undefined {
    if (windows.first === 0) this.#isExact = windows.overlap >= OVERLAP && this.#add(windows.values)
    return this.#isExact ? this.#sums : undefined
  }

  #add(values: Float64Array): boolean {
    if (this.#sums.length <= values.length) this.#sums = new Float64Array(values.length + 1)
    const sums = this.#sums
    let sum = 0
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0
      sum += value
      // Neither NaN nor an infinity is whole.
      if (Math.trunc(value) !== value || Math.abs(sum) > EXACT || Math.abs(value) > EXACT) return false
      sums[i + 1] = sum
    }
    return true
  }
}

export function sumKernel(): FloatKernel {
  const running = new RunningSums()
  return (windows, row) => {
    const { values, froms, tos, first, count } = windows
    const sums = running.of(windows)
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      let sum = 0
      if (sums !== undefined) {
        sum = (sums[to] ?? 0) - (sums[from] ?? 0)
      } else {
        let lost = 0
        for (let i = from; i < to; i++) {
          const value = values[i] ?? 0
          const next = sum + value
          lost += roundingLoss(sum, value, next)
          sum = next
        }
        sum = Number.isFinite(sum + lost) ? sum + lost : sumOf(values, from, to)
      }
      row.values[first + k] = sum
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

export function meanKernel(): FloatKernel {
  const running = new RunningSums()
  return (windows, row) => {
    const { values, froms, tos, first, count } = windows
    const sums = running.of(windows)
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      const n = to - from
      let mean = 0
      if (sums !== undefined) {
        mean = ((sums[to] ?? 0) - (sums[from] ?? 0)) / n
      } else {
        let sum = values[from] ?? 0
        let lost = 0
        for (let i = from + 1; i < to; i++) {
          const value = values[i] ?? 0
          const next = sum + value
          lost += roundingLoss(sum, value, next)
          sum = next
        }
        mean = sum / n + lost / n
        if (!Number.isFinite(mean)) mean = meanOf(values, from, to)
      }
      row.values[first + k] = mean
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

/*
 * The loops above leave to these what overflows or has something in it that is not finite.
 */

export function sumOf(values: Float64Array, from: number, to: number): number {
  const total: KahanSum = { sum: 0, compensation: 0 }
  for (let i = from; i < to; i++) addKahan(total, values[i] ?? 0)
  return Math.abs(total.sum) === Infinity ? total.sum : total.sum + total.compensation
}

export function meanOf(values: Float64Array, from: number, to: number): number {
  const mean = new MeanAccumulator()
  for (let i = from; i < to; i++) mean.add(values[i] ?? 0)
  return mean.mean()
}

export function varianceKernel(finish: (variance: number) => number): FloatKernel {
  return ({ values, froms, tos, first, count }, row) => {
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      let mean = 0
      let meanLost = 0
      let squares = 0
      let squaresLost = 0
      for (let i = from; i < to; i++) {
        const value = values[i] ?? 0
        const delta = value - (mean + meanLost)
        const share = delta / (i - from + 1)
        const nextMean = mean + share
        meanLost += roundingLoss(mean, share, nextMean)
        mean = nextMean
        const square = delta * (value - (mean + meanLost))
        const nextSquares = squares + square
        squaresLost += roundingLoss(squares, square, nextSquares)
        squares = nextSquares
      }
      const variance = (squares + squaresLost) / (to - from)
      row.values[first + k] = finish(Number.isFinite(variance) ? variance : varianceOf(values, from, to))
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

export function varianceOf(values: Float64Array, from: number, to: number): number {
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

/** Keeps the window in order, from one step to the next. */
export function quantileKernel(): FloatKernel {
  const sorted = new SortedWindow()
  return ({ values, froms, tos, first, count, scalars }, row, { annotations, at }) => {
    if (first === 0) sorted.begin(values)
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      const q = scalars[0]?.values[first + k] ?? NaN
      if (!(q >= 0 && q <= 1)) annotations.invalidQuantile(q, at)
      sorted.moveTo(from, to)
      row.values[first + k] = sorted.quantile(q)
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}
