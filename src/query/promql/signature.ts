import { METRIC_NAME } from '../../model/index.ts'
import { keyOfLabels, keyWithoutLabels } from '../labels.ts'
import type { VectorMatching } from './ast.ts'
import type { StepSeries } from './values.ts'

/** What of a series' labels must be equal on both sides: those of `on`, or all but the name and those of `ignoring`. */
export function signatureOf(matching: VectorMatching): (series: StepSeries) => string {
  if (matching.on) {
    const names = [...new Set(matching.labels)].sort()
    return (series) => keyOfLabels(series.labels, names)
  }
  const ignored = new Set([METRIC_NAME, ...matching.labels])
  return (series) => keyWithoutLabels(series.labels, ignored)
}
