import type { ByteClass } from './byte-class.ts'

/** Bits of a 32-bit number but the one of the sign. */
const BITS = 31

/**
 * Looks for several rows of byte classes at once, one step a byte whatever the rows (the shift-and method: one bit for
 * each place of each row, which is set when the bytes so far fit up to there).
 */
export class ByteRows {
  readonly #banks: Bank[] = []

  constructor(rows: readonly (readonly ByteClass[])[]) {
    rows.forEach((row, index) => {
      const last = this.#banks.at(-1)
      const bank = last !== undefined && last.used + row.length <= BITS ? last : new Bank()
      if (bank !== last) this.#banks.push(bank)
      bank.add(row, index)
    })
  }

  /** Calls back with the index of each row that stands somewhere in the bytes. */
  find(bytes: Uint8Array, start: number, end: number, onFound: (row: number) => void): void {
    for (const bank of this.#banks) bank.find(bytes, start, end, onFound)
  }
}

class Bank {
  used = 0
  readonly #places = new Int32Array(256)
  #starts = 0
  #ends = 0
  readonly #rowByEnd = new Map<number, number>()

  add(row: readonly ByteClass[], index: number): void {
    this.#starts |= 1 << this.used
    for (const bytes of row) {
      for (let byte = 0; byte < 256; byte++) {
        if (bytes[byte] === 1) this.#places[byte] = (this.#places[byte] ?? 0) | (1 << this.used)
      }
      this.used += 1
    }
    this.#ends |= 1 << (this.used - 1)
    this.#rowByEnd.set(1 << (this.used - 1), index)
  }

  find(bytes: Uint8Array, start: number, end: number, onFound: (row: number) => void): void {
    const places = this.#places
    const starts = this.#starts
    const ends = this.#ends
    let state = 0
    let found = 0
    for (let i = start; i < end; i++) {
      state = ((state << 1) | starts) & (places[bytes[i] ?? 0] ?? 0)
      found |= state & ends
    }
    if (found === 0) return
    for (const [bit, row] of this.#rowByEnd) if ((found & bit) !== 0) onFound(row)
  }
}
