import { Buffer } from 'node:buffer'
import { silentLogger } from '../../core/index.ts'
import type { DurableLog } from '../durable-log.ts'
import type { FileSystem } from '../file-system.ts'
import type { LogOptions } from '../log-options.ts'
import { type LogGap, openLogReader } from '../log-reader.ts'
import { openLog } from '../open-log.ts'
import { type Fault, MemoryFileSystem } from './memory-file-system.ts'

export const TEST_DIR = '/log'

/** A file system whose next calls can be made to fail: `fail` is asked for each. */
export interface FaultyDisk {
  readonly fs: MemoryFileSystem
  fail: (operation: string, path: string) => Fault | undefined
  /** How often each operation was called. */
  readonly calls: Map<string, number>
}

export function createDisk(): FaultyDisk {
  const calls = new Map<string, number>()
  const disk: FaultyDisk = {
    fs: new MemoryFileSystem({
      random: Math.random,
      before: (operation) => calls.set(operation, (calls.get(operation) ?? 0) + 1),
      fault: (operation, path) => disk.fail(operation, path),
    }),
    fail: () => undefined,
    calls,
  }
  return disk
}

/** A log with small segments, so that a few records make several. */
export function openTestLog(fs: FileSystem, options: Partial<LogOptions> = {}): Promise<DurableLog> {
  const small = { segmentBytes: 400, maxBytes: 100_000, onFull: 'refuse' } as const
  return openLog({ dir: TEST_DIR, fs, log: silentLogger(), ...small, ...options })
}

export function appendText(log: DurableLog, text: string): Promise<number> {
  return log.append([Buffer.from(text)])
}

/** All that a reader gets, `sequence=text`, and the gaps on its way. */
export async function readTexts(
  fs: FileSystem,
  log: DurableLog,
  from = 0,
): Promise<{ readonly texts: readonly string[]; readonly gaps: readonly LogGap[] }> {
  const texts: string[] = []
  const gaps: LogGap[] = []
  const options = { dir: log.dir, fs, durable: log.durable, from, onGap: (gap: LogGap) => gaps.push(gap) }
  const reader = await openLogReader(options)
  while (reader.position < log.durableEnd) {
    const { signal } = new AbortController()
    for (const record of await reader.next({ maxRecords: 3, maxBytes: 1000, waitMs: 0, signal })) {
      texts.push(`${String(record.sequence)}=${Buffer.from(record.bytes).toString()}`)
    }
  }
  await reader.close()
  return { texts, gaps }
}

/** The paths of the segments, oldest first. */
export async function segmentPaths(fs: FileSystem): Promise<readonly string[]> {
  return [...(await fs.list(`${TEST_DIR}/segments`))].sort().map((name) => `${TEST_DIR}/segments/${name}`)
}
