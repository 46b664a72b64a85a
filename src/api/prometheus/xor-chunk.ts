import { BitWriter } from './bit-writer.ts'
import { XorWindow } from './xor-window.ts'

/*
 * Prometheus' XOR chunk (tsdb/docs/format/chunks.md): two bytes with the number of samples, then bits:
 *
 *     sample 0   varint (zigzag) time, 64 bits value
 *     sample 1   uvarint time delta, value
 *     others     delta of the delta: 0 → '0'; in 14 bits → '10'; in 17 → '110'; in 20 → '1110'; else '1111' and 64
 *
 * and a value after the first as `XorWindow` writes it.
 */

/** So many samples are in a chunk at most, as in Prometheus. */
export const SAMPLES_PER_CHUNK = 120

/** The chunk of the samples from `from` to `to`, which must be at least one and at most `SAMPLES_PER_CHUNK`. */
export function encodeXorChunk(timesMs: Float64Array, values: Float64Array, from: number, to: number): Uint8Array {
  const out = new BitWriter(256)
  const words = new Uint32Array(values.slice(from, to).buffer)
  out.number(to - from, 16)
  const window = new XorWindow(out)
  let delta = 0
  for (let i = 0; i < to - from; i++) {
    const time = timesMs[from + i] ?? 0
    const low = words[2 * i] ?? 0
    const high = words[2 * i + 1] ?? 0
    if (i === 0) {
      const wide = BigInt(time)
      out.varint((wide << 1n) ^ (wide >> 63n))
      out.halves(high, low, 64)
      continue
    }
    const next = time - (timesMs[from + i - 1] ?? 0)
    if (i === 1) out.varint(BigInt(next))
    else writeDeltaOfDelta(out, next - delta)
    delta = next
    window.write((high ^ (words[2 * i - 1] ?? 0)) >>> 0, (low ^ (words[2 * i - 2] ?? 0)) >>> 0)
  }
  return out.finish()
}

const WIDTHS = [
  [0b10, 2, 14],
  [0b110, 3, 17],
  [0b1110, 4, 20],
] as const

function writeDeltaOfDelta(out: BitWriter, difference: number): void {
  if (difference === 0) {
    out.number(0, 1)
    return
  }
  for (const [prefix, prefixBits, bits] of WIDTHS) {
    if (difference < -(2 ** (bits - 1) - 1) || difference > 2 ** (bits - 1)) continue
    out.number(prefix, prefixBits)
    out.number(difference, bits)
    return
  }
  out.number(0b1111, 4)
  out.bigint(BigInt(difference), 64)
}
