import { join } from 'node:path'
import { AppError } from '../core/index.ts'
import { type FileSystem, removeIfPresent } from './file-system.ts'
import { layoutOf } from './layout.ts'
import { nodeFileSystem } from './node-file-system.ts'

const CURSOR_FILE = /^(.+)\.[01]$/

/** The names of all cursors that a log's directory holds, whoever they belong to. */
export async function listCursors(dir: string, fs: FileSystem = nodeFileSystem): Promise<readonly string[]> {
  const files = await fs.list(layoutOf(dir).cursors)
  return [...new Set(files.flatMap((file) => CURSOR_FILE.exec(file)?.[1] ?? []))]
}

/** Forgets a cursor that nobody holds. Throws `unavailable`. */
export async function removeCursor(dir: string, name: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  const { cursors } = layoutOf(dir)
  try {
    for (const slot of ['0', '1']) await removeIfPresent(fs, join(cursors, `${name}.${slot}`))
    await fs.syncDirectory(cursors)
  } catch (reason) {
    throw AppError.from(reason, 'unavailable', `remove the cursor ${name}`)
  }
}
