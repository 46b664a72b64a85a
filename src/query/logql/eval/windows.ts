import { interpolatedQuantile } from '../../promql/quantile.ts'
import type { RangeOperation } from '../ast.ts'

/** What a range aggregation makes of the samples `from` ≤ i < `to` of a series; there is at least one. */
export type WindowFunction = (values: Float64Array, times: Float64Array, from: number, to: number) => number

/** `parameter` is the φ of `quantile_over_time`. */
export function windowFunction(
  operation: RangeOperation,
  { rangeNs, unwrapped, parameter }: { rangeNs: number; unwrapped: boolean; parameter: number | undefined },
): WindowFunction {
  const seconds = rangeNs / 1e9
  switch (operation) {
    case 'count_over_time':
      return (_values, _times, from, to) => to - from
    case 'rate':
      return unwrapped
        ? (values, _times, from, to) => sum(values, from, to) / seconds
        : (_values, _times, from, to) => (to - from) / seconds
    case 'rate_counter':
      return (values, times, from, to) => rateOfCounter(values, times, from, to, rangeNs)
    case 'bytes_over_time':
    case 'sum_over_time':
      return (values, _times, from, to) => sum(values, from, to)
    case 'bytes_rate':
      return (values, _times, from, to) => sum(values, from, to) / seconds
    case 'avg_over_time':
      return (values, _times, from, to) => mean(values, from, to)
    case 'min_over_time':
      return (values, _times, from, to) => extreme(values, from, to, (value, best) => value < best)
    case 'max_over_time':
      return (values, _times, from, to) => extreme(values, from, to, (value, best) => value > best)
    case 'stdvar_over_time':
      return (values, _times, from, to) => variance(values, from, to)
    case 'stddev_over_time':
      return (values, _times, from, to) => Math.sqrt(variance(values, from, to))
    case 'quantile_over_time':
      return (values, _times, from, to) => interpolatedQuantile(parameter ?? NaN, values.subarray(from, to))
    case 'first_over_time':
      return (values, _times, from) => values[from] ?? NaN
    case 'last_over_time':
      return (values, _times, _from, to) => values[to - 1] ?? NaN
    case 'absent_over_time':
      return () => 1
  }
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i] ?? 0
  return total
}

/** A running mean, which stays finite; infinities stay what they are. */
function mean(values: Float64Array, from: number, to: number): number {
  let result = 0
  let count = 0
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0
    count += 1
    if (result === Infinity || result === -Infinity) {
      if (value === result || Number.isFinite(value)) continue
    }
    result += value / count - result / count
  }
  return result
}

function extreme(
  values: Float64Array,
  from: number,
  to: number,
  isBetter: (value: number, best: number) => boolean,
): number {
  let best = values[from] ?? NaN
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? NaN
    if (isBetter(value, best) || Number.isNaN(best)) best = value
  }
  return best
}

function variance(values: Float64Array, from: number, to: number): number {
  let squares = 0
  let average = 0
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0
    const delta = value - average
    average += delta / (i - from + 1)
    squares += delta * (value - average)
  }
  return squares / (to - from)
}

/** Times in the unit in which Loki calculates here, and its range in milliseconds beside them. */
const TIME_UNIT = 1000
const NEAR = 1.1

/**
 * The increase of a counter per second, resets made up for. Loki extends it to the range as Prometheus did, but with
 * nanoseconds for the samples and milliseconds for the range, so that it extends next to nothing.
 */
function rateOfCounter(values: Float64Array, times: Float64Array, from: number, to: number, rangeNs: number): number {
  if (to - from < 2) return 0
  const first = values[from] ?? 0
  let increase = (values[to - 1] ?? 0) - first
  let last = 0
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0
    if (value < last) increase += last
    last = value
  }
  const sampled = ((times[to - 1] ?? 0) - (times[from] ?? 0)) / TIME_UNIT
  const average = sampled / (to - from - 1)
  let toStart = rangeNs / 1e6 / TIME_UNIT
  if (increase > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / increase))
  const threshold = average * NEAR
  let extended = sampled + (toStart < threshold ? toStart : average / 2)
  extended += threshold > 0 ? 0 : average / 2
  return (increase * (extended / sampled)) / (rangeNs / 1e9)
}
