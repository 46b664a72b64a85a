import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { lockDirectory } from './directory-lock.ts'
import type { FileSystem, OpenFile } from './file-system.ts'

const FLAGS = { read: 'r', write: 'r+', create: 'wx+' } as const

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  open: async (path, mode) => toOpenFile(await open(path, FLAGS[mode], 0o600)),
  list: (directory) => readdir(directory),
  makeDirectory,
  rename,
  remove: unlink,
  syncDirectory,
  lock: lockDirectory,
}

function toOpenFile(handle: FileHandle): OpenFile {
  return {
    size: async () => (await handle.stat()).size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (parts, position) => (await handle.writev(parts, position)).bytesWritten,
    truncate: (length) => handle.truncate(length),
    datasync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

/** A directory is durable once the directory that names it is synced, up to the first that existed before. */
async function makeDirectory(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true, mode: 0o700 })
  if (firstMade === undefined) return
  for (let made = path; made.length >= firstMade.length; made = dirname(made)) await syncDirectory(dirname(made))
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
