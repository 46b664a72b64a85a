import { BitReader, floatOf, XorReader } from './bit-reader.ts'

/** The samples of an XOR chunk as `[milliseconds, value]`; written from the format, not from the encoder. */
export function decodeXorChunk(data: Uint8Array): (readonly [number, number])[] {
  const from = new BitReader(data)
  const uvarint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = from.bits(8)
      value |= (byte & 0x7fn) << shift
      if (byte < 0x80n) return value
    }
  }
  const count = Number(from.bits(16))
  const zigzag = uvarint()
  let time = (zigzag >> 1n) ^ -(zigzag & 1n)
  const first = from.bits(64)
  const values = new XorReader(from, first)
  const samples: (readonly [number, number])[] = [[Number(time), floatOf(first)]]
  let delta = 0n
  for (let i = 1; i < count; i++) {
    if (i === 1) delta = uvarint()
    else {
      const width = [0, 14, 17, 20, 64][from.ones(4)] ?? 0
      delta += width === 0 ? 0n : width === 64 ? BigInt.asIntN(64, from.bits(64)) : from.signed(width)
    }
    time += delta
    samples.push([Number(time), values.next()])
  }
  return samples
}
