import type { ProtoReader } from '../proto/index.ts'

/** A `uint64` varint as a number, rounded beyond 2^53. */
export function takeUnsigned(reader: ProtoReader): number {
  const short = takeShort(reader)
  return short < 0 ? Number(reader.uint64()) : short
}

/** An `int64` varint as a number, rounded beyond 2^53. */
export function takeSigned(reader: ProtoReader): number {
  const short = takeShort(reader)
  return short < 0 ? Number(reader.int64()) : short
}

/** A varint of up to seven bytes, that is 49 bits, which needs no BigInt; -1, and nothing read, if it is longer. */
function takeShort(reader: ProtoReader): number {
  const { bytes } = reader
  const limit = Math.min(reader.end, reader.pos + 7)
  let value = 0
  let scale = 1
  for (let at = reader.pos; at < limit; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      reader.pos = at + 1
      return value
    }
    scale *= 0x80
  }
  return -1
}
