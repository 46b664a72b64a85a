import { addKahan, type KahanSum, roundingLoss } from '../kahan.ts'
import { FLOAT, stepTime } from '../values.ts'
import type { FloatKernel } from './float-windows.ts'
import type { PromqlFunction } from './function.ts'
import { rangeFunction } from './range-function.ts'
import type { SampleWindow } from './window.ts'

type Samples = Pick<SampleWindow, 'timesMs' | 'values' | 'from' | 'to'>

/** Least squares over the window; time counts in seconds from `originMs`. */
function regress({ timesMs, values, from, to }: Samples, originMs: number): { slope: number; intercept: number } {
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

/** `regress` for plain floats, without an object for a sum, and without a branch for what is not finite: that is left to `regress`. */
function regressionKernel(of: 'slope' | 'prediction'): FloatKernel {
  return ({ timesMs, values, froms, tos, first, count, grid, scalars }, row) => {
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (to - from < 2) continue
      const step = first + k
      const originMs = of === 'slope' ? (timesMs[from] ?? 0) : stepTime(grid, step)
      const firstValue = values[from] ?? 0
      let sumX = 0
      let sumY = 0
      let sumXy = 0
      let sumXx = 0
      let lostX = 0
      let lostY = 0
      let lostXy = 0
      let lostXx = 0
      let constant = true
      for (let i = from; i < to; i++) {
        const y = values[i] ?? 0
        const x = ((timesMs[i] ?? 0) - originMs) / 1000
        if (y !== firstValue) constant = false
        const nextX = sumX + x
        lostX += roundingLoss(sumX, x, nextX)
        sumX = nextX
        const nextY = sumY + y
        lostY += roundingLoss(sumY, y, nextY)
        sumY = nextY
        const xy = x * y
        const nextXy = sumXy + xy
        lostXy += roundingLoss(sumXy, xy, nextXy)
        sumXy = nextXy
        const xx = x * x
        const nextXx = sumXx + xx
        lostXx += roundingLoss(sumXx, xx, nextXx)
        sumXx = nextXx
      }
      let slope = 0
      let intercept = firstValue
      if (constant) {
        if (Math.abs(firstValue) === Infinity) {
          slope = NaN
          intercept = NaN
        }
      } else {
        const n = to - from
        const x = sumX + lostX
        const y = sumY + lostY
        const covariance = sumXy + lostXy - (x * y) / n
        const variance = sumXx + lostXx - (x * x) / n
        slope = covariance / variance
        intercept = y / n - (slope * x) / n
        if (!Number.isFinite(slope + intercept)) {
          const special = regress({ timesMs, values, from, to }, originMs)
          slope = special.slope
          intercept = special.intercept
        }
      }
      row.values[step] = of === 'slope' ? slope : slope * (scalars[0]?.values[step] ?? NaN) + intercept
      row.present[step] = FLOAT
      any = true
    }
    return any
  }
}

export const regressionFunctions: Readonly<Record<string, PromqlFunction>> = {
  deriv: rangeFunction(
    (window) => (window.to - window.from < 2 ? undefined : regress(window, window.timesMs[window.from] ?? 0).slope),
    { kernel: () => regressionKernel('slope') },
  ),
  predict_linear: rangeFunction(
    (window, [ahead = NaN], stepMs) => {
      if (window.to - window.from < 2) return undefined
      const { slope, intercept } = regress(window, stepMs)
      return slope * ahead + intercept
    },
    { args: ['matrix', 'scalar'], kernel: () => regressionKernel('prediction') },
  ),
}
