import { formatFloatSample } from '../../query/index.ts'

const CHUNK_BYTES = 1 << 20
/** Of memory that is asked for at once; what of it nobody writes to is never there. */
const MOST_AT_ONCE = 1 << 28
/** More than any number with what stands around it. */
const ROOM = 64
const [ZERO, POINT, MINUS] = [48, 46, 45]
const TEXT = new TextEncoder()

/**
 * A long text as UTF-8, written piece by piece: an answer of millions of numbers, each of which would be a string and a part
 * of longer ones else.
 */
export class ByteText {
  readonly #full: Uint8Array[] = []
  #chunk: Uint8Array<ArrayBuffer>
  #at = 0
  #fullBytes = 0

  /** `expected` bytes find room at once; more may come. */
  constructor(expected = 4_096) {
    this.#chunk = new Uint8Array(Math.min(MOST_AT_ONCE, expected))
  }

  add(text: string): void {
    // A character is three bytes at most.
    this.#reserve(3 * text.length)
    this.#at += TEXT.encodeInto(text, this.#chunk.subarray(this.#at)).written
  }

  /** Bytes `from` up to `to`, which are few. */
  addBytes(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from)
    const chunk = this.#chunk
    let at = this.#at
    for (let i = from; i < to; i++) chunk[at++] = bytes[i] ?? 0
    this.#at = at
  }

  /** As `formatFloatSample` writes it. */
  addFloat(value: number): void {
    this.#reserve(ROOM)
    const digits = Math.abs(value)
    if (digits < 2 ** 31 && Math.trunc(digits) === digits && !Object.is(value, -0)) {
      if (value < 0) this.#chunk[this.#at++] = MINUS
      this.#addWhole(digits, 1)
    } else if (digits < MOST && digits >= LEAST && this.#isShort(digits)) {
      if (value < 0) this.#chunk[this.#at++] = MINUS
      this.#addShort(digits)
    } else this.#addAscii(digits >= LEAST && digits < EXPONENT ? String(value) : formatFloatSample(value))
  }

  /** All that was added; nothing can be added afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    const last = this.#chunk.subarray(0, this.#at)
    if (this.#full.length === 0) return last
    const whole = new Uint8Array(this.#fullBytes + last.length)
    let at = 0
    for (const part of [...this.#full, last]) {
      whole.set(part, at)
      at += part.length
    }
    this.#full.length = 0
    return whole
  }

  /** Whether it is a decimal of at most six places: then that is the shortest text that means this number. */
  #isShort(value: number): boolean {
    return Math.round(value * SCALE) / SCALE === value
  }

  #addShort(value: number): void {
    // Below 2 ** 53, so exact, as is what is taken off.
    const whole = Math.trunc(value)
    let rest = Math.round(value * SCALE) - whole * SCALE
    let places = PLACES
    while (rest % 10 === 0 && places > 1) {
      rest /= 10
      places -= 1
    }
    this.#addWhole(whole, 1)
    this.#chunk[this.#at++] = POINT
    this.#addWhole(rest, places)
  }

  /** Below 2 ** 31; with zeros in front up to the width. */
  #addWhole(value: number, width: number): void {
    const chunk = this.#chunk
    let size = width
    for (let limit = POWERS[width] ?? Infinity; value >= limit; limit *= 10) size += 1
    let rest = value | 0
    for (let at = this.#at + size - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0
      chunk[at] = ZERO + rest - 10 * tenth
      rest = tenth
    }
    this.#at += size
  }

  #addAscii(text: string): void {
    const chunk = this.#chunk
    let at = this.#at
    for (let i = 0; i < text.length; i++) chunk[at++] = text.charCodeAt(i)
    this.#at = at
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#chunk.length) return
    this.#full.push(this.#chunk.subarray(0, this.#at))
    this.#fullBytes += this.#at
    this.#chunk = new Uint8Array(Math.max(bytes, Math.min(CHUNK_BYTES, 2 * this.#chunk.length)))
    this.#at = 0
  }
}

const PLACES = 6
const SCALE = 10 ** PLACES
/** Times `SCALE` it is below 2 ** 53, with fifteen digits at most: no shorter text means the same number. */
const MOST = 1e9
/** Smaller ones are written with an exponent from some point on. */
const LEAST = 1e-6
/** From here on, too. */
const EXPONENT = 1e21
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
