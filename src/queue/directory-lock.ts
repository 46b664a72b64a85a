import { randomUUID } from 'node:crypto'
import { readFile, readlink, rename, symlink, unlink } from 'node:fs/promises'
import { AppError, systemCode } from '../core/index.ts'

/**
 * The lock is a symbolic link whose target names its owner, `<pid>.<start>.<boot>`. A link appears whole or not at
 * all and needs no data block, so it is never torn and can be had on a full disk. An owner that no longer runs holds
 * nothing: a pid alone would not tell (in a container everybody is pid 1), the time at which it started does.
 *
 * It guards against two processes of one machine (and one pid namespace); a volume must not be mounted twice.
 */
export async function lockDirectory(path: string): Promise<() => Promise<void>> {
  const self = await describeProcess(process.pid)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const owner = await claim(path, self)
    if (owner === undefined) return () => letGo(path, self)
    if (await isRunning(owner)) {
      throw new AppError('conflict', `${path}: process ${owner.split('.')[0] ?? owner} is using this directory`)
    }
    await removeStale(path, owner)
  }
  throw new AppError('conflict', `${path}: others keep taking this directory`)
}

/** Makes the link; returns who holds it already, or undefined when it is now ours. */
async function claim(path: string, self: string): Promise<string | undefined> {
  try {
    await symlink(self, path)
    return undefined
  } catch (reason) {
    if (systemCode(reason) !== 'EEXIST') throw reason
  }
  try {
    return await readlink(path)
  } catch (reason) {
    // EINVAL: something that is not a link stands there, left by nobody who runs.
    if (systemCode(reason) === 'EINVAL') return ''
    if (systemCode(reason) === 'ENOENT') return ''
    throw reason
  }
}

/** Two processes may find the same stale lock: each renames it away and looks whose it was before it deletes it. */
async function removeStale(path: string, owner: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') return
    throw reason
  }
  const found = await readlink(aside).catch(() => '')
  if (found !== owner) {
    await rename(aside, path)
    throw new AppError('conflict', `${path}: another process has just taken this directory`)
  }
  await unlink(aside)
}

async function letGo(path: string, self: string): Promise<void> {
  const owner = await readlink(path).catch(() => undefined)
  if (owner === self) await unlink(path)
}

async function isRunning(owner: string): Promise<boolean> {
  const [pid, start, boot] = owner.split('.')
  if (pid === undefined || !/^[1-9]\d*$/.test(pid)) return false
  const [, startNow, bootNow] = (await describeProcess(Number(pid))).split('.')
  if (boot !== bootNow || start !== startNow) return false
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (reason) {
    return systemCode(reason) !== 'ESRCH'
  }
}

/** Where there is no /proc, start and boot are `0`, and a running process of that pid counts as the owner. */
async function describeProcess(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '')
  // Field 22; the second field is the program's name in parentheses and may hold blanks.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '0')
  return [String(pid), start, boot.trim()].join('.')
}
