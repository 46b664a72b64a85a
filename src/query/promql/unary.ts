import { scaleHistogram } from './histogram/index.ts'
import type { StepSeries } from './values.ts'

/** The row with the other sign; it loses its name. */
export function negateRow(row: StepSeries): StepSeries {
  const { labels, present, histograms } = row
  const values = row.values.map((number) => -number)
  if (histograms === undefined) return { labels, values, present, dropName: true }
  const scaled = histograms.map((histogram) => (histogram === undefined ? undefined : scaleHistogram(histogram, -1)))
  return { labels, values, present, histograms: scaled, dropName: true }
}
