import { compileMatchers } from '../matchers.ts'
import type { ExemplarSource, SeriesExemplars } from '../exemplar-source.ts'
import { scopeAllows } from '../memory-metrics.ts'

/** Exemplars in memory, of series with the canonical labels. */
export function createMemoryExemplars(all: readonly SeriesExemplars[]): ExemplarSource {
  return {
    exemplars: (scope, { matcherSets, range: { startMs, endMs } }) => {
      const tests = matcherSets.map(compileMatchers)
      const found = all
        .filter(({ labels }) => scopeAllows(scope, labels) && tests.some((test) => test(labels)))
        .map(({ labels, exemplars }) => ({
          labels,
          exemplars: exemplars.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs),
        }))
      return Promise.resolve(found.filter(({ exemplars }) => exemplars.length > 0))
    },
  }
}
