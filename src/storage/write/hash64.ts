const scratch = { bytes: new Uint8Array(1024), view: new DataView(new ArrayBuffer(0)) }
scratch.view = new DataView(scratch.bytes.buffer)
const utf8 = new TextEncoder()

/**
 * A 64-bit hash in two 32-bit lanes, so that it needs no BigInt: multiply-rotate rounds over eight bytes at a time and
 * a final avalanche, in the manner of Murmur3. It is not keyed: it tells series of one tenant apart, it guards nothing.
 *
 * Ids of series and streams are stored, so what it computes must never change. Lanes are signed 32-bit integers,
 * which V8 keeps without allocating.
 */
export class Hash64 {
  low = 0
  high = 0

  start(seedLow = 0, seedHigh = 0): void {
    this.low = seedLow
    this.high = seedHigh
  }

  /** Mixes in bytes `[start, end)` and their number, so that adjacent parts cannot run into each other. */
  bytes(view: DataView, start: number, end: number): void {
    let at = start
    for (; at + 8 <= end; at += 8) this.words(view.getInt32(at, true), view.getInt32(at + 4, true))
    let low = 0
    let high = 0
    for (let shift = 0; at < end; at++, shift += 8) {
      if (shift < 32) low |= view.getUint8(at) << shift
      else high |= view.getUint8(at) << (shift - 32)
    }
    this.words(low, high ^ (end - start))
  }

  text(value: string): void {
    if (scratch.bytes.length < 3 * value.length) {
      scratch.bytes = new Uint8Array(6 * value.length)
      scratch.view = new DataView(scratch.bytes.buffer)
    }
    this.bytes(scratch.view, 0, utf8.encodeInto(value, scratch.bytes).written)
  }

  /** Mixes in 64 bits. */
  words(low: number, high: number): void {
    let a = Math.imul(low, 0x239b961b)
    a = Math.imul((a << 15) | (a >>> 17), 0xab0e9789)
    a ^= this.low
    a = ((a << 19) | (a >>> 13)) + this.high
    this.low = (Math.imul(a, 5) + 0x561ccd1b) | 0

    let b = Math.imul(high, 0x38b34ae5)
    b = Math.imul((b << 17) | (b >>> 15), 0xa1e38b93)
    b ^= this.high
    b = ((b << 17) | (b >>> 15)) + this.low
    this.high = (Math.imul(b, 5) + 0x0bcaa747) | 0
  }

  /** Ends the hash: every bit of `low` and `high` now depends on every bit of the input. */
  finish(): void {
    let a = (this.low + this.high) | 0
    let b = (this.high + a) | 0
    a = avalanche(a)
    b = avalanche(b)
    this.low = (a + b) | 0
    this.high = (b + this.low) | 0
  }
}

function avalanche(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
