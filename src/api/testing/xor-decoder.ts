/** The samples of an XOR chunk as `[milliseconds, value]`; written from the format, not from the encoder. */
export function decodeXorChunk(data: Uint8Array): (readonly [number, number])[] {
  const digits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  let at = 0
  const bits = (count: number): bigint => {
    at += count
    return BigInt(`0b0${digits.slice(at - count, at)}`)
  }
  const uvarint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bits(8)
      value |= (byte & 0x7fn) << shift
      if (byte < 0x80n) return value
    }
  }
  const signed = (count: number): bigint => {
    const value = bits(count)
    // Prometheus' ranges are off by one from two's complement: the highest value is 2^(n-1).
    return value > 1n << BigInt(count - 1) ? value - (1n << BigInt(count)) : value
  }
  const count = Number(bits(16))
  const samples: (readonly [number, number])[] = []
  let [time, delta, value, leading, trailing] = [0n, 0n, 0n, 0, 0]
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      const zigzag = uvarint()
      time = (zigzag >> 1n) ^ -(zigzag & 1n)
      value = bits(64)
    } else {
      if (i === 1) delta = uvarint()
      else {
        let ones = 0
        while (ones < 4 && bits(1) === 1n) ones += 1
        const width = [0, 14, 17, 20, 64][ones] ?? 0
        delta += width === 0 ? 0n : width === 64 ? BigInt.asIntN(64, bits(64)) : signed(width)
      }
      time += delta
      if (bits(1) === 1n) {
        if (bits(1) === 1n) {
          leading = Number(bits(5))
          const size = Number(bits(6))
          trailing = 64 - leading - (size === 0 ? 64 : size)
        }
        value ^= bits(64 - leading - trailing) << BigInt(trailing)
      }
    }
    samples.push([Number(time), new Float64Array(BigUint64Array.of(value).buffer)[0] ?? 0])
  }
  return samples
}
