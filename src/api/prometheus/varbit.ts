import type { BitWriter } from './bit-writer.ts'

/*
 * Integers in histogram chunks: 0 → '0'; else as many ones as the width is the n-th of these, a zero, and the bits;
 * eight ones and 64 bits for what fits none.
 */
const WIDTHS = [3, 6, 9, 12, 18, 25, 56] as const

/** Of n bits are -(2^(n-1) - 1) to 2^(n-1). */
export function writeVarbit(out: BitWriter, value: number): void {
  write(out, value, (bits) => -(2 ** (bits - 1)) < value && value <= 2 ** (bits - 1))
}

export function writeVarbitUnsigned(out: BitWriter, value: number): void {
  write(out, value, (bits) => value < 2 ** bits)
}

function write(out: BitWriter, value: number, fits: (bits: number) => boolean): void {
  if (value === 0) {
    out.number(0, 1)
    return
  }
  const at = WIDTHS.findIndex(fits)
  const bits = WIDTHS[at] ?? 64
  if (bits === 64) out.number(0xff, 8)
  else out.number((2 << (at + 1)) - 2, at + 2)
  if (bits <= 32) out.number(value, bits)
  else out.bigint(BigInt(value), bits)
}
