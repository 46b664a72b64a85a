/** Clock ticks a second in /proc/stat: USER_HZ, which Linux fixed at 100 for all that look from outside. */
export const TICKS_PER_SECOND = 100
/** Sectors in /proc/diskstats, whatever the device's own size. */
export const SECTOR_BYTES = 512

/** The lines of a table of the kernel, split at blanks; empty lines are left out. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/))
}

/** `Name:  123 kB` → bytes by name; values without a unit as they are. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  return new Map(
    rowsOf(text).map(([name = '', value, unit]) => [
      name.replace(/:$/, ''),
      Number(value) * (unit === 'kB' ? 1024 : 1),
    ]),
  )
}

/** `name 123` lines, as in /proc/vmstat. */
export function parseCounters(text: string): ReadonlyMap<string, number> {
  return new Map(rowsOf(text).map(([name = '', value]) => [name, Number(value)]))
}

/** `\040` and the like stand for blanks in /proc/self/mountinfo and /proc/swaps. */
export function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

export interface Mount {
  readonly device: string
  readonly mountPoint: string
  readonly type: string
  readonly mode: 'rw' | 'ro'
}

/**
 * The mounts of a mountinfo file (proc(5)): `id parent major:minor root mountpoint options [tags…] - type source super`.
 * A device that is mounted several times (bind mounts) comes once, with the mount that shows its root first.
 */
export function parseMounts(text: string): readonly Mount[] {
  const found = new Map<string, Mount & { readonly root: string }>()
  for (const row of rowsOf(text)) {
    const dash = row.indexOf('-', 6)
    const [, , number = '', root = '', mountPoint = '', options = ''] = row
    const type = row[dash + 1]
    const device = row[dash + 2]
    if (dash < 0 || type === undefined || device === undefined) continue
    const mode = options.split(',').includes('ro') ? 'ro' : 'rw'
    const mount = { device: unescapeOctal(device), mountPoint: unescapeOctal(mountPoint), type, mode, root } as const
    // Later mounts over the same place hide earlier ones, but those have another number.
    const before = found.get(`${number} ${type}`)
    if (before === undefined || (before.root !== '/' && root === '/')) found.set(`${number} ${type}`, mount)
  }
  return [...found.values()]
}
