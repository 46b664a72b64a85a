/** Writes bits one behind the other, the highest of each byte first. */
export class BitWriter {
  #bytes: Uint8Array
  #bits = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** The lowest `count` bits of a number, the highest of them first. */
  number(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.bit(Math.floor(value / 2 ** i) % 2)
  }

  /** The lowest `count` bits, of a negative number those of its two's complement. */
  bigint(value: bigint, count: number): void {
    for (let i = BigInt(count - 1); i >= 0n; i--) this.bit(Number((value >> i) & 1n))
  }

  bit(bit: number): void {
    const at = this.#bits >> 3
    if (at === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    if (bit !== 0) this.#bytes[at] = (this.#bytes[at] ?? 0) | (0x80 >> (this.#bits & 7))
    this.#bits += 1
  }

  /** A varint in whole bytes, at whatever bit it begins. */
  varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    while (rest >= 0x80n) {
      this.number(Number(rest & 0x7fn) | 0x80, 8)
      rest >>= 7n
    }
    this.number(Number(rest), 8)
  }

  /** What was written, with zeros up to the next whole byte. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.#bits / 8))
  }
}
