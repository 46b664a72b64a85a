/** Writes bits one behind the other, the highest of each byte first. */
export class BitWriter {
  #bytes: Uint8Array
  #bits = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** The lowest `count` bits of a 32-bit number, of a negative one those of its two's complement; at most 32. */
  number(value: number, count: number): void {
    if (this.#bits + count > 8 * this.#bytes.length) this.#grow()
    for (let left = count; left > 0; ) {
      const free = 8 - (this.#bits & 7)
      const take = Math.min(free, left)
      const part = (value >>> (left - take)) & ((1 << take) - 1)
      const at = this.#bits >> 3
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (part << (free - take))
      this.#bits += take
      left -= take
    }
  }

  /** The lowest `count` bits of the 64 that two halves make. */
  halves(high: number, low: number, count: number): void {
    if (count > 32) this.number(high, count - 32)
    this.number(low, Math.min(count, 32))
  }

  /** The lowest `count` bits, of a negative number those of its two's complement. */
  bigint(value: bigint, count: number): void {
    this.halves(Number((value >> 32n) & 0xffff_ffffn), Number(value & 0xffff_ffffn), count)
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

  /** By eight bytes at least. */
  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length + 8)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
