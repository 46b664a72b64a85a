import { AppError } from '../../core/index.ts'

/** A copy of 64 bytes takes three bytes, and no element says more in less: what an honest length can be at most. */
const MAX_BYTES_PER_BYTE = 22

/** Copies are made four bytes at a time and may write so many bytes too many; the next element overwrites them. */
const SLACK = 4

/** Literals that are longer are left to the engine's own copy. */
const LONG_LITERAL = 48

/**
 * Uncompresses the snappy block format (not the framed one), as remote write and Loki's push send it. The length that
 * the block declares is checked before anything is allocated: against `maxBytes`, and against what so many bytes can
 * hold at all. Throws AppError `too_large` or `invalid`.
 *
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyUncompress(input: Uint8Array, maxBytes: number): Uint8Array {
  let pos = 0
  let length = 0
  for (let shift = 1; ; shift *= 128) {
    const byte = input[pos++]
    if (byte === undefined) throw malformed('the length is cut off', pos - 1)
    length += (byte & 0x7f) * shift
    if (byte < 0x80) break
    if (pos === 5) throw malformed('the length has more than 5 bytes', pos)
  }
  if (length > maxBytes) {
    throw new AppError(
      'too_large',
      `snappy: ${String(length)} bytes when uncompressed, over the limit of ${String(maxBytes)}; send smaller requests`,
    )
  }
  if (length > input.length * MAX_BYTES_PER_BYTE) {
    throw malformed(`${String(input.length)} bytes can not hold the declared ${String(length)}`, 0)
  }
  return uncompressTo(input, pos, length)
}

function uncompressTo(input: Uint8Array, start: number, length: number): Uint8Array {
  // Memory that is not zeroed first: every byte that is handed out has been written, or this throws.
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length + SLACK)
  const output = new Uint8Array(buffer, byteOffset, length + SLACK)
  const target = new DataView(buffer, byteOffset, length + SLACK)
  const source = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const inputEnd = input.length
  const lastWord = inputEnd - 4
  let pos = start
  let at = 0
  while (pos < inputEnd) {
    const tag = input[pos++] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      let size = (tag >>> 2) + 1
      if (size > 60) {
        const sizeBytes = size - 60
        if (pos + sizeBytes > inputEnd) throw malformed('the length of a literal is cut off', pos)
        size = 1
        for (let i = 0, unit = 1; i < sizeBytes; i++, unit *= 256) size += (input[pos++] ?? 0) * unit
      }
      if (size > inputEnd - pos) throw malformed('a literal is cut off', pos)
      if (size > length - at) throw malformed('a literal runs past the declared length', pos)
      if (size > LONG_LITERAL) {
        output.set(input.subarray(pos, pos + size), at)
      } else {
        let from = pos
        let to = at
        const end = at + size
        for (; to < end && from <= lastWord; to += 4, from += 4) target.setInt32(to, source.getInt32(from, true), true)
        for (; to < end; to++, from++) output[to] = input[from] ?? 0
      }
      pos += size
      at += size
      continue
    }

    let size: number
    let offset: number
    if (kind === 1) {
      if (pos >= inputEnd) throw malformed('a copy is cut off', pos)
      size = ((tag >>> 2) & 7) + 4
      offset = ((tag >>> 5) << 8) | (input[pos++] ?? 0)
    } else {
      const offsetBytes = kind === 2 ? 2 : 4
      if (pos + offsetBytes > inputEnd) throw malformed('a copy is cut off', pos)
      size = (tag >>> 2) + 1
      offset = kind === 2 ? (input[pos] ?? 0) | ((input[pos + 1] ?? 0) << 8) : source.getUint32(pos, true)
      pos += offsetBytes
    }
    if (offset === 0 || offset > at) throw malformed(`a copy from ${String(offset)} bytes back`, pos)
    if (size > length - at) throw malformed('a copy runs past the declared length', pos)
    const end = at + size
    let from = at - offset
    if (offset >= 4) {
      for (; at < end; at += 4, from += 4) target.setInt32(at, target.getInt32(from, true), true)
      at = end
    } else {
      // Source and target overlap: a pattern of one to three bytes goes on.
      for (; at < end; at++, from++) output[at] = output[from] ?? 0
    }
  }
  if (at !== length) throw malformed(`${String(at)} bytes came out, not the declared ${String(length)}`, pos)
  return output.subarray(0, length)
}

function malformed(what: string, pos: number): AppError {
  return new AppError('invalid', `snappy: ${what} at byte ${String(pos)}; is the body in the snappy block format?`)
}
