import { equalHistograms, isReset } from '../histogram/index.ts'
import { FLOAT, type Sample } from '../values.ts'
import type { FloatKernel } from './float-windows.ts'
import type { PromqlFunction } from './function.ts'
import { sampleRangeFunction } from './range-function.ts'
import type { SampleWindow } from './window.ts'

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
    return isOther(previous, sample)
  }
  if (typeof previous === 'number' || typeof sample === 'number') return true
  return !equalHistograms(previous, sample)
}

function isResetBetween(previous: Sample, sample: Sample): boolean {
  if (typeof previous === 'number' && typeof sample === 'number') return isLower(previous, sample)
  if (typeof previous === 'number' || typeof sample === 'number') return true
  if ((previous.resetHint === 'gauge') !== (sample.resetHint === 'gauge')) return true
  return isReset(sample, previous)
}

function isLower(previous: number, value: number): boolean {
  return value < previous
}

function isOther(previous: number, value: number): boolean {
  return value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))
}

/** What a window has is the difference of what there is up to its last sample and up to its first. */
function countingKernel(counts: 'changes' | 'resets'): FloatKernel {
  const isCounted = counts === 'changes' ? isOther : isLower
  const countWithin = (values: Float64Array, from: number, to: number): number => {
    let found = 0
    for (let i = from + 1; i < to; i++) if (isCounted(values[i - 1] ?? 0, values[i] ?? 0)) found += 1
    return found
  }
  // Not used where windows hardly overlap: one may be as long as the series.
  let upTo = new Int32Array(0)
  return (windows, row) => {
    const { values, froms, tos, first, count } = windows
    if (first === 0 && windows.overlap >= 2) {
      if (upTo.length < values.length) upTo = new Int32Array(values.length)
      if (counts === 'changes') countChanges(values, upTo)
      else countResets(values, upTo)
    }
    let any = false
    for (let k = 0; k < count; k++) {
      const from = froms[k] ?? 0
      const to = tos[k] ?? 0
      if (from === to) continue
      row.values[first + k] =
        windows.overlap >= 2 ? (upTo[to - 1] ?? 0) - (upTo[from] ?? 0) : countWithin(values, from, to)
      row.present[first + k] = FLOAT
      any = true
    }
    return any
  }
}

function countChanges(values: Float64Array, upTo: Int32Array): void {
  let found = 0
  upTo[0] = 0
  for (let i = 1; i < values.length; i++) {
    if (isOther(values[i - 1] ?? 0, values[i] ?? 0)) found += 1
    upTo[i] = found
  }
}

function countResets(values: Float64Array, upTo: Int32Array): void {
  let found = 0
  upTo[0] = 0
  for (let i = 1; i < values.length; i++) {
    if (isLower(values[i - 1] ?? 0, values[i] ?? 0)) found += 1
    upTo[i] = found
  }
}

export const changeFunctions: Readonly<Record<string, PromqlFunction>> = {
  changes: sampleRangeFunction(countSteps(isChange), { kernel: () => countingKernel('changes') }),
  resets: sampleRangeFunction(countSteps(isResetBetween), { kernel: () => countingKernel('resets') }),
}
