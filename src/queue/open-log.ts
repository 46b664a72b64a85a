import { randomBytes, randomUUID } from 'node:crypto'
import { AppError, type Logger, messageOf, systemCode } from '../core/index.ts'
import { type ActiveSegment, reopenSegment } from './active-segment.ts'
import { DurableLog } from './durable-log.ts'
import type { FileSystem } from './file-system.ts'
import { epochIn, type Layout, layoutOf, openMeta } from './layout.ts'
import { completeOptions, type LogOptions, type LogSettings } from './log-options.ts'
import { Quarantine } from './quarantine.ts'
import { type Recovered, recover } from './recovery.ts'

/**
 * Opens the log in a directory, or makes one, and claims it for this process. What a crash or a disk left behind is
 * put right first (recovery.ts). Throws `conflict` when another process has the directory.
 */
export async function openLog(options: LogOptions): Promise<DurableLog> {
  const settings = completeOptions(options)
  const layout = layoutOf(options.dir)
  try {
    await settings.fs.makeDirectory(layout.root)
    const unlock = await claim(settings, layout)
    try {
      for (const path of [layout.segments, layout.cursors, layout.quarantine]) await ensureDirectory(settings, path)
      const recovered = await recoverDirectory(settings, layout)
      const active = await openActive(settings.fs, layout, recovered)
      return new DurableLog({ settings, layout, recovered, active, unlock })
    } catch (reason) {
      await unlock()
      throw reason
    }
  } catch (reason) {
    throw AppError.from(reason, 'unavailable', `open the log in ${options.dir}`)
  }
}

/** A full disk must not keep the program from starting that would empty it. */
async function claim({ fs, log }: LogSettings, layout: Layout): Promise<() => Promise<void>> {
  try {
    return await fs.lock(layout.lock)
  } catch (reason) {
    if (systemCode(reason) !== 'ENOSPC' && systemCode(reason) !== 'EDQUOT') throw reason
    log.error({ error: messageOf(reason) }, 'log: no space for the lock, going on without it')
    return () => Promise.resolve()
  }
}

async function ensureDirectory(
  { fs, log }: { readonly fs: FileSystem; readonly log: Logger },
  path: string,
): Promise<void> {
  try {
    await fs.makeDirectory(path)
  } catch (reason) {
    if (systemCode(reason) !== 'EEXIST' && systemCode(reason) !== 'ENOTDIR') throw reason
    const aside = `${path}.${randomUUID()}`
    log.warn({ path, aside }, 'log: a file stood where a directory belongs, moved aside')
    await fs.rename(path, aside)
    await fs.makeDirectory(path)
  }
}

async function recoverDirectory(settings: LogSettings, layout: Layout): Promise<Recovered> {
  const { fs, log } = settings
  const meta = await openMeta(fs, layout)
  const knownEpoch = epochIn(meta)
  const recovered = await recover({
    fs,
    layout,
    quarantine: new Quarantine(fs, layout.quarantine, log),
    knownEpoch,
    newEpoch: () => randomBytes(16).toString('hex'),
    largestWriteBytes: settings.maxGroupBytes,
    log,
  })
  // Before the first record is taken: the frames are sealed with the epoch.
  if (knownEpoch === undefined) await meta.write(() => ({ epoch: recovered.epoch }))
  if (knownEpoch !== undefined && recovered.segments.length === 0) await meta.confirm()
  const { tail, segments, end, next, movedAside } = recovered
  const facts = { segments: segments.length, end, next, movedAside, tornBytes: tail?.tornBytes ?? 0 }
  log.info({ ...facts, damagedRecords: tail?.damagedRecords ?? 0 }, 'log: opened')
  return recovered
}

async function openActive(
  fs: FileSystem,
  layout: Layout,
  { segments, tail, end, next }: Recovered,
): Promise<ActiveSegment | undefined> {
  const last = segments.at(-1)
  if (last === undefined || tail === undefined) return undefined
  const broken = !tail.clean || next !== end
  return reopenSegment(fs, layout.segments, { base: last.base, bytes: tail.validBytes, broken })
}
