import type { IncomingMessage } from 'node:http'
import { AppError } from '../../core/index.ts'
import { tooLarge } from './encodings.ts'

/** After this long a body must have come with at least so many bytes per second; and it must be complete. */
const GRACE_MS = 5_000
const LEAST_BYTES_PER_SECOND = 1_024
const LOOK_EVERY_MS = 1_000

/**
 * Reads a body as it comes on the wire. Throws `too_large` as soon as there are more bytes than the limit, `timeout` when
 * they come more slowly than 1 KB/s or not within `timeoutMs`, `cancelled` when the sender goes away.
 */
export async function readStream(request: IncomingMessage, limitBytes: number, timeoutMs: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  const startedMs = performance.now()
  const isSlow = (): boolean => {
    const ms = performance.now() - startedMs
    return ms > timeoutMs || (ms > GRACE_MS && bytes < (LEAST_BYTES_PER_SECOND * ms) / 1_000)
  }
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: AppError): void => {
      clearInterval(watching)
      request.off('data', take).off('end', end).off('close', broken).off('error', broken)
      // The stream is left as it is: the answer goes over the same socket.
      request.pause()
      if (error === undefined) resolve()
      else reject(error)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > limitBytes) settle(tooLarge(limitBytes))
      else chunks.push(chunk)
    }
    const end = (): void => {
      settle()
    }
    const broken = (): void => {
      settle(new AppError('cancelled', 'the sender broke off the request'))
    }
    const watching = setInterval(
      () => {
        if (isSlow()) settle(new AppError('timeout', 'the request did not arrive in time'))
      },
      Math.min(LOOK_EVERY_MS, timeoutMs),
    )
    if (request.destroyed && !request.complete) {
      broken()
      return
    }
    request.on('data', take).on('end', end).on('close', broken).on('error', broken)
  })
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes)
}
