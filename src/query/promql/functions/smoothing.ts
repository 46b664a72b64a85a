import { evaluationError } from '../errors.ts'
import type { PromqlFunction } from './function.ts'
import { sampleRangeFunction, type WindowFunction } from './range-function.ts'
import { countHistograms } from './window.ts'

/** Holt's linear method: a level and a trend, each smoothed. The factors must be right even where there are no floats. */
const smooth: WindowFunction<number> = (window, [levelFactor = NaN, trendFactor = NaN], _stepMs, notes) => {
  checkFactor('smoothing factor', 'sf', levelFactor)
  checkFactor('trend factor', 'tf', trendFactor)
  const { values, from, to } = window
  if (to > from && countHistograms(window) > 0) notes.annotations.histogramsIgnoredInRange(notes.metric, notes.at)
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
  if (!(factor <= 0 || factor >= 1)) return
  throw evaluationError(`invalid ${what}. Expected: 0 < ${short} < 1, got: ${formatted(factor)}`)
}

/** As `%f` of Go. */
function formatted(factor: number): string {
  if (Number.isFinite(factor)) return factor.toFixed(6)
  return factor > 0 ? '+Inf' : '-Inf'
}

export const smoothingFunctions: Readonly<Record<string, PromqlFunction>> = {
  double_exponential_smoothing: {
    ...sampleRangeFunction(smooth, { args: ['matrix', 'scalar', 'scalar'] }),
    experimental: true,
  },
}
