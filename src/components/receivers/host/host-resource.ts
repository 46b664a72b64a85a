import { arch, hostname } from 'node:os'
import type { Attributes } from '../../../wire/index.ts'
import type { HostFiles } from './host-files.ts'
import { rowsOf } from './procfs.ts'

/** The names of the conventions for what Node calls the processor's architecture. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'x86',
  arm: 'arm32',
  arm64: 'arm64',
  ppc64: 'ppc64',
  s390x: 's390x',
}

/** Who the host is. In a container its name and id come from the host's files, not from ours. */
export async function readHostResource(host: HostFiles, extra: Attributes): Promise<Attributes> {
  const name = (await host.readQuietly('/proc/sys/kernel/hostname')) ?? (await host.readQuietly('/etc/hostname'))
  const id = (await host.readQuietly('/etc/machine-id')) ?? (await host.readQuietly('/var/lib/dbus/machine-id'))
  return {
    'host.name': nonEmpty(name) ?? hostname(),
    ...(nonEmpty(id) === undefined ? {} : { 'host.id': nonEmpty(id) ?? '' }),
    'host.arch': ARCHITECTURES[arch()] ?? arch(),
    'os.type': 'linux',
    ...extra,
  }
}

/** When the host started, nanoseconds since the epoch. */
export async function readBootTime(host: HostFiles): Promise<bigint | undefined> {
  const seconds = rowsOf((await host.read('/proc/stat')) ?? '').find(([name]) => name === 'btime')?.[1]
  return seconds === undefined || !/^\d+$/.test(seconds) ? undefined : BigInt(seconds) * 1_000_000_000n
}

function nonEmpty(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}
