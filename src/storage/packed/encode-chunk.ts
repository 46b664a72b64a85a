import { isStaleAt } from '../../model/index.ts'
import {
  HEAD_BYTES,
  POWERS_OF_TEN,
  STALE_FLAG,
  TIMES_ABOUT_16,
  TIMES_ABOUT_8,
  TIMES_ANY,
  TIMES_EVERY,
  VALUES_RAW,
  VALUES_SAME,
  VALUES_STEP_16,
  VALUES_STEP_32,
  VALUES_STEP_8,
} from './chunk.ts'

/** Samples `from` to `to` of two lists side by side. */
export interface Stretch {
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly from: number
  readonly to: number
  /** Where their slot begins. */
  readonly slotMs: number
}

/** Widths of differences in bytes. */
type Width = 1 | 2 | 4

/** Packs samples as `chunk.ts` says. One encoder packs many chunks, one after the other, into the same memory. */
export class ChunkEncoder {
  #bytes = new Uint8Array(4_096)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  #scaled = new Float64Array(256)
  /** Decimal places of the chunk before: most likely those of the next. */
  #places = 0

  /** The chunk of at least one sample; it is overwritten by the next one. Times ascend, and lie in the slot. */
  encode(stretch: Stretch): Uint8Array {
    const { timesMs, values, from, to, slotMs } = stretch
    const samples = to - from
    this.#reserve(HEAD_BYTES + 16 + 12 * samples)
    this.#at = HEAD_BYTES
    const times = this.#times(stretch)
    const slice = values.subarray(from, to)
    const stale = hasStaleMarker(slice) ? STALE_FLAG : 0
    const kind = this.#values(slice)
    this.#bytes[0] = times | stale
    this.#bytes[1] = kind
    this.#view.setUint16(2, samples, true)
    this.#view.setUint32(4, (timesMs[from] ?? 0) - slotMs, true)
    return this.#bytes.subarray(0, this.#at)
  }

  #times({ timesMs, from, to, slotMs }: Stretch): number {
    if (to - from === 1) return TIMES_EVERY
    const first = timesMs[from] ?? 0
    const last = timesMs[to - 1] ?? 0
    const step = Math.round((last - first) / (to - from - 1))
    let most = 0
    for (let i = from + 1; i < to; i++) {
      most = Math.max(most, Math.abs((timesMs[i] ?? 0) - (timesMs[i - 1] ?? 0) - step))
    }
    if (most > 0x7fff) {
      for (let i = from + 1; i < to; i++) this.#u32((timesMs[i] ?? 0) - slotMs)
      return TIMES_ANY
    }
    this.#u32(step)
    if (most === 0) return TIMES_EVERY
    const width = most > 0x7f ? 2 : 1
    for (let i = from + 1; i < to; i++) {
      this.#difference((timesMs[i] ?? 0) - (timesMs[i - 1] ?? 0) - step, width)
    }
    return width === 1 ? TIMES_ABOUT_8 : TIMES_ABOUT_16
  }

  #values(values: Float64Array): number {
    if (allSame(values)) {
      this.#raw(values.subarray(0, 1))
      return VALUES_SAME
    }
    const places = this.#placesOf(values)
    const width = places === undefined ? undefined : widthOf(this.#scaled, values.length)
    if (places === undefined || width === undefined) {
      this.#raw(values)
      return VALUES_RAW
    }
    this.#places = places
    const scaled = this.#scaled
    this.#bytes[this.#at] = places
    this.#view.setFloat64(this.#at + 1, scaled[0] ?? 0, true)
    this.#at += 9
    for (let i = 1; i < values.length; i++) this.#difference((scaled[i] ?? 0) - (scaled[i - 1] ?? 0), width)
    return KIND_OF_WIDTH[width]
  }

  /** With how many decimal places all values are whole numbers, which are in `#scaled` then. */
  #placesOf(values: Float64Array): number | undefined {
    if (this.#scaled.length < values.length) this.#scaled = new Float64Array(2 * values.length)
    // Fewer make smaller differences, but those of the last chunk are right mostly, and whole numbers need none.
    if (isScaled(values, 0, this.#scaled)) return 0
    if (this.#places > 0 && isScaled(values, this.#places, this.#scaled)) return this.#places
    for (let places = 1; places < POWERS_OF_TEN.length; places++) {
      if (isScaled(values, places, this.#scaled)) return places
    }
    return undefined
  }

  /** As bytes: a NaN's bits must not be touched. */
  #raw(values: Float64Array): void {
    this.#bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.#at)
    this.#at += values.byteLength
  }

  #u32(value: number): void {
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  #difference(value: number, width: Width): void {
    if (width === 1) this.#view.setInt8(this.#at, value)
    else if (width === 2) this.#view.setInt16(this.#at, value, true)
    else this.#view.setInt32(this.#at, value, true)
    this.#at += width
  }

  #reserve(length: number): void {
    if (this.#bytes.length >= length) return
    this.#bytes = new Uint8Array(2 * length)
    this.#view = new DataView(this.#bytes.buffer)
  }
}

const KIND_OF_WIDTH = { 1: VALUES_STEP_8, 2: VALUES_STEP_16, 4: VALUES_STEP_32 } as const
/** Sums of integers up to here are exact. */
const MAX_EXACT = 2 ** 52

function isScaled(values: Float64Array, places: number, into: Float64Array): boolean {
  const factor = POWERS_OF_TEN[places] ?? 1
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    const scaled = Math.round(value * factor)
    // Also false for NaN and infinity. Zero may be negative, which an integer cannot be.
    if (!(Math.abs(scaled) <= MAX_EXACT) || scaled / factor !== value || (value === 0 && 1 / value < 0)) return false
    into[i] = scaled
  }
  return true
}

function widthOf(scaled: Float64Array, length: number): Width | undefined {
  let least = 0
  let most = 0
  for (let i = 1; i < length; i++) {
    const difference = (scaled[i] ?? 0) - (scaled[i - 1] ?? 0)
    if (difference < least) least = difference
    if (difference > most) most = difference
  }
  if (least >= -0x80 && most <= 0x7f) return 1
  if (least >= -0x8000 && most <= 0x7fff) return 2
  return least >= -0x8000_0000 && most <= 0x7fff_ffff ? 4 : undefined
}

/** Bit by bit. */
function allSame(values: Float64Array): boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  const [low, high] = words
  for (let i = 2; i < words.length; i += 2) if (words[i] !== low || words[i + 1] !== high) return false
  return true
}

function hasStaleMarker(values: Float64Array): boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]) && isStaleAt(words, i)) return true
  return false
}
