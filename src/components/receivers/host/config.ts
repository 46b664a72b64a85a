import path from 'node:path'
import { z } from 'zod'
import { durationSchema } from '../../../config/index.ts'

/** Exact names, or prefixes that end with `*`. */
const namesSchema = z.array(z.string())

function selectionSchema(exclude: readonly string[]) {
  return z
    .strictObject({
      /** Empty: all that are not excluded. */
      include: namesSchema.default([]),
      exclude: namesSchema.default([...exclude]),
    })
    .prefault({})
}

// They hold nothing that survives a restart, show another file system a second time, or would let a scrape wait for
// a server that is away.
const PSEUDO_FILE_SYSTEMS = [
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'fusectl',
  'fuse.lxcfs',
  'fuse.gvfsd-fuse',
  'fuse.portal',
  'hugetlbfs',
  'iso9660',
  'mqueue',
  'nsfs',
  'overlay',
  'proc',
  'procfs',
  'pstore',
  'ramfs',
  'rootfs',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'squashfs',
  'sysfs',
  'tmpfs',
  'tracefs',
] as const
const NETWORK_FILE_SYSTEMS = [
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'ceph',
  'glusterfs',
  'fuse.glusterfs',
  'fuse.sshfs',
  '9p',
] as const

const SCRAPERS = ['cpu', 'load', 'memory', 'paging', 'disk', 'filesystem', 'network', 'processes', 'system'] as const
export type ScraperName = (typeof SCRAPERS)[number]

/** What is measured and how often; what a user writes in the fleet file. */
export const hostConfigSchema = z.strictObject({
  interval: durationSchema.prefault('15s').refine((ms) => ms >= 100, 'at least 100ms'),
  scrapers: z.array(z.enum(SCRAPERS)).default([...SCRAPERS]),
  /** Where the host's root is mounted, in a container usually /host. */
  rootPath: z
    .string()
    .default('/')
    .refine((dir) => path.isAbsolute(dir), 'expected an absolute path'),
  /** CPU time for each logical CPU, not only their sum. */
  perCpu: z.boolean().default(false),
  devices: selectionSchema(['loop*', 'ram*', 'zram*', 'fd*', 'sr*']),
  mountPoints: selectionSchema([
    '/dev',
    '/proc',
    '/sys',
    '/run/*',
    '/var/lib/docker/*',
    '/var/lib/containerd/*',
    '/var/lib/kubelet/*',
  ]),
  fileSystems: selectionSchema([...PSEUDO_FILE_SYSTEMS, ...NETWORK_FILE_SYSTEMS]),
  interfaces: selectionSchema(['veth*', 'cali*', 'lxc*']),
  /** Further resource attributes. */
  resource: z.record(z.string(), z.string()).default({}),
})

export type HostConfig = z.infer<typeof hostConfigSchema>
export type Selection = HostConfig['devices']

/** Whether the name is included, and not excluded. */
export function isSelected(selection: Selection, name: string): boolean {
  const matches = (pattern: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
  return (selection.include.length === 0 || selection.include.some(matches)) && !selection.exclude.some(matches)
}
