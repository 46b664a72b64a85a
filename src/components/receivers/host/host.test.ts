import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, createMetrics, silentLogger, systemClock } from '../../../core/index.ts'
import type { Batch } from '../../../model/index.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../../../wire/testing/otlp-proto.ts'
import { createHostReceiver, hostConfigSchema } from './index.ts'

const IDENTITY = { cluster: 'c', environment: 'e', region: 'r', clusterType: 'workload', tenant: 't' }

const NET_DEV_HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`

const FIXTURE: Readonly<Record<string, string>> = {
  'proc/stat': `cpu  1000 200 300 40000 50 6 7 8 0 0
cpu0 600 100 200 20000 30 3 4 5 0 0
cpu1 400 100 100 20000 20 3 3 3 0 0
intr 1
btime 1790000000
processes 4321
`,
  'proc/loadavg': '0.50 1.25 2.00 1/95 10440\n',
  'proc/meminfo': `MemTotal:        1000 kB
MemFree:          200 kB
MemAvailable:     600 kB
Buffers:           50 kB
Cached:           300 kB
Shmem:             10 kB
SReclaimable:      20 kB
SUnreclaim:        30 kB
HugePages_Total:   0
`,
  'proc/swaps': `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/swap\\040file                           file\t\t1000\t\t250\t\t-2
`,
  'proc/vmstat': 'pswpin 11\npswpout 12\npgfault 1000\npgmajfault 100\n',
  'proc/diskstats': ` 259       0 nvme0n1 100 10 2000 3000 200 20 4000 5000 0 7000 8000
   7       0 loop0 5 0 10 1 0 0 0 0 0 1 1
   8       0 sdb 0 0 0 0 0 0 0 0 0 0 0
`,
  'proc/1/net/dev': `${NET_DEV_HEAD}    lo:   500       5    0    0    0     0          0         0      500       5    0    0    0     0       0          0
eth0:1000 10 1 2 0 0 0 0 3000 30 3 4 0 0 0 0
vethabc:1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
`,
  'proc/1/net/tcp': `  sl  local_address rem_address   st tx_queue
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000
   2: 0100007F:1F90 0100007F:C351 01 00000000:00000000
`,
  'proc/1/mountinfo': `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 259:1 / / rw,relatime - ext4 /dev/nvme0n1p1 rw
