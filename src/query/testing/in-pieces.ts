import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { keepLabels, labelsKey } from '../labels.ts'
import type { MetricSource, SelectRequest, SeriesSamples } from '../metric-source.ts'

/**
 * What a source has in pieces of so many series, with all that a source may do: arrays are overwritten when the next
 * piece is asked for, labels that nobody asked for are missing, and series that have the same ones left share an object.
 */
export function inPieces(source: MetricSource, size: number): MetricSource {
  return {
    select: (scope, request, signal) => source.select(scope, request, signal),
    pieces: async function* (scope, request, signal) {
      const found = await source.select(scope, request, signal)
      const shared = new Map<string, Labels>()
      for (let i = 0; i < found.length; i += size) {
        const piece = found.slice(i, i + size).map((series) => lent(series, request, shared))
        yield piece
        for (const { timesMs, values } of piece) {
          timesMs.fill(NaN)
          values.fill(NaN)
        }
      }
    },
    series: (scope, request, signal) => source.series(scope, request, signal),
    labelNames: (scope, request, signal) => source.labelNames(scope, request, signal),
    labelValues: (scope, label, request, signal) => source.labelValues(scope, label, request, signal),
    metadata: (scope, metric, signal) => source.metadata(scope, metric, signal),
  }
}

function lent(series: SeriesSamples, { labels: wanted }: SelectRequest, shared: Map<string, Labels>): SeriesSamples {
  const labels = wanted === undefined ? series.labels : keepLabels(series.labels, new Set([METRIC_NAME, ...wanted]))
  const key = labelsKey(labels)
  const known = shared.get(key) ?? labels
  shared.set(key, known)
  return { ...series, labels: known, timesMs: series.timesMs.slice(), values: series.values.slice() }
}
