import { join } from 'node:path'
import type { FileSystem } from './file-system.ts'
import { isEpoch } from './format.ts'
import { openStateFile, type StateFile } from './state-file.ts'

/** The places inside a log's directory. */
export interface Layout {
  readonly root: string
  readonly lock: string
  readonly segments: string
  readonly cursors: string
  readonly quarantine: string
}

export function layoutOf(directory: string): Layout {
  return {
    root: directory,
    lock: join(directory, 'lock'),
    segments: join(directory, 'segments'),
    cursors: join(directory, 'cursors'),
    quarantine: join(directory, 'quarantine'),
  }
}

/** The state file that holds the epoch. */
export function openMeta(fs: FileSystem, layout: Layout): Promise<StateFile> {
  return openStateFile({ fs, directory: layout.root, name: 'meta' })
}

/** The epoch in the state file, or undefined when there is none that can be read. */
export function epochIn(meta: StateFile): string | undefined {
  const { value } = meta
  if (typeof value !== 'object' || value === null || !('epoch' in value)) return undefined
  return isEpoch(value.epoch) ? value.epoch : undefined
}