28 27 259:1 /sub /data/bound rw - ext4 /dev/nvme0n1p1 rw
29 27 259:2 / /mnt/my\\040disk ro,nosuid shared:1 - xfs /dev/nvme1n1 ro
30 27 0:40 / /run/lock rw - tmpfs tmpfs rw
31 27 0:41 / /nfs rw - nfs4 server:/export rw
`,
  'proc/uptime': '1578.80 2954.91\n',
  'proc/sys/kernel/hostname': 'node-7\n',
  'proc/10/stat': '10 (bash) S 1 10',
  'proc/11/stat': '11 (tricky) name) R) R 1 11',
  'proc/12/stat': '12 (gone) Z 1 12',
  'proc/13/stat': '13 (disk) D 1 13',
  'etc/machine-id': '3d1219c7c4c5404aaa1f6d2a48adfda4\n',
  'mnt/my disk/.keep': '',
}

interface Read {
  readonly resource: Readonly<Record<string, unknown>>
  /** `name{attribute=value,…}` → value. */
  readonly values: Readonly<Record<string, number>>
  /** name → `counter s double`, with the start time of sums. */
  readonly kinds: Readonly<Record<string, string>>
}

interface RawPoint {
  readonly asInt?: string
  readonly asDouble?: number
  readonly startTimeUnixNano?: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}
interface RawMetric {
  readonly name: string
  readonly unit: string
  readonly gauge?: { readonly dataPoints: readonly RawPoint[] }
  readonly sum?: { readonly dataPoints: readonly RawPoint[]; readonly isMonotonic?: boolean }
}
interface RawRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: RawPoint['attributes'] }
    readonly scopeMetrics: readonly {
      readonly metrics: readonly RawMetric[]
    }[]
  }[]
}

function kindOf({ sum, unit }: RawMetric, { asInt, startTimeUnixNano }: RawPoint): string {
  const instrument = sum === undefined ? 'gauge' : sum.isMonotonic === true ? 'counter' : 'updown'
  const words = [instrument, unit, asInt === undefined ? 'double' : 'int', startTimeUnixNano]
  return words.filter((word) => word !== undefined).join(' ')
}

function read(batch: Batch | undefined): Read {
  if (batch === undefined) throw new Error('no batch')
  const raw = toPlain(OTLP_REQUEST_TYPES.metrics, batch.payload) as unknown as RawRequest
  const values: Record<string, number> = {}
  const kinds: Record<string, string> = {}
  const block = raw.resourceMetrics[0]
  let points = 0
  for (const metric of block?.scopeMetrics[0]?.metrics ?? []) {
    const sum = metric.sum
    for (const point of sum?.dataPoints ?? metric.gauge?.dataPoints ?? []) {
      const attributes = point.attributes.map(({ key, value }) => `${key}=${String(Object.values(value)[0])}`)
      values[`${metric.name}{${attributes.join(',')}}`] = Number(point.asInt ?? point.asDouble)
      kinds[metric.name] = kindOf(metric, point)
      points += 1
    }
  }
  expect(batch.envelope).toMatchObject({ signal: 'metrics', format: 'otlp', items: points, identity: IDENTITY })
  const resource = (block?.resource.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]] as const)
  return { resource: Object.fromEntries(resource), values, kinds }
}

describe('host receiver', () => {
  let root: string
  const metrics = { current: createMetrics() }

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'host-'))
    metrics.current = createMetrics()
    for (const [file, text] of Object.entries(FIXTURE)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
      writeFileSync(path.join(root, file), text)
    }
  })

  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  /** The first `count` batches of a receiver. */
  async function scrape(
    config: Readonly<Record<string, unknown>>,
    count = 1,
    onBatch: (batch: Batch) => void = () => undefined,
  ): Promise<readonly Batch[]> {
    const batches: Batch[] = []
    const receiver = createHostReceiver({
      config: hostConfigSchema.parse({ interval: '100ms', ...config }),
      identity: IDENTITY,
      next: async (batch) => {
        batches.push(batch)
        onBatch(batch)
        await Promise.resolve()
      },
      clock: systemClock,
      log: silentLogger(),
      metrics: metrics.current,
    })
    await receiver.start(AbortSignal.timeout(1_000))
    const deadline = Date.now() + 5_000
    while (batches.length < count && Date.now() < deadline) await systemClock.sleep(5)
    await receiver.shutdown(AbortSignal.timeout(1_000))
    await receiver.shutdown(AbortSignal.timeout(1_000))
    return batches
  }

  it('reads every subject by the names, kinds and units of the conventions', async () => {
    const [batch] = await scrape({ rootPath: root, resource: { 'k8s.node.name': 'node-7' } })
    const { resource, values, kinds } = read(batch)
    expect(resource).toEqual({
      'host.name': 'node-7',
      'host.id': '3d1219c7c4c5404aaa1f6d2a48adfda4',
      'host.arch': expect.any(String) as string,
      'os.type': 'linux',
      'k8s.node.name': 'node-7',
    })
    expect(values).toMatchObject({
      'system.cpu.time{cpu.mode=user}': 10,
      'system.cpu.time{cpu.mode=nice}': 2,
      'system.cpu.time{cpu.mode=system}': 3,
      'system.cpu.time{cpu.mode=idle}': 400,
      'system.cpu.time{cpu.mode=iowait}': 0.5,
      'system.cpu.time{cpu.mode=interrupt}': 0.13,
      'system.cpu.time{cpu.mode=steal}': 0.08,
      'system.cpu.logical.count{}': 2,
      'system.cpu.load_average.1m{}': 0.5,
      'system.cpu.load_average.5m{}': 1.25,
      'system.cpu.load_average.15m{}': 2,
      'system.memory.usage{system.memory.state=used}': 400 * 1024,
      'system.memory.usage{system.memory.state=cached}': 300 * 1024,
      'system.memory.utilization{system.memory.state=used}': 0.4,
      'system.memory.limit{}': 1000 * 1024,
      'system.memory.linux.available{}': 600 * 1024,
      'system.memory.linux.slab.usage{system.memory.linux.slab.state=reclaimable}': 20 * 1024,
      'system.paging.usage{system.device=/swap file,system.paging.state=used}': 250 * 1024,
      'system.paging.utilization{system.device=/swap file,system.paging.state=free}': 0.75,
      'system.paging.faults{system.paging.fault.type=major}': 100,
      'system.paging.faults{system.paging.fault.type=minor}': 900,
      'system.paging.operations{system.paging.fault.type=major,system.paging.direction=in}': 11,
      'system.disk.io{system.device=nvme0n1,disk.io.direction=read}': 2000 * 512,
      'system.disk.io{system.device=nvme0n1,disk.io.direction=write}': 4000 * 512,
      'system.disk.operations{system.device=nvme0n1,disk.io.direction=write}': 200,
      'system.disk.operation_time{system.device=nvme0n1,disk.io.direction=read}': 3,
      'system.disk.operation_time{system.device=nvme0n1,disk.io.direction=write}': 5,
      'system.disk.merged{system.device=nvme0n1,disk.io.direction=read}': 10,
      'system.disk.io_time{system.device=nvme0n1}': 7,
      'system.network.io{network.interface.name=eth0,network.io.direction=receive}': 1000,
      'system.network.io{network.interface.name=eth0,network.io.direction=transmit}': 3000,
      'system.network.packet.count{network.interface.name=eth0,network.io.direction=transmit}': 30,
      'system.network.errors{network.interface.name=eth0,network.io.direction=receive}': 1,
      'system.network.packet.dropped{network.interface.name=eth0,network.io.direction=transmit}': 4,
      'system.network.connection.count{network.transport=tcp,network.connection.state=established}': 2,
      'system.network.connection.count{network.transport=tcp,network.connection.state=listen}': 1,
      'system.network.connection.count{network.transport=tcp,network.connection.state=time_wait}': 0,
      'system.process.count{process.state=sleeping}': 2,
      'system.process.count{process.state=running}': 1,
      'system.process.count{process.state=defunct}': 1,
      'system.process.created{}': 4321,
      'system.uptime{}': 1578.8,
    })
    const boot = '1790000000000000000'
    expect(kinds).toMatchObject({
      'system.cpu.time': `counter s double ${boot}`,
      'system.cpu.load_average.1m': 'gauge {thread} double',
      'system.memory.usage': `updown By int ${boot}`,
      'system.memory.utilization': 'gauge 1 double',
      'system.disk.io_time': `counter s double ${boot}`,
      'system.network.io': `counter By int ${boot}`,
      'system.filesystem.usage': `updown By int ${boot}`,
      'system.uptime': 'gauge s double',
    })
  })

  it('leaves out what is no disk, no file system with files, and no interface of the host', async () => {
    const { values } = read((await scrape({ rootPath: root }))[0])
    const names = Object.keys(values).join('\n')
    for (const unwanted of ['loop0', 'sdb', 'vethabc', '/proc', '/run/lock', '/nfs', '/data/bound']) {
      expect(names).not.toContain(unwanted)
    }
    const xfs = 'system.device=/dev/nvme1n1,system.filesystem.mountpoint=/mnt/my disk,system.filesystem.type=xfs'
    const used = values[`system.filesystem.usage{${xfs},system.filesystem.mode=ro,system.filesystem.state=used}`] ?? NaN
    const free = values[`system.filesystem.usage{${xfs},system.filesystem.mode=ro,system.filesystem.state=free}`] ?? NaN
    const kept =
      values[`system.filesystem.usage{${xfs},system.filesystem.mode=ro,system.filesystem.state=reserved}`] ?? NaN
    expect(used + free + kept).toBe(values[`system.filesystem.limit{${xfs},system.filesystem.mode=ro}`])
    expect(used).toBeGreaterThan(0)
  })

  it('follows the configuration', async () => {
    const { values } = read(
      (
        await scrape({
          rootPath: root,
          scrapers: ['cpu', 'network'],
          perCpu: true,
          interfaces: { include: ['veth*'], exclude: [] },
        })
      )[0],
    )
    expect(values['system.cpu.time{cpu.logical_number=1,cpu.mode=user}']).toBe(4)
    expect(values['system.network.io{network.interface.name=vethabc,network.io.direction=receive}']).toBe(1)
    expect(Object.keys(values).filter((name) => /eth0|memory|disk|uptime/.test(name))).toEqual([])
  })

  it('goes on without a file that is missing, and counts it at every scrape', async () => {
    unlinkSync(path.join(root, 'proc/meminfo'))
    const [, second] = await scrape({ rootPath: root }, 2)
    const { values } = read(second)
    expect(Object.keys(values).filter((name) => name.startsWith('system.memory'))).toEqual([])
    expect(values['system.uptime{}']).toBe(1578.8)
    expect((await metrics.current.render()).body).toMatch(
      /fleetglass_host_unreadable_total\{file="\/proc\/meminfo"\} [2-9]/,
    )
  })

  it('drops and counts what the pipeline refuses, and measures again', async () => {
    let first = true
    const batches = await scrape({ rootPath: root, scrapers: ['system'] }, 2, () => {
      if (!first) return
      first = false
      throw new AppError('exhausted', 'full')
    })
    expect(batches.length).toBeGreaterThanOrEqual(2)
    const { body } = await metrics.current.render()
    expect(body).toContain('fleetglass_host_dropped_points_total{code="exhausted"} 1')
    expect(body).toMatch(/fleetglass_host_points_total [1-9]/)
  })

  it.runIf(process.platform === 'linux')('reads the host it runs on', async () => {
    const { values, resource } = read((await scrape({}))[0])
    expect(resource['host.name']).toBeTypeOf('string')
    expect(values['system.cpu.time{cpu.mode=idle}']).toBeGreaterThan(0)
    expect(values['system.memory.limit{}']).toBeGreaterThan(1e6)
    expect(values['system.uptime{}']).toBeGreaterThan(0)
    // Our own threads may all wait while they read, so nobody needs to be running.
    expect(values['system.process.count{process.state=sleeping}']).toBeGreaterThan(0)
    expect(Object.values(values).every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
  })
})
