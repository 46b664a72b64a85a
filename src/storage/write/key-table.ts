/**
 * Numbers 64-bit keys 0, 1, 2, … in the order in which they are added. An open-addressing table in typed arrays: a
 * million entries cost no object. Whoever keeps something per key puts it into an array by that number.
 */
export class KeyTable {
  size = 0
  #lows = new Int32Array(INITIAL_KEYS)
  #highs = new Int32Array(INITIAL_KEYS)
  /** Number + 1; 0 is free. Twice as many as there is room for keys. */
  #slots = new Int32Array(2 * INITIAL_KEYS)

  /** The key's number, or -1. */
  find(low: number, high: number): number {
    const mask = this.#slots.length - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] ?? 0) - 1
      if (number < 0) return -1
      if (this.#lows[number] === low && this.#highs[number] === high) return number
    }
  }

  /** Adds a key that `find` has not found. Keys must be well mixed: their low bits choose the slot. */
  add(low: number, high: number): number {
    if (this.size === this.#lows.length) this.#grow()
    const number = this.size++
    this.#lows[number] = low
    this.#highs[number] = high
    this.#place(number)
    return number
  }

  clear(): void {
    this.size = 0
    this.#slots.fill(0)
  }

  #place(number: number): void {
    const mask = this.#slots.length - 1
    let slot = (this.#lows[number] ?? 0) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = number + 1
  }

  #grow(): void {
    this.#lows = doubled(this.#lows)
    this.#highs = doubled(this.#highs)
    this.#slots = new Int32Array(2 * this.#slots.length)
    for (let number = 0; number < this.size; number++) this.#place(number)
  }
}

const INITIAL_KEYS = 256

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(2 * values.length)
  bigger.set(values)
  return bigger
}
