const FIRST_SLOTS = 65_536

/** A set of 64-bit keys other than 0 in one block of memory: 16 bytes a key at the most while it grows, no objects. */
export class KeySet {
  size = 0
  #slots = new BigUint64Array(FIRST_SLOTS)

  has(key: bigint): boolean {
    return this.#slots[this.#slotOf(key)] === key
  }

  /** The key must not be 0, which means an empty slot. */
  add(key: bigint): void {
    const slot = this.#slotOf(key)
    if (this.#slots[slot] === key) return
    this.#slots[slot] = key
    this.size += 1
    if (this.size * 2 > this.#slots.length) this.#grow()
  }

  /** The slot that has the key, or the empty one where it would be. Keys are hashes: their low bits are as good as any. */
  #slotOf(key: bigint): number {
    const mask = this.#slots.length - 1
    let slot = Number(key & BigInt(mask))
    for (;;) {
      const found = this.#slots[slot]
      if (found === key || found === 0n) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const keys = this.#slots.filter((key) => key !== 0n)
    this.#slots = new BigUint64Array(this.#slots.length * 2)
    for (const key of keys) this.#slots[this.#slotOf(key)] = key
  }
}
