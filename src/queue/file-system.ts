import { systemCode } from '../core/index.ts'

/**
 * The few calls that the log needs from a file system, so that tests can put one in its place that forgets, on a
 * crash, whatever was not synced. Failures are Node's system errors (`code`: ENOENT, ENOSPC, EIO, …).
 */
export interface FileSystem {
  /** `read` and `write` (which also reads) need the file to exist; `create` needs it not to. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>
  /** The names in a directory, in any order. */
  list(directory: string): Promise<readonly string[]>
  /** Makes a directory and its parents, durably; succeeds when it is there already. */
  makeDirectory(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes the entries of the directory durable: files created, renamed and removed in it. */
  syncDirectory(path: string): Promise<void>
  /** Claims a directory for this process by a lock at `path`; resolves with how to let go. Throws `conflict`. */
  lock(path: string): Promise<() => Promise<void>>
}

export interface OpenFile {
  size(): Promise<number>
  /** How many bytes were read: fewer than asked at the end of the file, and sometimes elsewhere. */
  read(into: Uint8Array, position: number): Promise<number>
  /** How many bytes were written, which may be fewer than given. */
  write(parts: readonly Uint8Array[], position: number): Promise<number>
  truncate(length: number): Promise<void>
  /** Makes the content and the size durable. After a failure the content on disk is unknown. */
  datasync(): Promise<void>
  close(): Promise<void>
}

/** Writes all of it, however many calls that takes. */
export async function writeFully(file: OpenFile, parts: readonly Uint8Array[], position: number): Promise<void> {
  let rest = parts.filter((part) => part.length > 0)
  let at = position
  while (rest.length > 0) {
    const written = await file.write(rest, at)
    // POSIX lets a write of nothing succeed for ever; it must not become a loop.
    if (written <= 0) throw Object.assign(new Error('write: no byte was taken'), { code: 'EIO' })
    at += written
    rest = dropBytes(rest, written)
  }
}

/** Reads until the buffer is full or the file ends; returns the part that was filled. */
export async function readFully(file: OpenFile, into: Buffer, position: number): Promise<Buffer> {
  let filled = 0
  while (filled < into.length) {
    const got = await file.read(into.subarray(filled), position + filled)
    if (got === 0) break
    filled += got
  }
  return into.subarray(0, filled)
}

/** Removes the file if it is there. */
export async function removeIfPresent(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.remove(path)
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw reason
  }
}

function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  let skip = count
  for (const part of parts) {
    if (skip < part.length) rest.push(skip > 0 ? part.subarray(skip) : part)
    skip = Math.max(0, skip - part.length)
  }
  return rest
}
