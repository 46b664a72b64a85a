import { isStaleAt } from '../../model/index.ts'
import type { FloatHistogram, SeriesSamples } from '../../query/index.ts'

/** The last sample of a series: a float, or a native histogram; then `value` means nothing. */
export interface LatestSample {
  readonly timeMs: number
  readonly value: number
  readonly histogram?: FloatHistogram
}

/** As far back as a sample counts for now. */
export const LOOKBACK_MS = 300_000

/** Undefined when there is none, or when the series has ended. */
export function latestSample({ timesMs, values, histograms }: SeriesSamples): LatestSample | undefined {
  const floatMs = timesMs.at(-1) ?? -Infinity
  const histogramMs = histograms?.timesMs.at(-1) ?? -Infinity
  if (histogramMs > floatMs) {
    const histogram = histograms?.values.at(-1)
    return histogram === undefined ? undefined : { timeMs: histogramMs, value: NaN, histogram }
  }
  if (timesMs.length === 0) return undefined
  const last = values.length - 1
  if (isStaleAt(new Uint32Array(values.buffer, values.byteOffset, 2 * values.length), last)) return undefined
  return { timeMs: floatMs, value: values[last] ?? NaN }
}
