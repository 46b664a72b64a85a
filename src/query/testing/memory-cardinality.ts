import { type Labels, METRIC_NAME } from '../../model/index.ts'
import type { CardinalitySource, Ranked } from '../cardinality-source.ts'
import { scopeAllows } from '../memory-metrics.ts'

/** Counts series in memory that have the canonical labels. */
export function createMemoryCardinality(all: readonly Labels[]): CardinalitySource {
  return {
    cardinality: (scope, limit) => {
      const series = all.filter((labels) => scopeAllows(scope, labels))
      const pairs = series.flatMap((labels) => Object.entries(labels))
      const distinct = new Map(pairs.map(([label, text]) => [`${label}=${text}`, label]))
      return Promise.resolve({
        series: series.length,
        labelPairs: distinct.size,
        firstMs: 0,
        lastMs: 0,
        seriesByMetric: rank(
          series.map((labels) => [labels[METRIC_NAME] ?? '', 1]),
          limit,
        ),
        valuesByLabel: rank(
          [...distinct.values()].map((label) => [label, 1]),
          limit,
        ),
        bytesByLabel: rank(
          pairs.map(([label, text]) => [label, Buffer.byteLength(label) + Buffer.byteLength(text)]),
          limit,
        ),
        seriesByPair: rank(
          pairs.map(([label, text]) => [`${label}=${text}`, 1]),
          limit,
        ),
      })
    },
  }
}

function rank(items: readonly (readonly [string, number])[], limit: number): readonly Ranked[] {
  const sums = new Map<string, number>()
  for (const [name, value] of items) sums.set(name, (sums.get(name) ?? 0) + value)
  const ranked = [...sums].map(([name, value]) => ({ name, value }))
  return ranked.sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1)).slice(0, limit)
}
