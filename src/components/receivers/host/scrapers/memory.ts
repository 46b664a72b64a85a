import type { MetricDefinition } from '../host-metrics.ts'
import { parseMeminfo } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

function bytes(name: string, description: string): MetricDefinition {
  return { name, instrument: 'updown', type: 'int', unit: 'By', description }
}

const USAGE = bytes('system.memory.usage', 'Memory in use by state.')
const LIMIT = bytes('system.memory.limit', 'Memory of the system.')
const AVAILABLE = bytes('system.memory.linux.available', 'Memory that new programs could use without swapping.')
const SHARED = bytes('system.memory.linux.shared', 'Shared memory, mostly of tmpfs.')
const SLAB = bytes('system.memory.linux.slab.usage', 'Memory of the kernel for its own objects.')
const UTILIZATION: MetricDefinition = {
  name: 'system.memory.utilization',
  instrument: 'gauge',
  type: 'double',
  unit: '1',
  description: 'Part of the memory in each state.',
}

export const scrapeMemory: Scraper = async (host, _config, metrics) => {
  const text = await host.read('/proc/meminfo')
  if (text === undefined) return
  const info = parseMeminfo(text)
  const value = (name: string): number => info.get(name) ?? Number.NaN
  const total = value('MemTotal')
  // By the conventions `used` is what is not available, so the states overlap: caches can be given back.
  const available = info.get('MemAvailable') ?? value('MemFree') + value('Buffers') + value('Cached')
  const states = { used: total - available, free: value('MemFree'), buffers: value('Buffers'), cached: value('Cached') }
  const points = Object.entries(states).map(([state, amount]) => ({
    value: amount,
    attributes: { 'system.memory.state': state },
  }))
  metrics.add(USAGE, points)
  metrics.add(
    UTILIZATION,
    points.map((point) => ({ ...point, value: point.value / total })),
  )
  metrics.add(LIMIT, [{ value: total }])
  metrics.add(AVAILABLE, [{ value: available }])
  metrics.add(SHARED, [{ value: value('Shmem') }])
  metrics.add(SLAB, [
    { value: value('SReclaimable'), attributes: { 'system.memory.linux.slab.state': 'reclaimable' } },
    { value: value('SUnreclaim'), attributes: { 'system.memory.linux.slab.state': 'unreclaimable' } },
  ])
}
