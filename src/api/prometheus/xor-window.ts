import type { BitWriter } from './bit-writer.ts'

/**
 * Writes the floats of one sequence after its first, each XORed with the one before it: 0 → '0'; with the leading and
 * trailing zeros of the last window → '10' and the bits between; else '11', 5 bits leading zeros (31 at most), 6 bits of
 * the size (64 as 0), bits.
 */
export class XorWindow {
  readonly #out: BitWriter
  /** 64 as long as there is no window. */
  #leading = 64
  #trailing = 0

  constructor(out: BitWriter) {
    this.#out = out
  }

  /** What changed, in two halves of 32 bits. */
  write(high: number, low: number): void {
    const out = this.#out
    if (high === 0 && low === 0) {
      out.number(0, 1)
      return
    }
    const leading = Math.min(31, high === 0 ? 32 + Math.clz32(low) : Math.clz32(high))
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)
    if (this.#leading !== 64 && leading >= this.#leading && trailing >= this.#trailing) {
      out.number(0b10, 2)
      this.#between(high, low)
      return
    }
    this.#leading = leading
    this.#trailing = trailing
    out.number(0b11, 2)
    out.number(leading, 5)
    out.number((64 - leading - trailing) % 64, 6)
    this.#between(high, low)
  }

  #between(high: number, low: number): void {
    const trailing = this.#trailing
    const size = 64 - this.#leading - trailing
    if (trailing === 0) this.#out.halves(high, low, size)
    else if (trailing < 32) this.#out.halves(high >>> trailing, (low >>> trailing) | (high << (32 - trailing)), size)
    else this.#out.halves(0, high >>> (trailing - 32), size)
  }
}

/** Of a number that is not 0. */
function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value)
}
