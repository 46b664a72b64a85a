import { evaluationError } from '../errors.ts'
import { type PromqlFunction, rangeFunction, type WindowFunction } from './function.ts'

/** Holt's linear method: a level and a trend, each smoothed. */
const smooth: WindowFunction<number> = ({ values, from, to }, [levelFactor = NaN, trendFactor = NaN]) => {
  checkFactor('smoothing factor', 'sf', levelFactor)
  checkFactor('trend factor', 'tf', trendFactor)
  if (to - from < 2) return undefined
  let previous = 0
  let level = values[from] ?? 0
  let trend = (values[from + 1] ?? 0) - level
  for (let i = from + 1; i < to; i++) {
    if (i > from + 1) trend = trendFactor * (level - previous) + (1 - trendFactor) * trend
    const next = levelFactor * (values[i] ?? 0) + (1 - levelFactor) * (level + trend)
    previous = level
    level = next
  }
  return level
}

function checkFactor(what: string, short: string, factor: number): void {
  if (factor >= 0 && factor <= 1) return
  throw evaluationError(`invalid ${what}. Expected: 0 <= ${short} <= 1, got: ${factor.toFixed(6)}`)
}

export const smoothingFunctions: Readonly<Record<string, PromqlFunction>> = {
  double_exponential_smoothing: {
    ...rangeFunction(smooth, { args: ['matrix', 'scalar', 'scalar'] }),
    experimental: true,
  },
}
