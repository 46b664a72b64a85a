import type { MetricDefinition } from '../host-metrics.ts'
import { rowsOf } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

const COUNT: MetricDefinition = {
  name: 'system.process.count',
  instrument: 'updown',
  type: 'int',
  unit: '{process}',
  description: 'Processes by state.',
}
const CREATED: MetricDefinition = {
  name: 'system.process.created',
  instrument: 'counter',
  type: 'int',
  unit: '{process}',
  description: 'Processes created since the host started.',
}

/** The states of proc(5) in the conventions' four. A thread of the kernel that idles (I) sleeps. */
const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'sleeping',
  I: 'sleeping',
  T: 'stopped',
  t: 'stopped',
  Z: 'defunct',
  X: 'defunct',
}

export const scrapeProcesses: Scraper = async (host, _config, metrics) => {
  const counts = new Map(Object.values(STATES).map((state) => [state, 0]))
  const pids = (await host.list('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    // The name in parentheses may hold anything, also parentheses: the state follows the last one.
    const text = await host.readQuietly(`/proc/${pid}/stat`)
    const state = STATES[text?.charAt(text.lastIndexOf(')') + 2) ?? '']
    if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  metrics.add(
    COUNT,
    [...counts].map(([state, value]) => ({ value, attributes: { 'process.state': state } })),
  )

  const created = rowsOf((await host.read('/proc/stat')) ?? '').find(([name]) => name === 'processes')?.[1]
  if (created !== undefined) metrics.add(CREATED, [{ value: Number(created) }])
}
