import { systemCode } from '../core/index.ts'
import type { OpenFile } from './file-system.ts'

const BLOCK_BYTES = 4096

/**
 * The file, with bytes that make no sense where the disk gives nothing back (EIO), so that they are damage like any
 * other. For a disk that has been asked more than once. (Not zeros: zeros at the end count as never written.)
 */
export function readableParts(file: OpenFile): OpenFile {
  return { ...file, read: (into, position) => readBlocks(file, into, position) }
}

async function readBlocks(file: OpenFile, into: Uint8Array, position: number): Promise<number> {
  const length = Math.max(0, Math.min(into.length, (await file.size()) - position))
  let at = 0
  while (at < length) {
    const block = into.subarray(at, Math.min(length, at + BLOCK_BYTES))
    try {
      const got = await file.read(block, position + at)
      if (got === 0) break
      at += got
    } catch (reason) {
      if (systemCode(reason) !== 'EIO') throw reason
      block.fill(0xff)
      at += block.length
    }
  }
  return at
}
