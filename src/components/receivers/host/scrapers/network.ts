import { isSelected } from '../config.ts'
import type { MetricDefinition, Point } from '../host-metrics.ts'
import { rowsOf } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

function counter(name: string, unit: string, description: string): MetricDefinition {
  return { name: `system.network.${name}`, instrument: 'counter', type: 'int', unit, description }
}

/** The columns of /proc/net/dev behind the name. */
const BY_DIRECTION = [
  { metric: counter('io', 'By', 'Bytes transferred.'), receive: 0, transmit: 8 },
  // The conventions name the interface `system.device` for this one metric; one name for all lets them be joined.
  { metric: counter('packet.count', '{packet}', 'Packets transferred.'), receive: 1, transmit: 9 },
  { metric: counter('errors', '{error}', 'Errors of the network.'), receive: 2, transmit: 10 },
  {
    metric: counter('packet.dropped', '{packet}', 'Packets dropped though nothing was wrong with them.'),
    receive: 3,
    transmit: 11,
  },
] as const

const CONNECTIONS: MetricDefinition = {
  name: 'system.network.connection.count',
  instrument: 'updown',
  type: 'int',
  unit: '{connection}',
  description: 'Connections by state.',
}

/** The fourth column of /proc/net/tcp, as the kernel's tcp_states.h numbers them. */
const TCP_STATES: Readonly<Record<string, string>> = {
  '01': 'established',
  '02': 'syn_sent',
  '03': 'syn_received',
  '04': 'fin_wait_1',
  '05': 'fin_wait_2',
  '06': 'time_wait',
  '07': 'closed',
  '08': 'close_wait',
  '09': 'last_ack',
  '0A': 'listen',
  '0B': 'closing',
  '0C': 'syn_received',
}

export const scrapeNetwork: Scraper = async (host, config, metrics) => {
  // The first process' network is the host's; ours may be that of a container.
  const text = await host.readFirst('/proc/1/net/dev', '/proc/net/dev')
  const interfaces = (text ?? '')
    .split('\n')
    .map((line) => /^\s*([^:]+):\s*(.*)$/.exec(line))
    .map((match) => ({ name: match?.[1]?.trim() ?? '', values: (match?.[2] ?? '').split(/\s+/).map(Number) }))
    .filter(({ name }) => name !== '' && isSelected(config.interfaces, name))
  for (const { metric, receive, transmit } of BY_DIRECTION) {
    const columns = { receive, transmit }
    metrics.add(
      metric,
      interfaces.flatMap(({ name, values }): readonly Point[] =>
        Object.entries(columns).map(([direction, column]) => ({
          value: values[column] ?? NaN,
          attributes: { 'network.interface.name': name, 'network.io.direction': direction },
        })),
      ),
    )
  }

  const counts = new Map(Object.values(TCP_STATES).map((state) => [state, 0]))
  let readable = false
  for (const file of ['tcp', 'tcp6']) {
    // A host without IPv6 has no tcp6.
    const table = (await host.readQuietly(`/proc/1/net/${file}`)) ?? (await host.readQuietly(`/proc/net/${file}`))
    if (table === undefined) continue
    readable = true
    for (const row of rowsOf(table).slice(1)) {
      const state = TCP_STATES[row[3] ?? '']
      if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1)
    }
  }
  if (!readable) {
    host.report('/proc/net/tcp', new Error('neither tcp nor tcp6 can be read'))
    return
  }
  metrics.add(
    CONNECTIONS,
    [...counts].map(([state, value]) => ({
      value,
      attributes: { 'network.transport': 'tcp', 'network.connection.state': state },
    })),
  )
}
