import { createMemoryMetrics } from '../memory-metrics.ts'
import type { ScriptStore } from './run.ts'
import { mergeSeries, type ScriptSeries, seriesSamples } from './script-series.ts'

/** A script's series in memory, without any store around them. */
export function createMemoryScriptStore(): ScriptStore {
  let loaded: ScriptSeries[] = []
  let source = createMemoryMetrics([])
  const read = (): void => {
    source = createMemoryMetrics(mergeSeries(loaded).map(seriesSamples))
  }
  return {
    load: (series) => {
      loaded = [...loaded, ...series]
      read()
      return Promise.resolve()
    },
    clear: () => {
      loaded = []
      read()
      return Promise.resolve()
    },
    get source() {
      return source
    },
    scope: { tenants: 'all' },
  }
}
