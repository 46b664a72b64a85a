import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { AppError } from '../../../core/index.ts'

type Decompress = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

/** Newer Nodes bring zstd; the types are those of the oldest one that we support. */
const { zstdDecompress } = zlib as { zstdDecompress?: typeof zlib.gunzip }

const DECOMPRESS: ReadonlyMap<string, Decompress | undefined> = new Map<string, Decompress | undefined>([
  ['', undefined],
  ['identity', undefined],
  ['gzip', promisify<Buffer, object, Buffer>(zlib.gunzip)],
  ['deflate', promisify<Buffer, object, Buffer>(zlib.inflate)],
  ...(zstdDecompress === undefined
    ? []
    : [['zstd', promisify<Buffer, object, Buffer>(zstdDecompress)] satisfies [string, Decompress]]),
])

/** For `Accept-Encoding` of a 415. */
export const CONTENT_ENCODINGS: string = [...DECOMPRESS.keys()].filter((name) => name !== '').join(', ')

export function isContentEncoding(encoding: string): boolean {
  return DECOMPRESS.has(encoding)
}

/** Whether the body arrives as it is meant, so that its announced length is its size. */
export function isIdentity(encoding: string): boolean {
  return DECOMPRESS.get(encoding) === undefined
}

/**
 * Reads and decompresses a body. Throws `too_large` as soon as there are more bytes than the limit, on the wire or
 * decompressed: what a bomb would have become is never held. Throws `invalid` when it cannot be decompressed.
 */
export async function readBody(request: IncomingMessage, encoding: string, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    // The stream is left alone when the loop ends early: the answer goes over the same socket.
    const incoming = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    for await (const chunk of incoming) {
      bytes += chunk.length
      if (bytes > limitBytes) throw tooLarge(limitBytes)
      chunks.push(chunk)
    }
  } catch (reason) {
    throw AppError.from(reason, 'cancelled', 'read the request')
  }
  const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes)
  const decompress = DECOMPRESS.get(encoding)
  if (decompress === undefined || body.length === 0) return body
  try {
    return await decompress(body, { maxOutputLength: limitBytes })
  } catch (reason) {
    if (reason instanceof RangeError) throw tooLarge(limitBytes)
    throw AppError.from(reason, 'invalid', `decompress the request (${encoding})`)
  }
}

export function tooLarge(limitBytes: number): AppError {
  return new AppError('too_large', `the request is larger than ${String(limitBytes)} bytes: send it in parts`)
}
