import { equalHistograms, isReset } from '../histogram/index.ts'
import type { Sample } from '../values.ts'
import { type PromqlFunction, type SampleWindow, sampleRangeFunction } from './function.ts'

/** How often a sample and its predecessor satisfy the condition. */
function countSteps(counts: (previous: Sample, sample: Sample) => boolean): (window: SampleWindow) => number {
  return (window) => {
    const { timesMs, values, to, histograms } = window
    let [float, histogram] = [window.from, histograms?.from ?? 0]
    let count = 0
    let previous: Sample | undefined
    for (;;) {
      const floatMs = float < to ? (timesMs[float] ?? 0) : Infinity
      const histogramMs =
        histograms !== undefined && histogram < histograms.to ? (histograms.timesMs[histogram] ?? 0) : Infinity
      if (floatMs === Infinity && histogramMs === Infinity) return count
      const sample = floatMs < histogramMs ? values[float++] : histograms?.values[histogram++]
      if (sample === undefined) return count
      if (previous !== undefined && counts(previous, sample)) count += 1
      previous = sample
    }
  }
}

function isChange(previous: Sample, sample: Sample): boolean {
  if (typeof previous === 'number' && typeof sample === 'number') {
    return sample !== previous && !(Number.isNaN(sample) && Number.isNaN(previous))
  }
  if (typeof previous === 'number' || typeof sample === 'number') return true
  return !equalHistograms(previous, sample)
}

function isResetBetween(previous: Sample, sample: Sample): boolean {
  if (typeof previous === 'number' && typeof sample === 'number') return sample < previous
  if (typeof previous === 'number' || typeof sample === 'number') return true
  if ((previous.resetHint === 'gauge') !== (sample.resetHint === 'gauge')) return true
  return isReset(sample, previous)
}

export const changeFunctions: Readonly<Record<string, PromqlFunction>> = {
  changes: sampleRangeFunction(countSteps(isChange)),
  resets: sampleRangeFunction(countSteps(isResetBetween)),
}
