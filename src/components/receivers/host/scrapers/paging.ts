import type { MetricDefinition } from '../host-metrics.ts'
import { parseCounters, rowsOf, unescapeOctal } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

const USAGE: MetricDefinition = {
  name: 'system.paging.usage',
  instrument: 'updown',
  type: 'int',
  unit: 'By',
  description: 'Swap space by state.',
}
const UTILIZATION: MetricDefinition = {
  name: 'system.paging.utilization',
  instrument: 'gauge',
  type: 'double',
  unit: '1',
  description: 'Part of the swap space in each state.',
}
const FAULTS: MetricDefinition = {
  name: 'system.paging.faults',
  instrument: 'counter',
  type: 'int',
  unit: '{fault}',
  description: 'Page faults; major ones had to read from a disk.',
}
const OPERATIONS: MetricDefinition = {
  name: 'system.paging.operations',
  instrument: 'counter',
  type: 'int',
  unit: '{operation}',
  description: 'Pages moved from and to swap space.',
}

export const scrapePaging: Scraper = async (host, _config, metrics) => {
  const swaps = rowsOf((await host.read('/proc/swaps')) ?? '').slice(1)
  const usage = swaps.flatMap(([device = '', , size, used]) => {
    const states = { used: Number(used), free: Number(size) - Number(used) }
    return Object.entries(states).map(([state, kib]) => ({
      value: kib * 1024,
      part: kib / Number(size),
      attributes: { 'system.device': unescapeOctal(device), 'system.paging.state': state },
    }))
  })
  metrics.add(USAGE, usage)
  metrics.add(
    UTILIZATION,
    usage.map(({ part, attributes }) => ({ value: part, attributes })),
  )

  const text = await host.read('/proc/vmstat')
  if (text === undefined) return
  const counters = parseCounters(text)
  const value = (name: string): number => counters.get(name) ?? Number.NaN
  const major = value('pgmajfault')
  metrics.add(FAULTS, [
    { value: major, attributes: { 'system.paging.fault.type': 'major' } },
    { value: value('pgfault') - major, attributes: { 'system.paging.fault.type': 'minor' } },
  ])
  metrics.add(
    OPERATIONS,
    (['in', 'out'] as const).map((direction) => ({
      value: value(`pswp${direction}`),
      attributes: { 'system.paging.fault.type': 'major', 'system.paging.direction': direction },
    })),
  )
}
