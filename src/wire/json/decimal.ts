const TWO_32 = 0x1_0000_0000
const MINUS = 0x2d

/** A 64-bit integer in two unsigned halves; negative ones in two's complement. */
export class Decimal64 {
  low = 0
  high = 0
  isNegative = false

  /**
   * Reads `-?[0-9]+` between the positions; false when it is none, or its amount does not fit 64 bits. Leading zeros
   * are no matter.
   */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.isNegative = bytes[start] === MINUS
    const first = this.isNegative ? start + 1 : start
    let low = 0
    let high = 0
    if (first >= end) return false
    for (let at = first; at < end; at++) {
      const digit = (bytes[at] ?? 0) - 0x30
      if (digit < 0 || digit > 9) return false
      low = low * 10 + digit
      high = high * 10 + Math.floor(low / TWO_32)
      low %= TWO_32
      if (high >= TWO_32) return false
    }
    this.low = low
    this.high = high
    return true
  }

  /** Whether it is from -2⁶³ to 2⁶³ - 1. */
  get isSigned(): boolean {
    return this.high < 0x8000_0000 || (this.isNegative && this.high === 0x8000_0000 && this.low === 0)
  }

  /** Whether it is from 0 to 2⁶⁴ - 1. */
  get isUnsigned(): boolean {
    return !this.isNegative || (this.low === 0 && this.high === 0)
  }

  /** The number, if it is a safe integer. */
  toNumber(): number {
    const amount = this.high * TWO_32 + this.low
    return this.isNegative ? -amount : amount
  }

  /** Turns the amount of a negative number into two's complement. */
  complement(): void {
    if (!this.isNegative) return
    this.low = (~this.low + 1) >>> 0
    this.high = (~this.high + (this.low === 0 ? 1 : 0)) >>> 0
  }
}
