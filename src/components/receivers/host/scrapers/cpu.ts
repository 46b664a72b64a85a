import type { MetricDefinition, Point } from '../host-metrics.ts'
import { rowsOf, TICKS_PER_SECOND } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

const TIME: MetricDefinition = {
  name: 'system.cpu.time',
  instrument: 'counter',
  type: 'double',
  unit: 's',
  description: 'Seconds each logical CPU spent on each mode.',
}
const LOGICAL_COUNT: MetricDefinition = {
  name: 'system.cpu.logical.count',
  instrument: 'updown',
  type: 'int',
  unit: '{cpu}',
  description: 'Logical processors that the operating system schedules on.',
}

// The columns of /proc/stat. Time of guests is in user and nice already.
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'interrupt', 'softirq', 'steal'] as const

export const scrapeCpu: Scraper = async (host, config, metrics) => {
  const text = await host.read('/proc/stat')
  if (text === undefined) return
  const rows = rowsOf(text)
  const cpus = rows.filter(([name]) => /^cpu\d+$/.test(name ?? ''))
  const total = rows.find(([name]) => name === 'cpu')
  const points = config.perCpu
    ? cpus.flatMap((row) => timesOf(row, { 'cpu.logical_number': Number(row[0]?.slice(3)) }))
    : timesOf(total ?? [], {})
  metrics.add(TIME, points)
  if (cpus.length > 0) metrics.add(LOGICAL_COUNT, [{ value: cpus.length }])
}

/** The conventions know one mode for both kinds of interrupts. */
function timesOf(row: readonly string[], attributes: Readonly<Record<string, number>>): readonly Point[] {
  const seconds = new Map<string, number>()
  for (const [i, mode] of MODES.entries()) {
    const ticks = row[i + 1]
    if (ticks === undefined) continue
    const name = mode === 'softirq' ? 'interrupt' : mode
    seconds.set(name, (seconds.get(name) ?? 0) + Number(ticks) / TICKS_PER_SECOND)
  }
  return [...seconds].map(([mode, value]) => ({ value, attributes: { ...attributes, 'cpu.mode': mode } }))
}
