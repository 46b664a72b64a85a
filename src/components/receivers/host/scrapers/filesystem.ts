import { statfs } from 'node:fs/promises'
import type { HostConfig } from '../config.ts'
import { isSelected } from '../config.ts'
import type { HostFiles } from '../host-files.ts'
import type { MetricDefinition, Point } from '../host-metrics.ts'
import { type Mount, parseMounts } from '../procfs.ts'
import type { Scraper } from '../scraper.ts'

const ATTRIBUTES = 'system.filesystem'
const USAGE: MetricDefinition = {
  name: `${ATTRIBUTES}.usage`,
  instrument: 'updown',
  type: 'int',
  unit: 'By',
  description: 'Space of the file system by state.',
}
const UTILIZATION: MetricDefinition = {
  name: `${ATTRIBUTES}.utilization`,
  instrument: 'gauge',
  type: 'double',
  unit: '1',
  description: 'Part of the file system that is used.',
}
const LIMIT: MetricDefinition = {
  name: `${ATTRIBUTES}.limit`,
  instrument: 'updown',
  type: 'int',
  unit: 'By',
  description: 'Capacity of the file system.',
}

/** How long a file system may take to answer. */
const ANSWER_MS = 2_000

/** Makes a scraper that does not ask a file system again before it has answered, so that a dead one costs one thread. */
export function createFilesystemScraper(): Scraper {
  const asked = new Set<string>()
  return async (host, config, metrics) => {
    const mounts = await listMounts(host, config)
    const spaces = await Promise.all(
      mounts.map(async (mount) => ({ mount, space: await spaceOf(host, mount.mountPoint, asked) })),
    )
    const usage: Point[] = []
    const utilization: Point[] = []
    const limit: Point[] = []
    for (const { mount, space } of spaces) {
      if (space === undefined || space.total === 0) continue
      const attributes = {
        'system.device': mount.device,
        'system.filesystem.mountpoint': mount.mountPoint,
        'system.filesystem.type': mount.type,
        'system.filesystem.mode': mount.mode,
      }
      for (const state of ['used', 'free', 'reserved'] as const) {
        usage.push({ value: space[state], attributes: { ...attributes, 'system.filesystem.state': state } })
      }
      // As df reckons: what only root may use counts as neither.
      utilization.push({
        value: space.used / (space.used + space.free),
        attributes: { ...attributes, 'system.filesystem.state': 'used' },
      })
      limit.push({ value: space.total, attributes })
    }
    metrics.add(USAGE, usage)
    metrics.add(UTILIZATION, utilization)
    metrics.add(LIMIT, limit)
  }
}

/** The mounts of the first process: in a container ours are not the host's. */
async function listMounts(host: HostFiles, config: HostConfig): Promise<readonly Mount[]> {
  const text = await host.readFirst('/proc/1/mountinfo', '/proc/self/mountinfo')
  return parseMounts(text ?? '').filter(
    (mount) => isSelected(config.fileSystems, mount.type) && isSelected(config.mountPoints, mount.mountPoint),
  )
}

interface Space {
  readonly total: number
  readonly used: number
  readonly free: number
  readonly reserved: number
}

async function spaceOf(host: HostFiles, mountPoint: string, asked: Set<string>): Promise<Space | undefined> {
  if (asked.has(mountPoint)) {
    host.report(mountPoint, new Error('the file system has not answered yet'))
    return undefined
  }
  asked.add(mountPoint)
  const answer = statfs(host.resolve(mountPoint))
    .then(({ bsize, blocks, bfree, bavail }) => ({
      total: blocks * bsize,
      used: (blocks - bfree) * bsize,
      free: bavail * bsize,
      reserved: (bfree - bavail) * bsize,
    }))
    .catch((reason: unknown) => {
      host.report(mountPoint, reason)
      return undefined
    })
    .finally(() => asked.delete(mountPoint))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, ANSWER_MS)
  })
  const space = await Promise.race([answer, late])
  clearTimeout(timer)
  return space
}
