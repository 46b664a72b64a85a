import { BitWriter } from './bit-writer.ts'

/*
 * Prometheus' XOR chunk (tsdb/docs/format/chunks.md): two bytes with the number of samples, then bits:
 *
 *     sample 0   varint (zigzag) time, 64 bits value
 *     sample 1   uvarint time delta, value
 *     others     delta of the delta: 0 → '0'; in 14 bits → '10'; in 17 → '110'; in 20 → '1110'; else '1111' and 64
 *
 * and a value after the first is XORed with the one before it: 0 → '0'; with the leading and trailing zeros of the last
 * window → '10' and the bits between; else '11', 5 bits leading zeros (31 at most), 6 bits of the size (64 as 0), bits.
 */

/** So many samples are in a chunk at most, as in Prometheus. */
export const SAMPLES_PER_CHUNK = 120

/** The chunk of the samples from `from` to `to`, which must be at least one and at most `SAMPLES_PER_CHUNK`. */
export function encodeXorChunk(timesMs: Float64Array, values: Float64Array, from: number, to: number): Uint8Array {
  const out = new BitWriter(256)
  const valueBits = new BigUint64Array(Float64Array.from(values.subarray(from, to)).buffer)
  out.number(to - from, 16)
  const window = new XorWindow(out)
  let delta = 0
  for (let i = 0; i < valueBits.length; i++) {
    const time = timesMs[from + i] ?? 0
    const value = valueBits[i] ?? 0n
    if (i === 0) {
      const wide = BigInt(time)
      out.varint((wide << 1n) ^ (wide >> 63n))
      out.bigint(value, 64)
      continue
    }
    const next = time - (timesMs[from + i - 1] ?? 0)
    if (i === 1) out.varint(BigInt(next))
    else writeDeltaOfDelta(out, next - delta)
    delta = next
    window.write(value ^ (valueBits[i - 1] ?? 0n))
  }
  return out.finish()
}

function writeDeltaOfDelta(out: BitWriter, difference: number): void {
  if (difference === 0) {
    out.bit(0)
    return
  }
  for (const [prefix, prefixBits, bits] of [
    [0b10, 2, 14],
    [0b110, 3, 17],
    [0b1110, 4, 20],
  ] as const) {
    if (difference < -(2 ** (bits - 1) - 1) || difference > 2 ** (bits - 1)) continue
    out.number(prefix, prefixBits)
    out.bigint(BigInt(difference), bits)
    return
  }
  out.number(0b1111, 4)
  out.bigint(BigInt(difference), 64)
}

/** The zeros in front of and behind the bits that changed last. */
class XorWindow {
  readonly #out: BitWriter
  #leading = -1
  #trailing = 0

  constructor(out: BitWriter) {
    this.#out = out
  }

  write(changed: bigint): void {
    const out = this.#out
    if (changed === 0n) {
      out.bit(0)
      return
    }
    out.bit(1)
    const digits = changed.toString(2)
    const leading = Math.min(31, 64 - digits.length)
    const trailing = digits.length - 1 - digits.lastIndexOf('1')
    if (this.#leading !== -1 && leading >= this.#leading && trailing >= this.#trailing) {
      out.bit(0)
      out.bigint(changed >> BigInt(this.#trailing), 64 - this.#leading - this.#trailing)
      return
    }
    this.#leading = leading
    this.#trailing = trailing
    const size = 64 - leading - trailing
    out.bit(1)
    out.number(leading, 5)
    out.number(size % 64, 6)
    out.bigint(changed >> BigInt(trailing), size)
  }
}
