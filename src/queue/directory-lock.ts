import { readdir, readFile, readlink, symlink, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { AppError, systemCode } from '../core/index.ts'

/**
 * The lock is a symbolic link `<path>.<number>` whose target names its owner, `<pid>.<start>.<boot>`; the one with the
 * highest number counts. A link appears whole or not at all and needs no data block, so it is never torn and can be had
 * on a full disk. An owner that no longer runs holds nothing: a pid alone would not tell (in a container everybody is
 * pid 1), the time at which it started does.
 *
 * A stale link is not replaced but outnumbered, and removed afterwards: of all that find the same stale link, only one
 * can make the next one. Whoever finds a higher number after making theirs was late (the numbers before had been
 * removed meanwhile) and steps back.
 *
 * It guards against two processes of one machine (and one pid namespace); a volume must not be mounted twice.
 */
export async function lockDirectory(path: string): Promise<() => Promise<void>> {
  const self = await describeProcess(process.pid)
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const links = await listLinks(path)
    const highest = links.at(-1) ?? 0
    const owner = highest === 0 ? '' : await ownerOf(linkPath(path, highest))
    if (await isRunning(owner)) {
      throw new AppError('conflict', `${path}: process ${owner.split('.')[0] ?? owner} is using this directory`)
    }
    const mine = linkPath(path, highest + 1)
    if (!(await makeLink(self, mine))) continue
    if ((await listLinks(path)).at(-1) === highest + 1) {
      for (const stale of links) await removeLink(linkPath(path, stale))
      return () => removeLink(mine)
    }
    await removeLink(mine)
  }
  throw new AppError('conflict', `${path}: others keep taking this directory`)
}

function linkPath(path: string, number: number): string {
  return `${path}.${String(number)}`
}

/** The numbers of the links, lowest first. */
async function listLinks(path: string): Promise<readonly number[]> {
  const prefix = `${basename(path)}.`
  const names = await readdir(dirname(path))
  const numbers = names.filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length)))
  return numbers.filter((number) => Number.isSafeInteger(number) && number > 0).sort((a, b) => a - b)
}

/** Whether it was us who made it. */
async function makeLink(target: string, path: string): Promise<boolean> {
  try {
    await symlink(target, path)
    return true
  } catch (reason) {
    if (systemCode(reason) === 'EEXIST') return false
    throw reason
  }
}

async function removeLink(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw reason
  }
}

/** Empty when the link is gone, or no link: whatever it is, nobody who runs has left it. */
async function ownerOf(path: string): Promise<string> {
  try {
    return await readlink(path)
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT' || systemCode(reason) === 'EINVAL') return ''
    throw reason
  }
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
