import { Decompress } from 'fzstd'
import { AppError } from '../../core/index.ts'

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a5
const BLOCK_HEADER = 3
const MAX_BLOCK = 131_072
const RESERVED_BLOCK = 3
const RLE_BLOCK = 1
const COMPRESSED_BLOCK = 2
/** What RFC 8878 asks every decoder to support; who wants more is not our sender. */
const MAX_WINDOW = 8 * 1_048_576
/** The decoder moves its window at each block: a frame of very many tiny blocks is an attack on the processor. */
const MAX_MOVED_BYTES = 4 * 1_073_741_824

interface Frame {
  /** Where its blocks begin and end; behind that may stand a checksum. */
  readonly blocks: number
  readonly end: number
  readonly count: number
  /** What its blocks can hold at the most. */
  readonly maxBytes: number
  readonly windowBytes: number
}

/**
 * Decompresses Zstandard (RFC 8878): all frames, one after the other. Throws `too_large` as soon as the result is larger
 * than the limit, `invalid` for anything that is no Zstandard. The frames' structure is looked at first, so that no
 * header makes the decoder take more memory than the frame can hold.
 */
export function decompressZstd(input: Uint8Array, limitBytes: number): Buffer {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const take = (chunk: Uint8Array): void => {
    bytes += chunk.length
    if (bytes > limitBytes) throw new AppError('too_large', `more than ${String(limitBytes)} bytes`)
    chunks.push(chunk)
  }
  try {
    for (let at = 0; at < input.length; ) at = decompressFrame(input, at, take)
  } catch (reason) {
    throw AppError.from(reason, 'invalid', 'decompress zstd')
  }
  return Buffer.concat(chunks, bytes)
}

/** Returns where the next frame begins. */
function decompressFrame(input: Uint8Array, at: number, take: (chunk: Uint8Array) => void): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  if (at + 8 > input.length) throw new AppError('invalid', 'zstd: cut off')
  const magic = view.getUint32(at, true)
  if (magic >>> 4 === SKIPPABLE) {
    const end = at + 8 + view.getUint32(at + 4, true)
    if (end > input.length) throw new AppError('invalid', 'zstd: cut off')
    return end
  }
  if (magic !== MAGIC) throw new AppError('invalid', 'no zstd frame')
  const hasChecksum = ((input[at + 4] ?? 0) & 4) !== 0
  const frame = readFrame(input, at)
  const windowLog = Math.max(10, Math.ceil(Math.log2(Math.min(frame.windowBytes, frame.maxBytes) || 1)))
  if (frame.count * 2 ** windowLog > MAX_MOVED_BYTES) throw new AppError('invalid', 'zstd: too many blocks')
  // The same frame with the smallest window that will do, and without a checksum, which the decoder would not check.
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3)
  const decoder = new Decompress((chunk) => {
    if (chunk.length > 0) take(chunk)
  })
  decoder.push(Buffer.concat([header, input.subarray(frame.blocks, frame.end)]), true)
  return frame.end + (hasChecksum ? 4 : 0)
}

/** Walks over the blocks of the frame at `at`. */
function readFrame(input: Uint8Array, at: number): Frame {
  const byte = (index: number): number => {
    const value = input[index]
    if (value === undefined) throw new AppError('invalid', 'zstd: cut off')
    return value
  }
  const flags = byte(at + 4)
  if ((flags & 8) !== 0) throw new AppError('invalid', 'zstd: a reserved bit is set')
  if ((flags & 3) !== 0) throw new AppError('invalid', 'zstd: a dictionary is needed')
  const isSingle = (flags & 32) !== 0
  const sizeFlag = flags >> 6
  const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 2 ** sizeFlag
  const blocks = at + 5 + (isSingle ? 0 : 1) + sizeBytes
  let end = blocks
  let count = 0
  let maxBytes = 0
  for (let isLast = false; !isLast; ) {
    const header = byte(end) | (byte(end + 1) << 8) | (byte(end + 2) << 16)
    isLast = (header & 1) === 1
    const type = (header >> 1) & 3
    const size = header >> 3
    if (type === RESERVED_BLOCK || size > MAX_BLOCK) throw new AppError('invalid', 'zstd: a malformed block')
    maxBytes += type === COMPRESSED_BLOCK ? MAX_BLOCK : size
    end += BLOCK_HEADER + (type === RLE_BLOCK ? 1 : size)
    count += 1
  }
  if (end > input.length) throw new AppError('invalid', 'zstd: cut off')
  // A single segment's window is its content: what its blocks can hold is enough.
  const windowBytes = isSingle ? maxBytes : windowOf(byte(at + 5))
  if (!isSingle && windowBytes > MAX_WINDOW) throw new AppError('invalid', 'zstd: the window is larger than 8 MiB')
  return { blocks, end, count, maxBytes, windowBytes }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}
