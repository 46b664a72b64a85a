import type { MetricDefinition } from '../host-metrics.ts'
import { rowsOf } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

// The conventions have no load average; these are the Collector's names.
const LOAD = ['1m', '5m', '15m'].map(
  (window): MetricDefinition => ({
    name: `system.cpu.load_average.${window}`,
    instrument: 'gauge',
    type: 'double',
    unit: '{thread}',
    description: `Threads that run or wait, on average over ${window}.`,
  }),
)

export const scrapeLoad: Scraper = async (host, _config, metrics) => {
  const text = await host.read('/proc/loadavg')
  const [row = []] = rowsOf(text ?? '')
  for (const [i, metric] of LOAD.entries()) {
    if (row[i] !== undefined) metrics.add(metric, [{ value: Number(row[i]) }])
  }
}
