import { type BigIntStats, createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { systemCode } from '../../../core/index.ts'
import { FINGERPRINT_BYTES } from './checkpoint.ts'

/** A regular file as the file system knows it. 64-bit numbers are kept as text: an inode may not fit a double. */
export interface FileFacts {
  readonly device: string
  readonly inode: string
  readonly size: number
  readonly mtimeNs: bigint
  /** When it was made; where the file system does not say, when it was last written. */
  readonly bornMs: number
  readonly links: number
}

/** Undefined when there is no regular file by that name; other failures are thrown. Symbolic links are followed. */
export async function factsOfPath(file: string): Promise<FileFacts | undefined> {
  try {
    return factsOf(await stat(file, { bigint: true }))
  } catch (reason) {
    if (isMissing(reason)) return undefined
    throw reason
  }
}

export async function factsOfHandle(handle: FileHandle): Promise<FileFacts | undefined> {
  return factsOf(await handle.stat({ bigint: true }))
}

/** Undefined when the file is gone. */
export async function openForReading(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (reason) {
    if (isMissing(reason)) return undefined
    throw reason
  }
}

/** The first bytes, which identify a file; fewer when it has no more. */
export async function readHead(handle: FileHandle): Promise<Uint8Array> {
  const buffer = new Uint8Array(FINGERPRINT_BYTES)
  const { bytesRead } = await handle.read(buffer, 0, FINGERPRINT_BYTES, 0)
  return bytesRead === FINGERPRINT_BYTES ? buffer : buffer.slice(0, bytesRead)
}

/** Where the links lead; the name itself when it leads nowhere just now. */
export async function resolveLinks(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (reason) {
    if (isMissing(reason)) return file
    throw reason
  }
}

/** The names in a directory; none when it is gone. */
export async function listNames(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir)
  } catch (reason) {
    if (isMissing(reason)) return []
    throw reason
  }
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** The first bytes of what a gzip file holds. */
export async function readGzipHead(file: string): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  const source = createReadStream(file)
  try {
    for await (const chunk of source.pipe(createGunzip()) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= FINGERPRINT_BYTES) break
    }
  } finally {
    source.destroy()
  }
  return new Uint8Array(Buffer.concat(chunks).subarray(0, FINGERPRINT_BYTES))
}

/** Unpacks a gzip file into another. */
export async function unpackGzip(file: string, into: string, signal: AbortSignal): Promise<void> {
  await mkdir(path.dirname(into), { recursive: true })
  await pipeline(createReadStream(file), createGunzip(), createWriteStream(into, { mode: 0o600 }), { signal })
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function factsOf(stats: BigIntStats): FileFacts | undefined {
  if (!stats.isFile()) return undefined
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    bornMs: Number(stats.birthtimeMs > 0n ? stats.birthtimeMs : stats.mtimeMs),
    links: Number(stats.nlink),
  }
}

function isMissing(reason: unknown): boolean {
  const code = systemCode(reason)
  return code === 'ENOENT' || code === 'ENOTDIR'
}
