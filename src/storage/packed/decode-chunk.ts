import { AppError } from '../../core/index.ts'
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

/** How many samples the chunk has that begins at `start`. */
export function samplesOfChunk(bytes: Uint8Array, start: number): number {
  return (bytes[start + 2] ?? 0) | ((bytes[start + 3] ?? 0) << 8)
}

/** Whether there are stale markers among its values. */
export function isStaleChunk(bytes: Uint8Array, start: number): boolean {
  return ((bytes[start] ?? 0) & STALE_FLAG) !== 0
}

/** Two lists side by side into which chunks are unpacked. */
export class UnpackedSamples {
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly #valueBytes: Uint8Array

  constructor(timesMs: Float64Array, values: Float64Array) {
    this.timesMs = timesMs
    this.values = values
    this.#valueBytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  }

  /**
   * Unpacks the chunk between `start` and `end` of the bytes, whose slot begins at `slotMs`, to place `at` of the lists
   * and after. Returns the place behind. Throws `corrupt` when these bytes are no chunk.
   */
  unpack(bytes: Uint8Array, start: number, end: number, slotMs: number, at: number): number {
    const samples = samplesOfChunk(bytes, start)
    const behind = this.#times(bytes, start, slotMs, at, samples)
    if (this.#values(bytes, behind, bytes[start + 1] ?? 0, at, samples) !== end) throw corrupt()
    return at + samples
  }

  /** Moves the values between two places, to the bit. */
  moveValues(to: number, from: number, end: number): void {
    this.#valueBytes.copyWithin(8 * to, 8 * from, 8 * end)
  }

  /** Returns where the values begin. */
  #times(bytes: Uint8Array, start: number, slotMs: number, at: number, samples: number): number {
    const { timesMs } = this
    const to = at + samples
    let time = slotMs + u32(bytes, start + 4)
    let from = start + HEAD_BYTES
    timesMs[at] = time
    if (samples === 1) return from
    const kind = (bytes[start] ?? 0) & ~STALE_FLAG
    if (kind === TIMES_ANY) {
      for (let i = at + 1; i < to; i++, from += 4) timesMs[i] = slotMs + u32(bytes, from)
      return from
    }
    const step = u32(bytes, from)
    from += 4
    if (kind === TIMES_EVERY) {
      for (let i = at + 1; i < to; i++) {
        time += step
        timesMs[i] = time
      }
    } else if (kind === TIMES_ABOUT_8) {
      for (let i = at + 1; i < to; i++, from++) {
        time += step + (((bytes[from] ?? 0) << 24) >> 24)
        timesMs[i] = time
      }
    } else if (kind === TIMES_ABOUT_16) {
      for (let i = at + 1; i < to; i++, from += 2) {
        time += step + i16(bytes, from)
        timesMs[i] = time
      }
    } else throw corrupt()
    return from
  }

  /** Returns where the chunk ends. */
  #values(bytes: Uint8Array, start: number, kind: number, at: number, samples: number): number {
    if (kind === VALUES_RAW) {
      const end = start + 8 * samples
      this.#valueBytes.set(bytes.subarray(start, end), 8 * at)
      return end
    }
    if (kind === VALUES_SAME) {
      this.#valueBytes.set(bytes.subarray(start, start + 8), 8 * at)
      this.#repeat(at, samples)
      return start + 8
    }
    const places = bytes[start] ?? 0
    this.#valueBytes.set(bytes.subarray(start + 1, start + 9), 8 * at)
    const end = this.#sums(bytes, start + 9, kind, at, samples)
    if (places > 0) this.#divide(POWERS_OF_TEN[places] ?? Number.NaN, at, samples)
    return end
  }

  /** As bytes, because the value may be a stale marker. */
  #repeat(at: number, samples: number): void {
    const bytes = this.#valueBytes
    for (let done = 1; done < samples; done *= 2) {
      bytes.copyWithin(8 * (at + done), 8 * at, 8 * (at + Math.min(done, samples - done)))
    }
  }

  #sums(bytes: Uint8Array, start: number, kind: number, at: number, samples: number): number {
    const { values } = this
    const to = at + samples
    let from = start
    let sum = values[at] ?? 0
    if (kind === VALUES_STEP_8) {
      for (let i = at + 1; i < to; i++, from++) {
        sum += ((bytes[from] ?? 0) << 24) >> 24
        values[i] = sum
      }
    } else if (kind === VALUES_STEP_16) {
      for (let i = at + 1; i < to; i++, from += 2) {
        sum += i16(bytes, from)
        values[i] = sum
      }
    } else if (kind === VALUES_STEP_32) {
      for (let i = at + 1; i < to; i++, from += 4) {
        sum += u32(bytes, from) | 0
        values[i] = sum
      }
    } else throw corrupt()
    return from
  }

  #divide(divisor: number, at: number, samples: number): void {
    const { values } = this
    for (let i = at; i < at + samples; i++) values[i] = (values[i] ?? 0) / divisor
  }
}

function i16(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) << 16) >> 16
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  )
}

function corrupt(): AppError {
  return new AppError('corrupt', 'packed samples: these bytes are no chunk')
}
