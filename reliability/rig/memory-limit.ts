import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sleep } from '../../e2e/testing/local-fleet.ts'
import { missingRoot } from './missing.ts'

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'

/** Why no memory limit can be set here, or undefined. */
export function missingMemoryLimit(): string | undefined {
  return missingRoot() ?? (parent() === undefined ? 'it needs the memory controller of cgroups' : undefined)
}

/** A control group that kills what takes more memory than it may. */
export class MemoryLimit {
  readonly #dir: string
  readonly #isV1: boolean

  constructor(bytes: number) {
    const place = parent() ?? V1
    this.#isV1 = place === V1
    this.#dir = path.join(place, `fleetglass-${process.pid}`)
    mkdirSync(this.#dir)
    writeFileSync(path.join(this.#dir, this.#isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes))
  }

  /** Takes in a process, and with it those that it will start. */
  add(pid: number): void {
    writeFileSync(path.join(this.#dir, 'cgroup.procs'), String(pid))
  }

  /** Without the page cache. */
  get usedBytes(): number {
    const stat = readFileSync(path.join(this.#dir, 'memory.stat'), 'utf8')
    return Number(/^(?:total_rss|anon) (\d+)$/m.exec(stat)?.[1] ?? Number.NaN)
  }

  /** How often something was killed. */
  get kills(): number {
    const file = path.join(this.#dir, this.#isV1 ? 'memory.oom_control' : 'memory.events')
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? Number.NaN)
  }

  /** Once its processes have ended. */
  async dispose(): Promise<void> {
    for (let tries = 0; existsSync(this.#dir) && tries < 100; tries++) {
      try {
        rmdirSync(this.#dir)
      } catch {
        await sleep(50)
      }
    }
  }
}

function parent(): string | undefined {
  if (existsSync(path.join(V1, 'memory.limit_in_bytes'))) return V1
  const file = path.join(V2, 'cgroup.subtree_control')
  return existsSync(file) && readFileSync(file, 'utf8').includes('memory') ? V2 : undefined
}
