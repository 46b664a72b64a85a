import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { AppError } from '../../core/index.ts'
import { snappyUncompress } from '../../wire/index.ts'
import { decompressZstd } from './zstd.ts'

/** Names of `Content-Encoding`. `snappy` is the block format, as remote write and Loki use it. */
export type Encoding = 'identity' | 'gzip' | 'deflate' | 'zstd' | 'snappy'

type Decompress = (bytes: Buffer, limitBytes: number) => Promise<Buffer>

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)
const inflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate)
const inflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw)

const GZIP_TRAILER_BYTES = 8
const SMALLEST_CHUNK_BYTES = 4 * 1024
/** A claim is not a proof: no more than this is made ready for it. */
const LARGEST_CHUNK_BYTES = 1024 * 1024

const DECOMPRESS: Readonly<Record<Encoding, Decompress>> = {
  identity: (bytes) => Promise.resolve(bytes),
  gzip: (bytes, maxOutputLength) => gunzip(bytes, { maxOutputLength, chunkSize: chunkFor(bytes, maxOutputLength) }),
  // By the standard with zlib's header; some clients leave it out.
  deflate: (bytes, maxOutputLength) => (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, { maxOutputLength }),
  zstd: (bytes, limitBytes) => settle(() => decompressZstd(bytes, limitBytes)),
  snappy: (bytes, limitBytes) => settle(() => toBuffer(snappyUncompress(bytes, limitBytes))),
}

/**
 * Decompresses a body. Throws `too_large` as soon as there are more bytes than the limit: what a bomb would have become
 * is never held. Throws `invalid` when it cannot be decompressed.
 */
export async function decompress(encoding: Encoding, bytes: Buffer, limitBytes: number): Promise<Buffer> {
  if (bytes.length === 0) return bytes
  try {
    return await DECOMPRESS[encoding](bytes, limitBytes)
  } catch (reason) {
    if (reason instanceof RangeError) throw tooLarge(limitBytes)
    const error = AppError.from(reason, 'invalid', `decompress the request (${encoding})`)
    throw error.code === 'too_large' ? tooLarge(limitBytes) : error
  }
}

export function tooLarge(limitBytes: number): AppError {
  return new AppError('too_large', `the request is larger than ${String(limitBytes)} bytes: send it in parts`)
}

/**
 * The size that a gzip member claims for itself in its last bytes, which is only a hint: output that fits into one chunk
 * need not be put together from many.
 */
function chunkFor(bytes: Buffer, limitBytes: number): number {
  const claimed = bytes.length < GZIP_TRAILER_BYTES ? 0 : bytes.readUInt32LE(bytes.length - 4)
  return Math.min(Math.max(claimed, SMALLEST_CHUNK_BYTES), limitBytes, LARGEST_CHUNK_BYTES)
}

function hasZlibHeader(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0
}

async function settle(run: () => Buffer): Promise<Buffer> {
  return await Promise.resolve().then(run)
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
