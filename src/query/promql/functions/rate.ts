import { rangeFunction, type PromqlFunction, type SampleWindow, type WindowFunction } from './function.ts'

/**
 * How much a counter or gauge changes over the window, extrapolated to its edges as Prometheus does: up to the edge
 * when the first (last) sample is closer to it than 1.1 average intervals, else by half an interval; a counter is
 * never extrapolated below zero.
 */
function extrapolated(options: { readonly counter: boolean; readonly perSecond: boolean }): WindowFunction {
  return (window) => {
    const { timesMs, from, to, rangeMs } = window
    if (to - from < 2) return undefined
    const firstMs = timesMs[from] ?? 0
    const lastMs = timesMs[to - 1] ?? 0
    const change = changeOver(window, options.counter)
    const sampled = (lastMs - firstMs) / 1000
    const interval = sampled / (to - from - 1)
    const threshold = interval * 1.1

    let toStart = (firstMs - window.startMs) / 1000
    if (toStart >= threshold) toStart = interval / 2
    if (options.counter) toStart = Math.min(toStart, secondsToZero(window, change, sampled))
    let toEnd = (window.endMs - lastMs) / 1000
    if (toEnd >= threshold) toEnd = interval / 2

    let factor = (sampled + toStart + toEnd) / sampled
    if (options.perSecond) factor /= seconds(rangeMs)
    return change * factor
  }
}

function changeOver({ values, from, to }: SampleWindow, counter: boolean): number {
  let previous = values[from] ?? 0
  let change = (values[to - 1] ?? 0) - previous
  if (!counter) return change
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? 0
    if (value < previous) change += previous
    previous = value
  }
  return change
}

/** How long before the first sample the counter, at this slope, would have been zero. */
function secondsToZero({ values, from }: SampleWindow, change: number, sampled: number): number {
  const first = values[from] ?? 0
  return change > 0 && first >= 0 ? sampled * (first / change) : Infinity
}

/** As Go turns a duration into seconds: whole ones and the rest apart. */
function seconds(ms: number): number {
  return Math.trunc(ms / 1000) + ((ms % 1000) * 1e6) / 1e9
}

/** From the last two samples only. */
function instantaneous(options: { readonly counter: boolean; readonly perSecond: boolean }): WindowFunction {
  return ({ timesMs, values, from, to }) => {
    if (to - from < 2) return undefined
    const last = values[to - 1] ?? 0
    const previous = values[to - 2] ?? 0
    const change = options.counter && last < previous ? last : last - previous
    if (!options.perSecond) return change
    return change / (((timesMs[to - 1] ?? 0) - (timesMs[to - 2] ?? 0)) / 1000)
  }
}

export const rateFunctions: Readonly<Record<string, PromqlFunction>> = {
  rate: rangeFunction(extrapolated({ counter: true, perSecond: true })),
  increase: rangeFunction(extrapolated({ counter: true, perSecond: false })),
  delta: rangeFunction(extrapolated({ counter: false, perSecond: false })),
  irate: rangeFunction(instantaneous({ counter: true, perSecond: true })),
  idelta: rangeFunction(instantaneous({ counter: false, perSecond: false })),
}
