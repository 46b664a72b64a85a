import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

/** Why programs of root can not be used here, or undefined. */
export function missingRoot(...programs: readonly string[]): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin']
  const absent = programs.filter((program) => !folders.some((folder) => existsSync(path.join(folder, program))))
  return absent.length === 0 ? undefined : `it needs ${absent.join(', ')}`
}

/** Why no image can be mounted here, or undefined. */
export function missingLoopDisk(): string | undefined {
  const lack = missingRoot('losetup', 'mkfs.ext4', 'mount', 'umount')
  if (lack !== undefined) return lack
  return spawnSync('losetup', ['--find']).status === 0 ? undefined : 'there is no free loop device'
}

/** Why no network namespace can be made here, or undefined. */
export function missingNetwork(): string | undefined {
  const lack = missingRoot('ip', 'nft', 'tc')
  if (lack !== undefined) return lack
  const name = `fleetglass-try-${process.pid}`
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'no network namespace can be made'
  const { status } = spawnSync('ip', ['netns', 'exec', name, 'nft', 'add', 'table', 'inet', 'try'])
  spawnSync('ip', ['netns', 'del', name])
  return status === 0 ? undefined : 'nft does not work in a network namespace'
}
