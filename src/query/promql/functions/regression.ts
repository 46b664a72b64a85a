import { addKahan, type KahanSum } from '../kahan.ts'
import { type PromqlFunction, rangeFunction, type SampleWindow } from './function.ts'

/** Least squares over the window; time counts in seconds from `originMs`. */
function regress({ timesMs, values, from, to }: SampleWindow, originMs: number): { slope: number; intercept: number } {
  const first = values[from] ?? 0
  const sums = { x: zero(), y: zero(), xy: zero(), xx: zero() }
  let constant = true
  for (let i = from; i < to; i++) {
    const y = values[i] ?? 0
    const x = ((timesMs[i] ?? 0) - originMs) / 1000
    if (y !== first) constant = false
    addKahan(sums.x, x)
    addKahan(sums.y, y)
    addKahan(sums.xy, x * y)
    addKahan(sums.xx, x * x)
  }
  // A flat line is exact; the formula would make rounding noise of it.
  if (constant) return Math.abs(first) === Infinity ? { slope: NaN, intercept: NaN } : { slope: 0, intercept: first }
  const n = to - from
  const x = total(sums.x)
  const y = total(sums.y)
  const covariance = total(sums.xy) - (x * y) / n
  const variance = total(sums.xx) - (x * x) / n
  const slope = covariance / variance
  return { slope, intercept: y / n - (slope * x) / n }
}

function zero(): KahanSum {
  return { sum: 0, compensation: 0 }
}

function total({ sum, compensation }: KahanSum): number {
  return sum + compensation
}

export const regressionFunctions: Readonly<Record<string, PromqlFunction>> = {
  deriv: rangeFunction((window) =>
    window.to - window.from < 2 ? undefined : regress(window, window.timesMs[window.from] ?? 0).slope,
  ),
  predict_linear: rangeFunction(
    (window, [ahead = NaN], stepMs) => {
      if (window.to - window.from < 2) return undefined
      const { slope, intercept } = regress(window, stepMs)
      return slope * ahead + intercept
    },
    { args: ['matrix', 'scalar'] },
  ),
}
