import { type FloatHistogram, HistogramSum } from '../histogram/index.ts'
import { interpolatedQuantile } from '../quantile.ts'
import type { PromqlFunction } from './function.ts'
import {
  countKernel,
  edgeKernel,
  extremeKernel,
  meanKernel,
  meanOf,
  quantileKernel,
  sumKernel,
  sumOf,
  varianceKernel,
  varianceOf,
} from './over-time-kernels.ts'
import { type Notes, rangeFunction, sampleRangeFunction, type WindowFunction } from './range-function.ts'
import { countHistograms, type HistogramSpan, type SampleWindow } from './window.ts'

/** Of floats or of histograms; a window with both has no result, and the caller is told. */
function ofOneKind(
  ofFloats: (values: Float64Array, from: number, to: number) => number,
  ofHistograms: (sum: HistogramSum) => FloatHistogram,
): WindowFunction {
  return (window, _, __, notes) => {
    const { values, from, to, histograms } = window
    if (histograms === undefined || countHistograms(window) === 0) return ofFloats(values, from, to)
    if (window.to > window.from) {
      notes.annotations.mixedFloatsHistograms(notes.metric, notes.at)
      return undefined
    }
    const total = sumHistograms(histograms, notes)
    return total === undefined ? undefined : ofHistograms(total)
  }
}

function sumHistograms({ values, from, to }: HistogramSpan, notes: Notes): HistogramSum | undefined {
  const [first, ...others] = values.slice(from, to)
  if (first === undefined) return undefined
  const total = new HistogramSum(first)
  for (const histogram of others) {
    if (total.add(histogram)) continue
    notes.annotations.mixedBounds(notes.metric, notes.at)
    return undefined
  }
  if (total.collision) notes.annotations.resetCollision('aggregation', notes.at)
  if (total.reconciled) notes.annotations.reconciledBounds('aggregation', notes.at)
  return total
}

/** The index of the smallest or largest value, the last one of equals; NaN loses against all others. */
function extremeIndex(better: (value: number, best: number) => boolean): (window: SampleWindow) => number {
  return ({ values, from, to }) => {
    let at = from
    for (let i = from + 1; i < to; i++) {
      const best = values[at] ?? NaN
      if (Number.isNaN(best) || better(values[i] ?? NaN, best)) at = i
    }
    return at
  }
}

const smallest = extremeIndex((value, best) => value <= best)
const largest = extremeIndex((value, best) => value >= best)

const variance = ({ values, from, to }: SampleWindow): number => varianceOf(values, from, to)

const quantile: WindowFunction<number> = ({ values, from, to }, [q = NaN], _, { annotations, at }) => {
  if (!(q >= 0 && q <= 1)) annotations.invalidQuantile(q, at)
  return interpolatedQuantile(q, values.subarray(from, to))
}

/** The median of the distances from the median. */
function medianDeviation({ values, from, to }: SampleWindow): number {
  const inside = values.subarray(from, to)
  const median = interpolatedQuantile(0.5, inside)
  const distances = inside.map((value) => Math.abs(value - median))
  return distances.some(Number.isNaN) ? NaN : interpolatedQuantile(0.5, distances)
}

/** Whether the first (last) sample of the window is a histogram. */
function edgeIsHistogram({ timesMs, from, to, histograms }: SampleWindow, edge: 'first' | 'last'): boolean {
  if (histograms === undefined || histograms.to === histograms.from) return false
  if (from === to) return true
  if (edge === 'first') return (histograms.timesMs[histograms.from] ?? 0) < (timesMs[from] ?? 0)
  return (histograms.timesMs[histograms.to - 1] ?? 0) > (timesMs[to - 1] ?? 0)
}

function edgeOf(window: SampleWindow, edge: 'first' | 'last'): number | FloatHistogram | undefined {
  const span = edgeIsHistogram(window, edge) ? window.histograms : window
  return span?.values[edge === 'first' ? span.from : span.to - 1]
}

function edgeSeconds(window: SampleWindow, edge: 'first' | 'last'): number {
  const span = (edgeIsHistogram(window, edge) ? window.histograms : window) ?? window
  return (span.timesMs[edge === 'first' ? span.from : span.to - 1] ?? NaN) / 1000
}

export const overTimeFunctions: Readonly<Record<string, PromqlFunction>> = {
  sum_over_time: sampleRangeFunction(
    ofOneKind(sumOf, (total) => total.total()),
    { kernel: sumKernel },
  ),
  avg_over_time: sampleRangeFunction(
    ofOneKind(meanOf, (total) => total.mean()),
    { kernel: meanKernel },
  ),
  min_over_time: rangeFunction((window) => window.values[smallest(window)], { kernel: () => extremeKernel('min') }),
  max_over_time: rangeFunction((window) => window.values[largest(window)], { kernel: () => extremeKernel('max') }),
  count_over_time: sampleRangeFunction((window) => window.to - window.from + countHistograms(window), {
    kernel: () => countKernel('all'),
  }),
  present_over_time: sampleRangeFunction(() => 1, { kernel: () => countKernel('any') }),
  last_over_time: sampleRangeFunction((window) => edgeOf(window, 'last'), {
    keepName: true,
    kernel: () => edgeKernel('last'),
  }),
  first_over_time: sampleRangeFunction((window) => edgeOf(window, 'first'), {
    keepName: true,
    kernel: () => edgeKernel('first'),
  }),
  stdvar_over_time: rangeFunction(variance, { kernel: () => varianceKernel((one) => one) }),
  stddev_over_time: rangeFunction((window) => Math.sqrt(variance(window)), { kernel: () => varianceKernel(Math.sqrt) }),
  quantile_over_time: rangeFunction(quantile, { args: ['scalar', 'matrix'], kernel: quantileKernel }),
  mad_over_time: { ...rangeFunction(medianDeviation), experimental: true },
  ts_of_min_over_time: {
    ...rangeFunction((window) => (window.timesMs[smallest(window)] ?? NaN) / 1000),
    experimental: true,
  },
  ts_of_max_over_time: {
    ...rangeFunction((window) => (window.timesMs[largest(window)] ?? NaN) / 1000),
    experimental: true,
  },
  ts_of_first_over_time: { ...sampleRangeFunction((window) => edgeSeconds(window, 'first')), experimental: true },
  ts_of_last_over_time: { ...sampleRangeFunction((window) => edgeSeconds(window, 'last')), experimental: true },
}
