/** Reads bits one behind the other, the highest of each byte first. */
export class BitReader {
  readonly #digits: string
  #at = 0

  constructor(data: Uint8Array) {
    this.#digits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  }

  bits(count: number): bigint {
    this.#at += count
    return BigInt(`0b0${this.#digits.slice(this.#at - count, this.#at)}`)
  }

  /** Prometheus' ranges are off by one from two's complement: the highest value is 2^(n-1). */
  signed(count: number): bigint {
    const value = this.bits(count)
    return value > 1n << BigInt(count - 1) ? value - (1n << BigInt(count)) : value
  }

  /** How many ones come before the next zero, which is read too; at most so many. */
  ones(most: number): number {
    let ones = 0
    while (ones < most && this.bits(1) === 1n) ones += 1
    return ones
  }

  float(): number {
    return floatOf(this.bits(64))
  }
}

export function floatOf(bits: bigint): number {
  return new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? 0
}

/** A sequence of floats, each XORed with the one before it. */
export class XorReader {
  readonly #from: BitReader
  #value: bigint
  #leading = 0
  #trailing = 0

  constructor(from: BitReader, first: bigint) {
    this.#from = from
    this.#value = first
  }

  next(): number {
    const from = this.#from
    if (from.bits(1) === 1n) {
      if (from.bits(1) === 1n) {
        this.#leading = Number(from.bits(5))
        const size = Number(from.bits(6))
        this.#trailing = 64 - this.#leading - (size === 0 ? 64 : size)
      }
      this.#value ^= from.bits(64 - this.#leading - this.#trailing) << BigInt(this.#trailing)
    }
    return floatOf(this.#value)
  }
}
