import { isSelected } from '../config.ts'
import type { MetricDefinition, Point } from '../host-metrics.ts'
import { rowsOf, SECTOR_BYTES } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

function counter(name: string, type: 'int' | 'double', unit: string, description: string): MetricDefinition {
  return { name: `system.disk.${name}`, instrument: 'counter', type, unit, description }
}

/** The columns of /proc/diskstats behind the name, for reads and writes, and what turns them into the unit. */
const BY_DIRECTION = [
  { metric: counter('io', 'int', 'By', 'Bytes transferred.'), read: 2, write: 6, scale: SECTOR_BYTES },
  { metric: counter('operations', 'int', '{operation}', 'Operations completed.'), read: 0, write: 4, scale: 1 },
  {
    metric: counter('operation_time', 'double', 's', 'Sum of the time that each operation took.'),
    read: 3,
    write: 7,
    scale: 1e-3,
  },
  { metric: counter('merged', 'int', '{operation}', 'Operations merged into others.'), read: 1, write: 5, scale: 1 },
] as const
const IO_TIME = {
  metric: counter('io_time', 'double', 's', 'Time in which the disk had work to do.'),
  column: 9,
  scale: 1e-3,
}
const NAME_COLUMN = 2

export const scrapeDisk: Scraper = async (host, config, metrics) => {
  const text = await host.read('/proc/diskstats')
  if (text === undefined) return
  const disks = rowsOf(text)
    .map((row) => ({ device: row[NAME_COLUMN] ?? '', values: row.slice(NAME_COLUMN + 1).map(Number) }))
    // A line of zeros is a device that exists in name only.
    .filter(({ device, values }) => isSelected(config.devices, device) && values.some((value) => value > 0))
  for (const { metric, read, write, scale } of BY_DIRECTION) {
    metrics.add(
      metric,
      disks.flatMap(({ device, values }): readonly Point[] => [
        { value: (values[read] ?? NaN) * scale, attributes: { 'system.device': device, 'disk.io.direction': 'read' } },
        {
          value: (values[write] ?? NaN) * scale,
          attributes: { 'system.device': device, 'disk.io.direction': 'write' },
        },
      ]),
    )
  }
  metrics.add(
    IO_TIME.metric,
    disks.map(({ device, values }) => ({
      value: (values[IO_TIME.column] ?? NaN) * IO_TIME.scale,
      attributes: { 'system.device': device },
    })),
  )
}
