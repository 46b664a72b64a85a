import type { MetricDefinition } from '../host-metrics.ts'
import { rowsOf } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

const UPTIME: MetricDefinition = {
  name: 'system.uptime',
  instrument: 'gauge',
  type: 'double',
  unit: 's',
  description: 'How long the system has been running.',
}

export const scrapeSystem: Scraper = async (host, _config, metrics) => {
  const [row] = rowsOf((await host.read('/proc/uptime')) ?? '')
  if (row?.[0] !== undefined) metrics.add(UPTIME, [{ value: Number(row[0]) }])
}
