import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import process from 'node:process'

/** Where a container's memory is accounted, by the version of control groups. */
const GROUPS = [
  {
    limit: '/sys/fs/cgroup/memory.max',
    usage: '/sys/fs/cgroup/memory.current',
    stat: '/sys/fs/cgroup/memory.stat',
    cache: /^inactive_file (\d+)$/m,
  },
  {
    limit: '/sys/fs/cgroup/memory/memory.limit_in_bytes',
    usage: '/sys/fs/cgroup/memory/memory.usage_in_bytes',
    stat: '/sys/fs/cgroup/memory/memory.stat',
    cache: /^total_inactive_file (\d+)$/m,
  },
] as const

/**
 * Which part of the memory that this program may use is in use, from 0 to 1: of its container, with everything that
 * runs there (the engine is a process of its own), where there is one with a limit; and of `limitBytes`, if given, by
 * this process alone. Page cache that the system can take back does not count.
 */
export function memoryUsage(limitBytes?: number): number {
  const own = limitBytes === undefined ? 0 : process.memoryUsage.rss() / limitBytes
  return Math.max(own, containerUsage() ?? 0)
}

function containerUsage(): number | undefined {
  for (const { limit, usage, stat, cache } of GROUPS) {
    try {
      const limitBytes = Number(readFileSync(limit, 'utf8'))
      // No limit is `max` or a number beyond any machine.
      if (!(limitBytes < totalmem())) continue
      const cacheBytes = Number(cache.exec(readFileSync(stat, 'utf8'))?.[1] ?? 0)
      return (Number(readFileSync(usage, 'utf8')) - cacheBytes) / limitBytes
    } catch {
      // No control groups of this version.
    }
  }
  return undefined
}
